/* l2c_llama.h: the Llama's part of l2c.h, which includes it; what is said there holds here too.
 *
 * Options that a plain Llama does not have are 0 where a shape leaves them out.
 *
 * Letters: B batch, T time, V vocabulary, D dim, H heads, G kv_heads, E head (D / H), F hidden,
 * L layers.
 */
#ifndef L2C_LLAMA_INTERFACE_H
#define L2C_LLAMA_INTERFACE_H

#include "l2c.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

enum { L2C_LLAMA_PAGE = 64 }; /* positions of a stream in one page of its cache */

typedef struct {
    size_t vocab_size;     /* V in [1, 262144] */
    size_t dim;            /* D in [2, 16384], a multiple of 2 H */
    size_t layers;         /* L in [1, 128] */
    size_t heads;          /* H in [1, 256]; E = D / H */
    size_t kv_heads;       /* G, a divisor of H */
    size_t hidden;         /* F in [1, 65536] */
    size_t context;        /* in [1, 2^20]: how many tokens a token sees, itself included */
    int tied;              /* 1: the embedding is the output's matrix too */
    double rope_theta;     /* [1, 1e9] */
    double norm_epsilon;   /* [1e-12, 0.1] */
    int qk_norm;           /* 1: every head's queries and keys are normalised */
    double softcap;        /* c in [0, 1e6]: logits become c tanh(logit / c); 0 is off */
    size_t ngram_rows;     /* in [0, 2^24]: rows of the table that two tokens' hash chooses */
} l2c_llama_shape;

/* What the rows of a batch have read before: the last N keys and values, rotated. Of row b only
 * the last lengths[b] are real, and its next token stands at positions[b]. */
typedef struct {
    const float *keys, *values; /* [L][B][N][G E] */
    const int64_t *lengths;     /* [B] in [0, N] */
    const int64_t *positions;   /* [B] in [lengths[b], 2^48) */
    const int32_t *before;      /* [B] the token before the batch, -1 for none; with ngram_rows */
    size_t length;              /* N in [0, 2^20] */
} l2c_llama_past;

/* The cache of one stream, [L][2][G][64 E] a page: for every layer and head its keys [E][64], then
 * its values [64][E]. Page i of the list holds the positions from (first + i) 64 on. From the page
 * of the first token that is seen to that of the last one to be read, all must be there; new ones
 * are filled with zeros. */
typedef struct {
    float *const *pages; /* [count] */
    size_t first, count;
} l2c_llama_pages;

/* All weights of a model lie in one array, P of them, matrices as [outputs][inputs]: the embedding
 * [V][D]; ngram [ngram_rows][D]; for each layer attention_norm [D], wq [D][D], wk and wv [G E][D],
 * with qk_norm q_norm and k_norm [E], wo [D][D], ffn_norm [D], w1 [F][D], w2 [D][F], w3 [F][D]; then norm [D] and, unless tied, output [V][D].
 * 0 for a shape out of range. */
size_t l2c_llama_parameter_count(const l2c_llama_shape *shape);

/* One step of AdamW on a batch read after `past`; only matrices decay. With muon > 0, in (0, 100],
 * the matrices of the layers are moved by Muon at that rate, `m` being their momentum. The batch
 * goes through `at_once` texts at a time, in [1, B], the gradient adding up: fewer take less memory
 * and change no bit. What later batches may see comes back in keys, values and outputs, also where
 * L2C_NOT_FINITE is returned, and is then worth nothing. Otherwise as l2c_lstm_train. */
int l2c_llama_train(float *parameters,     /* [P] in and out */
                    float *m, float *v,    /* [P] Adam's means, in and out */
                    float *keys,           /* [L][B][T][G E] of the batch */
                    float *values,         /* [L][B][T][G E] */
                    float *outputs,        /* [B][D] what the tokens after it are predicted from */
                    double *loss,          /* [1] */
                    const int32_t *tokens, /* [B][T+1] */
                    const float *weights,  /* [B][T] of the losses */
                    const l2c_llama_past *past, const l2c_llama_shape *shape,
                    const l2c_adam *adam, double muon, size_t batch, size_t at_once, size_t time,
                    int threads, float *workspace, size_t workspace_size);

/* The loss on a batch and its gradient, unclipped, without a step. L2C_NOT_FINITE: `gradient`
 * holds what was found. */
int l2c_llama_gradient(float *gradient, /* [P] */
                       float *keys,     /* [L][B][T][G E] */
                       float *values,   /* [L][B][T][G E] */
                       float *outputs,  /* [B][D] */
                       double *loss,    /* [1] */
                       const float *parameters, /* [P] */
                       const int32_t *tokens,   /* [B][T+1] */
                       const float *weights,    /* [B][T] */
                       const l2c_llama_past *past, const l2c_llama_shape *shape, size_t batch,
                       size_t at_once, size_t time, int threads, float *workspace,
                       size_t workspace_size);

/* Enough for both, with muon 1 also for Muon; 0 for a shape or size out of range. */
size_t l2c_llama_train_workspace(const l2c_llama_shape *shape, int muon, size_t past,
                                 size_t batch, size_t at_once, size_t time, int threads);

/* The matrices as reading wants them, to be made once for many calls, by the instruction set that
 * will read. In blocks (q8_0, q4_0) D and F must be multiples of 32; with q4_0 the output's matrix
 * is q8_0. 0 or L2C_BAD_SIZE for a shape or storage out of range. */
size_t l2c_llama_prepared_size(const l2c_llama_shape *shape, int storage);
int l2c_llama_prepare(float *prepared,         /* [l2c_llama_prepared_size] */
                      const float *parameters, /* [P] */
                      const l2c_llama_shape *shape, int storage);

/* Read T >= 0 tokens, the first one at `position`; `before` is the token before it, -1 for none,
 * and counts with ngram_rows. With every_step 1 `logits` is [T][V], one row
 * after every token; with 0 it is [V], after the last token (or after none: what `output`, zeros
 * at the beginning of a stream, predicts). */
int l2c_llama_read(float *logits, float *output,            /* [D] in and out */
                   const l2c_llama_pages *pages,            /* written on */
                   const float *parameters,                 /* [P] */
                   const float *prepared,                   /* of these parameters */
                   int storage,                             /* as they were prepared */
                   const int32_t *tokens,                   /* [T] */
                   int32_t before, const l2c_llama_shape *shape, uint64_t position, size_t time,
                   int every_step, float *workspace, size_t workspace_size);

/* Write up to n tokens from where the stream stands; otherwise as l2c_lstm_generate. */
int l2c_llama_generate(int32_t *tokens,              /* [n] */
                       float *log_probabilities,     /* [n] */
                       size_t *written,              /* [1] */
                       int *stopped,                 /* [1] 1 when a stop token ended the text */
                       float *output,                /* [D] in and out */
                       const l2c_llama_pages *pages, /* written on */
                       int32_t *recent,              /* [L2C_RECENT] in and out */
                       uint64_t *position,           /* [1] in and out */
                       const float *parameters,      /* [P] */
                       const float *prepared,        /* of these parameters */
                       int storage,                  /* as they were prepared */
                       const l2c_llama_shape *shape, const l2c_sampler *sampler, uint64_t seed,
                       size_t n, float *workspace, size_t workspace_size);

/* Enough for reading and for generating. */
size_t l2c_llama_read_workspace(const l2c_llama_shape *shape);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
