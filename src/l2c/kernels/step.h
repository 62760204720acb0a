/* step.h: what a training step does with its gradient, whatever the network: its length, then Adam.
 *
 * Squares are summed in blocks of NORM_BLOCK, each in the 16 lanes of every reduction, and the
 * blocks in their order, in double: the number of threads changes no bit. Weights lie in stretches
 * of memory: matrices, which decay, in the even ones, and what does not decay in the odd ones.
 */
#ifndef L2C_STEP_H
#define L2C_STEP_H

#include "adam.h"
#include "gemm.h"
#include "l2c.h"
#include "threads.h"

enum { NORM_BLOCK = 4096 };

static inline size_t norm_blocks(size_t count) { return (count + NORM_BLOCK - 1) / NORM_BLOCK; }

/* This thread's share of squares [norm_blocks(count)]. */
static inline void sum_squares(double *squares, const float *gradient, size_t count,
                               const member *me)
{
    enum { AT_ONCE = 4 };
    span part = share(norm_blocks(count), me);
    size_t block = part.begin;
    for (; block + AT_ONCE <= part.end && (block + AT_ONCE) * NORM_BLOCK <= count; block += AT_ONCE) {
        const float *d = gradient + block * NORM_BLOCK;
        vec sums[AT_ONCE][PARTS] = {{{0}}};
        for (size_t at = 0; at < NORM_BLOCK; at += LANES)
            UNROLL for (int i = 0; i < AT_ONCE * PARTS; i++) {
                vec here = load(d + i / PARTS * NORM_BLOCK + at + i % PARTS * W);
                sums[i / PARTS][i % PARTS] = fma_(here, here, sums[i / PARTS][i % PARTS]);
            }
        for (int i = 0; i < AT_ONCE; i++)
            squares[block + i] = fold_sum(sums[i]);
    }
    for (; block < part.end; block++) {
        const float *d = gradient + block * NORM_BLOCK;
        squares[block] = dot(d, d, least(NORM_BLOCK, count - block * NORM_BLOCK));
    }
}

static inline double ordered_sum(const double *x, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

/* What a gradient of this length is multiplied by. */
static inline double clip_of(const l2c_adam *a, double norm)
{
    return norm > a->clip_norm ? a->clip_norm / norm : 1;
}

/* What Adam changes: weights, its means, and what it learns from. */
typedef struct {
    float *w, *m, *v;
    const float *gradient;
} learning;

/* This thread's share of the stretch with this number, [begin, end). */
static inline void adam_stretch(const learning *x, const struct adam_factors *f, size_t number,
                                size_t begin, size_t end, const member *me)
{
    span part = share(end - begin, me);
    size_t at = begin + part.begin;
    adam_update(x->w + at, x->m + at, x->v + at, x->gradient + at, part.end - part.begin, f,
                number % 2 == 0 ? f->keep : 1);
}

static inline struct adam_factors clipped_factors(const l2c_adam *a, double norm)
{
    return adam_factors(a->rate, a->beta1, a->beta2, a->weight_decay, a->step, clip_of(a, norm));
}

#endif
