/* llama.h: what the Llama's C files share: where its weights lie, what a training step keeps.
 *
 * Letters: B batch, T time, P past, V vocabulary, D dim, H heads, G kv_heads, E head (D / H),
 * F hidden, L layers, Q = D + 2 G E: queries, keys and values of a token side by side.
 */
#ifndef L2C_LLAMA_H
#define L2C_LLAMA_H

#include "l2c.h"
#include "stored.h"
#include "threads.h"

enum {
    MAX_LAYERS = 128,
    PAGE = L2C_LLAMA_PAGE,
    BLOCK = 96,       /* rows that go through a layer's products together */
    QUERY_ROWS = 48,  /* and through attention */
    ALIGNMENT = 16     /* floats: a cache line, and the widest vector */
};

static const uint64_t MAX_POSITION = (uint64_t)1 << 48;

/* A layer's matrices, all [outputs][inputs]; the first is wq, wk and wv, which lie in one piece. */
enum { WQKV, WO, W1, W2, W3, MATRICES };

typedef struct {
    size_t at, outputs, inputs;
} llama_matrix;

/* Offsets of the tensors in the array of all weights, in the order in which they lie there. */
struct llama_offsets {
    size_t embedding; /* [V][D] */
    size_t ngram;     /* [ngram_rows][D] */
    size_t attention_norm[MAX_LAYERS], ffn_norm[MAX_LAYERS], norm; /* [D] */
    size_t q_norm[MAX_LAYERS], k_norm[MAX_LAYERS];                 /* [E] with qk_norm */
    llama_matrix matrix[MAX_LAYERS][MATRICES];
    llama_matrix output; /* [V][D], the embedding where they are tied */
    size_t count;        /* of all weights */
    /* Stretches of memory that end here; the matrices in the even ones decay, the norms in the odd
     * ones do not. */
    size_t ends[8 * MAX_LAYERS + 3], stretches;
};

int llama_shape_fits(const l2c_llama_shape *shape);
int llama_tokens_fit(const int32_t *tokens, size_t n, size_t vocab_size);
int llama_before_fits(int32_t before, size_t vocab_size); /* a token, or -1 for none */
struct llama_offsets llama_offsets_of(const l2c_llama_shape *shape);

static inline size_t llama_head(const l2c_llama_shape *s) { return s->dim / s->heads; }
static inline size_t llama_width(const l2c_llama_shape *s)
{
    return s->dim + 2 * s->kv_heads * llama_head(s);
}

/* The row of the table for a token and the one before it, -1 for none. */
static inline size_t llama_ngram_row(int32_t before, int32_t token, size_t rows)
{
    uint32_t h = (uint32_t)(before + 1) * 0x9E3779B1u ^ (uint32_t)token * 0x85EBCA77u;
    h = (h ^ h >> 15) * 0x2C1B3C6Du;
    return (h ^ h >> 12) % rows;
}

/* In what the output's matrix is kept: four bits hurt most there. */
static inline int llama_output_storage(int storage)
{
    return storage == L2C_Q4_0 ? L2C_Q8_0 : storage;
}

/* Hands out the workspace piece by piece; without memory it only counts. */
struct allotment {
    float *memory;
    size_t used;
};

