/* adam.h: Adam (Kingma & Ba 2015), weight decay decoupled (Loshchilov & Hutter 2019).
 *
 *     m += (1 - beta1) (d - m)          mean of the gradients d
 *     v += (1 - beta2) (d^2 - v)        mean of their squares
 *     w  = w (1 - rate decay) - rate m^ / (sqrt(v^) + 1e-8)
 *
 * with m^ = m / (1 - beta1^step) and v^ = v / (1 - beta2^step), which corrects for both having
 * begun at 0. Means that have faded below 1e-30 become 0: they cannot move a weight any more, but
 * as denormal numbers they would slow down every step from then on.
 */
#ifndef L2C_ADAM_H
#define L2C_ADAM_H

#include "vec.h"

/* One step's settings as they enter the arithmetic. */
struct adam_factors {
    float clip;       /* the gradient's scale */
    float new_m;      /* 1 - beta1 */
    float new_v;      /* 1 - beta2 */
    float rate;       /* rate / (1 - beta1^step) */
    float v_scale;    /* 1 / (1 - beta2^step) */
    float keep;       /* 1 - rate decay */
};

/* base^n in multiplications alone, so that it is the same everywhere. */
static inline double whole_power(double base, int64_t n)
{
    double result = 1;
    for (; n > 0; n /= 2, base *= base)
        if (n % 2)
            result *= base;
    return result;
}

static inline struct adam_factors adam_factors(double rate, double beta1, double beta2,
                                               double decay, int64_t step, double clip)
{
    return (struct adam_factors){
        .clip = (float)clip,
        .new_m = (float)(1 - beta1),
        .new_v = (float)(1 - beta2),
        .rate = (float)(rate / (1 - whole_power(beta1, step))),
        .v_scale = (float)(1 / (1 - whole_power(beta2, step))),
        .keep = (float)(1 - rate * decay),
    };
}

INLINE vec without_traces(vec x)
{
    vec tiny = splat(1e-30f);
    return choose((x < tiny) & (x > zero() - tiny), zero(), x);
}

/* Update w, m and v [n] with the gradients d; `keep` is 1 where nothing decays. */
static inline void adam_update(float *w, float *m, float *v, const float *d, size_t n,
                        const struct adam_factors *f, float keep)
{
    FOR_VECTORS(at, left, n) {
        vec gradient = load_first(d + at, left, 0) * splat(f->clip);
        vec mean = load_first(m + at, left, 0), square = load_first(v + at, left, 0);
        mean = without_traces(fma_(splat(f->new_m), gradient - mean, mean));
        square = without_traces(
            fma_(splat(f->new_v), fma_(gradient, gradient, zero() - square), square));
        vec root = square_root(square * splat(f->v_scale)) + splat(1e-8f);
        vec kept = load_first(w + at, left, 0) * splat(keep);
        store_first(w + at, kept - splat(f->rate) * mean / root, left);
        store_first(m + at, mean, left);
        store_first(v + at, square, left);
    }
}

#endif
