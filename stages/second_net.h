/* second_net.h - the network behind second.h: its layers and the three ways to add up. */
#ifndef STAGES_SECOND_NET_H
#define STAGES_SECOND_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/rc.h"

#define LAYERS_MAX 24
#define LANES 16 /* outputs that are added up together */

/*
 * One convolution.  The window of an output is cut into taps, runs of bytes that lie together: with dilation 1 a row
 * of the window is one tap, otherwise every column of it is.  Weights are packed [block of 16 outputs][tap][4 bytes
 * of the run][16 outputs][4], a run filled up with zeros to four.
 */
struct layer {
    int in, out, rows, columns, dilation, pool_y, pool_x;
    bool add_input, raw;
    float share;          /* of the input that is added, when add_input */
    float *factor, *offset; /* of each output, filled up to whole blocks */
    int taps, run;        /* run: in fours */
    int8_t *packed;
};

struct net {
    struct layer layers[LAYERS_MAX];
    unsigned count;
    uint32_t *letters; /* of class n: letters[n - 1] */
    unsigned classes;  /* with the blank */
    uint32_t crc;
};

/* One row of outputs: taps[t] points at the first byte of tap t for the first of them, the next is `step` bytes on. */
struct row_work {
    const struct layer *layer;
    const uint8_t *const *taps;
    size_t step;
    int pixels;
    const uint8_t *input; /* what is added, or NULL */
    uint8_t *out;         /* [pixels][layer->out], when not raw */
    float *raw;           /* [pixels][layer->out], when raw */
};

typedef void row_kernel(const struct row_work *work);

row_kernel second_row_scalar, second_row_avx2, second_row_avx512;
bool second_has_avx2(void);
bool second_has_avx512(void);

/* Parse and pack; everything is allocated and stays until net_free.  RC_INPUT: not such a file, or damaged. */
MUST_USE enum rc net_load(struct bytes file, struct net *net);
void net_free(struct net *net);
/*
 * The scores of all classes for every fourth column: *scores is [*columns][net->classes], in arena.  pixels: height
 * rows of width bytes, 0 ground to 127 ink.
 */
MUST_USE enum rc net_run(const struct net *net, row_kernel *kernel, const uint8_t *pixels, int width, int height,
                         struct arena *arena, float **scores, int *columns);

#endif
