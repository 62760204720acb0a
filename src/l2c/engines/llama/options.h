/* options.h: what a plain Llama does not have, each off by default, forwards and back.
 *
 *     ngram:   x = embedding[token] + ngram[row], row a hash of the token and the one before
 *     qk_norm: q = rms(q) q_norm, k = rms(k) k_norm for every head, before it is rotated
 *     softcap: logit = c tanh(logit / c)
 *
 * Letters: D dim, E head, V vocabulary.
 */
#ifndef L2C_LLAMA_OPTIONS_H
#define L2C_LLAMA_OPTIONS_H

#include "act.h"
#include "blocks.h"
#include "llama.h"

/* x [D] += the row of these two tokens; `before` is -1 where there is none. */
static inline void add_ngram(float *x, const float *table, int32_t before, int32_t token,
                             size_t rows, size_t D)
{
    const float *row = table + llama_ngram_row(before, token, rows) * D;
    FOR_VECTORS(j, left, D)
        store_first(x + j, load_first(x + j, left, 0) + load_first(row + j, left, 0), left);
}

/* x [heads][E] of one row normalised, in place; scale [heads]. */
static inline void normalise_heads(float *x, float *scale, const float *gain, double epsilon,
                                   size_t heads, size_t E)
{
    for (size_t h = 0; h < heads; h++)
        scale[h] = rms_forward(x + h * E, x + h * E, gain, epsilon, E);
}

/* d [heads][E] becomes the gradient of what was normalised, raw [heads][E]. */
static inline void normalise_heads_backward(float *d, float *scratch, const float *raw,
                                            const float *scale, const float *gain, size_t heads,
                                            size_t E)
{
    for (size_t h = 0; h < heads; h++) {
        memset(scratch, 0, E * sizeof(float));
        rms_backward(scratch, d + h * E, raw + h * E, gain, scale[h], E);
        memcpy(d + h * E, scratch, E * sizeof(float));
    }
}

/* logits [V] capped, in place; kept [V] gets how far each one went towards c. */
static inline void softcap_forward(float *logits, float *kept, float c, size_t V)
{
    FOR_VECTORS(j, left, V) {
        vec near = vec_tanh(load_first(logits + j, left, 0) / splat(c));
        store_first(kept + j, near, left);
        store_first(logits + j, near * splat(c), left);
    }
}

/* d [V] becomes the gradient of the logits as they were. */
static inline void softcap_backward(float *d, const float *kept, size_t V)
{
    FOR_VECTORS(j, left, V) {
        vec near = load_first(kept + j, left, 0);
        vec slope = fma_(zero() - near, near, splat(1));
        store_first(d + j, load_first(d + j, left, 0) * slope, left);
    }
}

#endif
