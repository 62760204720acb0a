/* muon.h: a step of Muon on one matrix: its momentum, with all singular values near 1.
 *
 *     m = m + (d - m) / 20                      d the clipped gradient
 *     X = d + 19 / 20 (m - d), then X / |X|     Nesterov's look ahead
 *     X = a X + (b A + c A A) X, A = X X^T      five times (Newton and Schulz)
 *     w = w (1 - rate decay) - rate sqrt(max(1, R / C)) X
 *
 * Jordan et al. 2024, "Muon"; the numbers are theirs. Products are chains in ascending order as
 * everywhere, and one thread takes a whole matrix, so threads and instruction sets change no bit.
 *
 * Letters: R outputs, C inputs, S the smaller of both, N the larger.
 */
#ifndef L2C_LLAMA_MUON_H
#define L2C_LLAMA_MUON_H

#include "blocks.h"
#include "gemm.h"
#include "llama.h"
#include "step.h"

static const float MUON_MOMENTUM = 0.95f;

struct muon_factors {
    float clip, rate, keep;
};

/* Scratch memory: X, its next value, two squares, and room for packing. */
typedef struct {
    float *x, *next, *square, *polynomial, *packed;
} muon_memory;

static inline muon_memory muon_memory_of(float *scratch, size_t S, size_t N)
{
    struct allotment a = {scratch, 0};
    muon_memory m = {allot(&a, S * N), allot(&a, S * N), allot(&a, S * S), allot(&a, S * S), NULL};
    m.packed = allot(&a, 0);
    return m;
}

/* x [n] = factor x. */
static inline void scaled(float *to, const float *x, float factor, size_t n)
{
    FOR_VECTORS(j, left, n)
        store_first(to + j, load_first(x + j, left, 0) * splat(factor), left);
}

/* One of the five: x [S][N] becomes next. */
static inline void newton_schulz(const muon_memory *m, size_t S, size_t N)
{
    const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
    memset(m->square, 0, S * S * sizeof(float));
    pack_transposed(m->packed, m->x, N, N, S, 0, S);
    gemm(m->square, S, m->x, N, m->packed, S, S, N);
    memset(m->polynomial, 0, S * S * sizeof(float));
    pack(m->packed, m->square, S, S, S, 0, S);
    gemm(m->polynomial, S, m->square, S, m->packed, S, S, S);
    FOR_VECTORS(j, left, S * S) {
        vec first = load_first(m->square + j, left, 0) * splat(b);
        vec both = fma_(splat(c), load_first(m->polynomial + j, left, 0), first);
        store_first(m->polynomial + j, both, left);
    }
    scaled(m->next, m->x, a, S * N);
    pack(m->packed, m->x, N, S, N, 0, N);
    gemm(m->next, N, m->polynomial, S, m->packed, S, N, S);
}

static inline double length_of(const float *x, size_t n)
{
    double squares = 0;
    for (size_t at = 0; at < n; at += NORM_BLOCK) {
        size_t here = least(NORM_BLOCK, n - at);
        squares += dot(x + at, x + at, here);
    }
    return sqrt(squares);
}

static inline void transposed(float *to, const float *from, size_t R, size_t C)
{
    for (size_t r = 0; r < R; r++)
        for (size_t c = 0; c < C; c++)
            to[c * R + r] = from[r * C + c];
}

/* Update w and m [R][C] with the gradient d, which is used up. */
static inline void muon_update(float *w, float *m, float *d, size_t R, size_t C,
                               const struct muon_factors *f, float *scratch)
{
    int upright = R > C;
    size_t S = upright ? C : R, N = upright ? R : C, n = R * C;
    muon_memory memory = muon_memory_of(scratch, S, N);
    FOR_VECTORS(j, left, n) {
        vec gradient = load_first(d + j, left, 0) * splat(f->clip);
        vec mean = load_first(m + j, left, 0);
        mean = fma_(splat(1 - MUON_MOMENTUM), gradient - mean, mean);
        store_first(m + j, mean, left);
        store_first(d + j, fma_(splat(MUON_MOMENTUM), mean - gradient, gradient), left);
    }
    scaled(d, d, (float)(1 / (length_of(d, n) + 1e-7)), n);
    if (upright)
        transposed(memory.x, d, R, C);
    else
        memcpy(memory.x, d, n * sizeof(float));
    for (int i = 0; i < 5; i++) {
        newton_schulz(&memory, S, N);
        float *x = memory.x;
        memory.x = memory.next, memory.next = x;
    }
    if (upright)
        transposed(d, memory.x, C, R);
    const float *step = upright ? d : memory.x;
    float rate = upright ? (float)(f->rate * sqrt((double)R / (double)C)) : f->rate;
    FOR_VECTORS(j, left, n) {
        vec kept = load_first(w + j, left, 0) * splat(f->keep);
        store_first(w + j, fma_(splat(-rate), load_first(step + j, left, 0), kept), left);
    }
}

#endif