static inline size_t aligned_size(size_t n) { return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static inline float *allot(struct allotment *a, size_t n)
{
    float *piece = a->memory == NULL ? NULL : a->memory + a->used;
    a->used += aligned_size(n);
    return piece;
}

static inline struct allotment aligned(float *workspace)
{
    size_t past = (uintptr_t)workspace / sizeof(float) % ALIGNMENT;
    return (struct allotment){workspace + (past == 0 ? 0 : ALIGNMENT - past), 0};
}

/* A training step: its arguments, and where in the workspace everything lies. A batch goes through
 * in passes of B texts, its gradient adding up; where arrays say B they hold one pass, where they
 * say A all of it. A row is a token, [B][T]; Q stands for queries, keys and values of a row side by
 * side. */
struct llama_training {
    l2c_llama_shape shape;
    struct llama_offsets at;
    l2c_llama_past past;
    size_t A, B, T;
    size_t first; /* text of this pass */

    const float *parameters;
    const int32_t *tokens; /* [A][T+1] */
    const float *weights;  /* [A][T] */
    double total_weight;
    float *keys, *values; /* [L][A][T][G E] out */
    float *outputs;       /* [A][D] out */
    float *gradient;      /* [count] */

    float *w, *m, *v; /* [count] what Adam changes; NULL when only the gradient is wanted */
    l2c_adam adam;
    double muon; /* its rate; 0: Adam changes everything */

    double loss;
    int status;

    double *frequencies;           /* [E / 2] */
    float *turns;                  /* [rows][E] cosine and sine of every pair */
    float *x[MAX_LAYERS + 1];      /* [rows][D] the stream before a layer, and at its end */
    float *between[MAX_LAYERS];    /* [rows][D] the stream between attention and feed-forward */
    float *qkv[MAX_LAYERS];        /* [rows][Q] rotated */
    float *raw[MAX_LAYERS];        /* [rows][D + G E] with qk_norm: q and k before it */
    float *raw_scale[MAX_LAYERS];  /* [rows][H + G] 1 / rms of them */
    float *most[MAX_LAYERS];       /* [rows][H] the largest score */
    float *share[MAX_LAYERS];      /* [rows][H] 1 / the sum of exp(score - most) */
    float *fetched[MAX_LAYERS];    /* [rows][D] */
    float *gate[MAX_LAYERS];       /* [rows][F] then its gradient */
    float *up[MAX_LAYERS];         /* [rows][F] then its gradient */
    float *scale[2 * MAX_LAYERS + 1]; /* [rows] 1 / rms(x): of attention, of feed-forward; the last */
    float *logits;                 /* [rows][V] then their gradients */
    float *n, *dn;                 /* [rows][D] what matrices read, and its gradient */
    float *inner;                  /* [rows][F] what w2 reads */
    float *dx;                     /* [A][T][D] the stream's gradient */
    float *dfetched;               /* [rows][D] */
    float *dqkv;                   /* [rows][Q] */
    double *losses;                /* [A][T] */
    double *squares;               /* one sum of squared gradients for every NORM_BLOCK weights */

    /* Packed for gemm: transposed for the way forwards, as they are for the way back. */
    float *forward[MAX_LAYERS][MATRICES], *back[MAX_LAYERS][MATRICES];
    float *output_forward, *output_back;

    float *scratch; /* one part for each thread */
    size_t scratch_size;
};

/* Reading and writing one stream: its arguments, and scratch memory. */
struct llama_stream {
    l2c_llama_shape shape;
    struct llama_offsets at;
    const float *parameters;
    const float *prepared; /* aligned to a cache line */
    int storage;
    size_t ready[MAX_LAYERS][MATRICES], ready_output; /* where they lie in `prepared` */
    float *output;                                    /* [D] in and out */
    float *const *pages;                              /* [page_count], each [L][2][G][PAGE E] */
    size_t first_page, page_count;

    double *frequencies; /* [E / 2] */
    float *turns;        /* [BLOCK][E] */
    float *x, *n;        /* [BLOCK][D] */
    float *qkv;          /* [BLOCK][Q] */
    float *fetched;      /* [BLOCK][D] */
    float *gate, *up;    /* [BLOCK][F] */
    float *scores;       /* [H / G][BLOCK][seen] */
    float *packed;       /* [PAGE][E], for gemm */
    struct rounded_rows rounded; /* of BLOCK rows */
    float *widened;      /* for multiply_sixteen */
    float *logits, *p;   /* [V] */
    float *sampling;
};

struct llama_text {
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

/* read.simd.c */
typedef void llama_prepare_function(float *prepared, const float *parameters,
                                    const struct llama_offsets *at, size_t layers, int storage);
typedef void llama_read_function(const struct llama_stream *s, float *logits,
                                 const int32_t *tokens, int32_t before, uint64_t position,
                                 size_t time, int every_step);
typedef int llama_generate_function(const struct llama_stream *s, const struct llama_text *text);

#endif
