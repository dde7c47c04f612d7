/*
 * cell_wire.h - the frames between cell.c, its host and the caged child.
 *
 * Control socket: HELLO, then for each call RUN down and DONE up.  Result pipe: ARTIFACT
 * frames and one END frame from the child; nothing else is believed.
 */
#ifndef SYS_CELL_WIRE_H
#define SYS_CELL_WIRE_H

#include <stdint.h>

enum cell_frame {
    CELL_HELLO = 1,    /* u32 lacks, u32 rc, text what, where, cure, versions ("name value" lines) */
    CELL_RUN = 2,      /* struct cell_call, see cell.c; descriptors: output, bundle, inputs      */
    CELL_DONE = 3,     /* u8 how it ended (enum cell_end), u8 timed out, u32 cpu ms, u32 peak KiB */
    CELL_ARTIFACT = 4, /* u8 kind, u32 page, then the bytes                                      */
    CELL_END = 5       /* u8 rc, u8 verdict, u16 reason, u32 detail, u32 artifacts, u64 bytes    */
};

enum cell_end {
    CELL_EXITED = 0,    /* status 0 */
    CELL_TIME = 1,      /* CPU or wall clock      */
    CELL_MEMORY = 2,    /* it said so itself, or died at its ceiling */
    CELL_FILE_SIZE = 3, /* wrote too much         */
    CELL_FAILED = 4,    /* another status         */
    CELL_KILLED = 5     /* another signal         */
};

/* Exit statuses of a child that the host understands. */
#define CELL_STATUS_MEMORY 3
#define CELL_STATUS_CAGE 4 /* could not lock itself in */

#define CELL_CONTROL_FD 3
#define CELL_INPUTS_MAX 8192
#define CELL_REQUEST_MAX (1u << 20)
#define CELL_HEAD_SIZE 5 /* of an ARTIFACT frame */

#endif
