/* cell_host.h - what cell.c and cell_start.c share. */
#ifndef LIB_SYS_CELL_HOST_H
#define LIB_SYS_CELL_HOST_H

#include <stdbool.h>
#include <sys/types.h>

struct cell_host {
    pid_t pid;
    int control;
    unsigned lacks;
    char versions[4096];
    bool lost; /* a frame was torn or the host is gone: every further call says RC_IO */
};

#endif
