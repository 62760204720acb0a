/* act.h: exp, log, sigmoid and tanh on vectors, the same bits on every instruction set with FMA.
 *
 * The C library's own differ between machines, so weights trained with them would too. Here an
 * argument is reduced to a small r = x - n ln 2, with n = round(x / ln 2), exp(r) - 1 is a
 * polynomial (its coefficients are fitted to the smallest error on |r| <= ln(2) / 2), and 2^n goes
 * into the exponent's bits. tanh goes through exp(2x) - 1, which keeps its digits near 0.
 *
 * Largest errors, found over all floats by tests/c/test_act.c, in units of the last place:
 * exp 1.0, log 1.0, sigmoid 2.5, tanh 2.5. NaN stays NaN.
 */
#ifndef L2C_ACT_H
#define L2C_ACT_H

#include "vec.h"

/* 2^n for whole n in [-126, 127]. */
INLINE vec power_of_two(ivec n) { return (vec)((n + 127) << 23); }

/* exp(r) - 1 for the remainder r of x, and n: exp(x) = 2^n (1 + exp(r) - 1). */
INLINE vec reduced_expm1(vec x, ivec *n)
{
    /* Adding 1.5 * 2^23 leaves no room for a fraction: the sum's last bits are round(x / ln 2). */
    const vec shift = splat(0x1.8p23f);
    vec shifted = fma_(x, splat(0x1.715476p0f), shift);
    vec whole = shifted - shift;
    *n = (ivec)shifted - (ivec)shift;
    /* ln 2 in two parts, the first short enough that whole * part is exact. */
    vec r = fma_(whole, splat(-0x1.62e4p-1f), x);
    r = fma_(whole, splat(-0x1.7f7d1cp-20f), r);
    vec p = splat(0x1.6b9c66p-10f);
    p = fma_(p, r, splat(0x1.12254ap-7f));
    p = fma_(p, r, splat(0x1.5556f2p-5f));
    p = fma_(p, r, splat(0x1.5554b4p-3f));
    p = fma_(p, r, splat(0x1.fffffep-2f));
    return fma_(p * r, r, r);
}

INLINE vec clamp(vec x, float low, float high)
{
    return lesser(splat(high), larger(splat(low), x));
}

/* exp(x); 0 below -87, where the result would leave the normal floats, and no more than exp(87). */
INLINE vec vec_exp(vec x)
{
    ivec n;
    vec q = reduced_expm1(clamp(x, -87, 87), &n);
    vec y = fma_(q, power_of_two(n), power_of_two(n));
    return choose(x < splat(-87), zero(), y);
}

INLINE vec vec_sigmoid(vec x)
{
    ivec n;
    vec q = reduced_expm1(clamp(zero() - x, -87, 87), &n);
    vec one = splat(1);
    return one / (one + fma_(q, power_of_two(n), power_of_two(n)));
}

INLINE vec vec_tanh(vec x)
{
    ivec n;
    /* Beyond 10 the result is 1 to the last bit. */
    vec q = reduced_expm1(clamp(x + x, -20, 20), &n);
    vec scale = power_of_two(n);
    vec m = fma_(q, scale, scale - splat(1));
    return m / (m + splat(2));
}

/* Natural logarithm of a normal x > 0. */
INLINE vec vec_log(vec x)
{
    /* x = 2^n z with z in [sqrt(1/2), sqrt(2)). */
    ivec bits = (ivec)x - 0x3f3504f3;
    ivec n = bits >> 23;
    vec z = (vec)((bits & 0x7fffff) + 0x3f3504f3) - splat(1);
    /* Cephes' logf: log(1 + z) = z - z^2 / 2 + z^3 p(z). */
    vec p = splat(7.0376836292e-2f);
    p = fma_(p, z, splat(-1.1514610310e-1f));
    p = fma_(p, z, splat(1.1676998740e-1f));
    p = fma_(p, z, splat(-1.2420140846e-1f));
    p = fma_(p, z, splat(1.4249322787e-1f));
    p = fma_(p, z, splat(-1.6668057665e-1f));
    p = fma_(p, z, splat(2.0000714765e-1f));
    p = fma_(p, z, splat(-2.4999993993e-1f));
    p = fma_(p, z, splat(3.3333331174e-1f));
    vec whole = __builtin_convertvector(n, vec);
    vec y = fma_(p * z, z * z, whole * splat(-2.12194440e-4f));
    y = fma_(z * z, splat(-0.5f), y);
    return fma_(whole, splat(0.693359375f), z + y);
}

#endif
