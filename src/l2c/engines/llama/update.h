/* update.h: what a step does with its gradient: its length, then Adam, and Muon for the matrices of
 * the layers where it is asked for.
 */
#ifndef L2C_LLAMA_UPDATE_H
#define L2C_LLAMA_UPDATE_H

#include "adam.h"
#include "attention.h"
#include "muon.h"

static void sum_squares(const training *s, const member *me)
{
    span part = share((s->at.count + NORM_BLOCK - 1) / NORM_BLOCK, me);
    for (size_t block = part.begin; block < part.end; block++) {
        const float *d = s->gradient + block * NORM_BLOCK;
        s->squares[block] = dot(d, d, least(NORM_BLOCK, s->at.count - block * NORM_BLOCK));
    }
}

static double ordered_sum(const double *x, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

/* Whether a stretch of memory holds matrices of a layer. */
static int of_layers(const training *s, size_t stretch)
{
    return stretch % 2 == 0 && stretch > 0 && stretch + 1 < s->at.stretches;
}

/* One thread's matrices, each moved whole. */
static void move_matrices(const training *s, double clip, const member *me, float *scratch)
{
    size_t D = s->shape.dim, KV = s->shape.kv_heads * head_of(s), number = 0;
    struct muon_factors f = {(float)clip, (float)s->muon,
                             (float)(1 - s->muon * s->adam.weight_decay)};
    for (size_t l = 0; l < s->shape.layers; l++)
        for (int i = 0; i < MATRICES; i++) {
            llama_matrix m = s->at.matrix[l][i];
            const size_t parts[3] = {i == WQKV ? D : m.outputs, KV, KV};
            for (int part = 0; part < (i == WQKV ? 3 : 1); m.at += parts[part++] * m.inputs)
                if (number++ % (size_t)me->count == (size_t)me->index)
                    muon_update(s->w + m.at, s->m + m.at, s->gradient + m.at, parts[part],
                                m.inputs, &f, scratch);
        }
}

static void update(const training *s, double norm, const member *me)
{
    const l2c_adam *a = &s->adam;
    double clip = norm > a->clip_norm ? a->clip_norm / norm : 1;
    struct adam_factors f = adam_factors(a->rate, a->beta1, a->beta2, a->weight_decay, a->step,
                                         clip);
    for (size_t i = 0, from = 0; i < s->at.stretches; from = s->at.ends[i++]) {
        if (s->muon > 0 && of_layers(s, i))
            continue;
        span part = share(s->at.ends[i] - from, me);
        size_t at = from + part.begin;
        adam_update(s->w + at, s->m + at, s->v + at, s->gradient + at, part.end - part.begin, &f,
                    i % 2 == 0 ? f.keep : 1);
    }
    if (s->muon > 0)
        move_matrices(s, clip, me, s->scratch + (size_t)me->index * s->scratch_size);
}

#endif
