/* update.h: a step of Adam, and of Muon for the matrices of the layers where it is asked for. */
#ifndef L2C_LLAMA_UPDATE_H
#define L2C_LLAMA_UPDATE_H

#include "attention.h"
#include "muon.h"
#include "step.h"

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
    learning all = {s->w, s->m, s->v, s->gradient};
    struct adam_factors f = clipped_factors(&s->adam, norm);
    for (size_t i = 0, from = 0; i < s->at.stretches; from = s->at.ends[i++])
        if (!(s->muon > 0 && of_layers(s, i)))
            adam_stretch(&all, &f, i, from, s->at.ends[i], me);
    if (s->muon > 0)
        move_matrices(s, clip_of(&s->adam, norm), me,
                      s->scratch + (size_t)me->index * s->scratch_size);
}

#endif
