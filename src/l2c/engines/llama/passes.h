/* passes.h: a batch in passes of some of its texts, whose gradients add up to the whole one's.
 *
 * Every sum over the batch is one chain in ascending order that goes on where the last pass left it,
 * and embeddings learn at the end, so the number of passes changes no bit of a step, only how much
 * memory it takes.
 *
 * Letters: A all texts, B texts of a pass, T time, D dim, G kv_heads, E head, Q = D + 2 G E.
 */
#ifndef L2C_LLAMA_PASSES_H
#define L2C_LLAMA_PASSES_H

#include "attention.h"

/* The pass that begins with text `first`, as one thread sees it. */
static training pass_from(const training *s, size_t first)
{
    training pass = *s;
    pass.first = first;
    pass.B = least(s->B, s->A - first);
    pass.tokens += first * (s->T + 1);
    pass.weights += first * s->T;
    pass.past.lengths += first;
    pass.past.positions += first;
    if (s->shape.ngram_rows)
        pass.past.before += first;
    pass.outputs += first * s->shape.dim;
    pass.losses += first * s->T;
    pass.dx += first * s->T * s->shape.dim;
    return pass;
}

/* What the next batch may see of this pass goes back to the caller. */
static void carry_on(const training *s, const member *me)
{
    size_t D = s->shape.dim, KV = s->shape.kv_heads * head_of(s), Q = width_of(s);
    span texts = share(s->B, me), rows = {texts.begin * s->T, texts.end * s->T};
    for (size_t l = 0; l < s->shape.layers; l++)
        for (size_t row = rows.begin; row < rows.end; row++) {
            const float *from = s->qkv[l] + row * Q + D;
            size_t to = ((l * s->A + s->first) * s->T + row) * KV;
            copy(s->keys + to, from, KV);
            copy(s->values + to, from + KV, KV);
        }
    for (size_t b = texts.begin; b < texts.end; b++)
        rms_forward(s->outputs + b * D, s->x[s->shape.layers] + ((b + 1) * s->T - 1) * D,
                    s->parameters + s->at.norm, s->shape.norm_epsilon, D);
}

#endif
