/* lstm.h: what the LSTM's C files share: where its weights lie, what a training step keeps.
 *
 * Letters: B batch, T time, V vocabulary, H hidden, L layers.
 */
#ifndef L2C_LSTM_H
#define L2C_LSTM_H

#include "l2c.h"
#include "stored.h"
#include "threads.h"

enum { MAX_LAYERS = 16 };

/* Offsets of the tensors in the array of all weights, in the order in which they lie there. */
struct lstm_offsets {
    size_t Wx[MAX_LAYERS]; /* [V or H][4H] */
    size_t Wh[MAX_LAYERS]; /* [H][4H] */
    size_t b[MAX_LAYERS];  /* [4H] */
    size_t gain;           /* [H], with layer_norm */
    size_t out_W;          /* [V][H] */
    size_t out_b;          /* [V] */
    size_t count;          /* of all weights */
    /* Stretches of memory that end here; the matrices in the even ones decay, the vectors in the
     * odd ones do not. */
    size_t ends[2 * MAX_LAYERS + 2], stretches;
};

struct lstm_offsets lstm_offsets(const l2c_lstm_shape *shape);

/* A training step: its arguments, and where in the workspace everything lies. Arrays run time
 * first, so that [T][B] is also one long list of rows. */
struct lstm_training {
    l2c_lstm_shape shape;
    struct lstm_offsets at;
    size_t B, T;

    const float *parameters;
    const int32_t *tokens; /* [B][T+1] */
    const float *weights;  /* [B][T] */
    double total_weight;
    float *hidden, *cell; /* [L][B][H] in and out */
    float *gradient;      /* [count] */

    float *w, *m, *v; /* [count] what Adam changes; NULL when only the gradient is wanted */
    l2c_adam adam;
    l2c_lstm_dropout dropout;

    double loss;
    int status;

    float *h[MAX_LAYERS];      /* [T+1][B][H] */
    float *c[MAX_LAYERS];      /* [T+1][B][H] */
    float *tanh_c[MAX_LAYERS]; /* [T][B][H] */
    float *g[MAX_LAYERS];      /* [T][B][4H] gates i, f, g, o, then their gradients */
    float *normal;             /* [T][B][H] the top layer's h with mean 0 and variance 1 */
    float *scale;              /* [T][B] what it was multiplied by */
    float *y;                  /* [T][B][H] what the output layer reads */
    float *logits;             /* [T][B][V], then their gradients */
    float *dy, *dh;            /* [T][B][H] gradients of y, and of a layer's h */
    float *dc;                 /* [B][H] gradient of c on the way back */
    double *losses;            /* [T][B] */
    double *squares;           /* one sum of squared gradients for every NORM_BLOCK weights */

    float *thinned[MAX_LAYERS]; /* [H][4H] Wh without what dropout takes; NULL when it takes none */
    float *Wh[MAX_LAYERS], *Wh_t[MAX_LAYERS]; /* packed for gemm; Wh in strips when B is 1 */
    float *Wx[MAX_LAYERS], *Wx_t[MAX_LAYERS]; /* the same, from the second layer on */
    float *out_W, *out_W_t;
    float *scratch; /* for gemm_tn and gemv_turned, one part for each thread */
};

/* The matrices of reading: in f32 in the strips of gemm.h, in q8_0 as stored.h has them. */
struct lstm_ready {
    const float *Wx[MAX_LAYERS]; /* from the second layer on */
    const float *Wh[MAX_LAYERS];
    const float *out_W;
};

/* Reading and writing one stream: its arguments, and scratch memory. */
struct lstm_stream {
    l2c_lstm_shape shape;
    struct lstm_offsets at;
    const float *parameters;
    int storage;
    struct lstm_ready ready;
    struct rounded_rows rounded; /* [1][H] what whole numbers are multiplied with */
    float *hidden, *cell; /* [L][H] in and out */

    float *g;       /* [4H] */
    float *y;       /* [H] */
    float *logits;  /* [V] */
    float *p;       /* [V] */
    float *sampling;
};

struct lstm_text {
    int32_t *tokens;
    float *log_probabilities;
    size_t *written;
    int *stopped;
    int32_t *recent;
    uint64_t *position;
    const l2c_sampler *sampler;
    uint64_t seed;
    size_t n;
};

/* generate.simd.c */
typedef void lstm_read_function(const struct lstm_stream *s, float *logits, const int32_t *tokens,
                                size_t time, int every_step);
typedef int lstm_generate_function(const struct lstm_stream *s, const struct lstm_text *text);

#endif
