/* vec.h: vectors of W floats, by one set of names on every instruction set.
 *
 * Compiled once per instruction set: W is 16 with AVX-512, 8 with AVX2, 4 elsewhere (NEON, SSE2).
 * + - * / and comparisons are the compiler's own on vectors; what it lacks is here. Every
 * operation is exact or correctly rounded (IEEE 754), so a lane's result does not depend on W.
 * Only the baseline of x86-64 has no fused multiply-add and rounds twice.
 *
 * A reduction has one order everywhere: 16 virtual lanes, lane = index mod 16, each summed in
 * ascending order, then halves added to halves. How many machine vectors make up the 16 lanes
 * makes no difference.
 */
#ifndef L2C_VEC_H
#define L2C_VEC_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline, unused))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#if defined(__AVX512F__)
#include <immintrin.h>
enum { W = 16, FUSED = 1 };
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
enum { W = 8, FUSED = 1 };
#elif defined(__aarch64__)
#include <arm_neon.h>
enum { W = 4, FUSED = 1 };
#else
enum { W = 4, FUSED = 0 };
#endif

typedef float vec __attribute__((vector_size(4 * W)));
typedef int32_t ivec __attribute__((vector_size(4 * W)));
/* The same in memory, at any float's address. */
typedef float vec_at __attribute__((vector_size(4 * W), aligned(4), may_alias));

INLINE vec load(const float *p) { return *(const vec_at *)p; }
INLINE void store(float *p, vec x) { *(vec_at *)p = x; }

INLINE vec splat(float x)
{
    return x - (vec){0};
}

INLINE vec zero(void) { return (vec){0}; }

/* a * b + c with one rounding. */
INLINE vec fma_(vec a, vec b, vec c)
{
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
    return vfmaq_f32(c, a, b);
#else
    return a * b + c;
#endif
}

INLINE vec square_root(vec x)
{
#if defined(__AVX512F__)
    return _mm512_sqrt_ps(x);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_sqrt_ps(x);
#elif defined(__aarch64__)
    return vsqrtq_f32(x);
#else
    for (int lane = 0; lane < W; lane++)
        x[lane] = sqrtf(x[lane]);
    return x;
#endif
}

/* a where the mask is all ones, b where it is 0. */
INLINE vec choose(ivec mask, vec a, vec b)
{
    return (vec)((mask & (ivec)a) | (~mask & (ivec)b));
}

/* a where a > b, otherwise b: also where one of them is not a number. */
INLINE vec larger(vec a, vec b)
{
#if defined(__AVX512F__)
    return _mm512_max_ps(a, b);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_max_ps(a, b);
#else
    return choose(a > b, a, b);
#endif
}

/* a where a < b, otherwise b. */
INLINE vec lesser(vec a, vec b)
{
#if defined(__AVX512F__)
    return _mm512_min_ps(a, b);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_min_ps(a, b);
#else
    return choose(a < b, a, b);
#endif
}

/* The first n of W floats; the other lanes are `rest`. */
INLINE vec load_first(const float *p, size_t n, float rest)
{
    if (n >= W)
        return load(p);
#if defined(__AVX512F__)
    return _mm512_mask_loadu_ps(splat(rest), (__mmask16)((1u << n) - 1), p);
#else
    vec x = splat(rest);
    for (size_t lane = 0; lane < n; lane++)
        x[lane] = p[lane];
    return x;
#endif
}

INLINE void store_first(float *p, vec x, size_t n)
{
    if (n >= W) {
        store(p, x);
        return;
    }
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x);
#else
    for (size_t lane = 0; lane < n; lane++)
        p[lane] = x[lane];
#endif
}

/* Walk over n floats a vector at a time: `at` is the offset, `count` how many are left there. */
#define FOR_VECTORS(at, count, n) \
    for (size_t at = 0, count = (n); at < (n); at += W, count = (n) - at)

/* ----------------------------------------------------------------------------- reductions */

enum { LANES = 16, PARTS = LANES / W };

typedef float quad __attribute__((vector_size(16)));
typedef int32_t quad_mask __attribute__((vector_size(16)));

INLINE float fold_sum(const vec part[PARTS])
{
    quad lanes[LANES / 4];
    memcpy(lanes, part, sizeof lanes);
    quad last = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    return (last[0] + last[2]) + (last[1] + last[3]);
}

INLINE size_t left_from(size_t n, size_t at) { return at < n ? n - at : 0; }

/* sum of x[0..n) */
static inline float sum(const float *x, size_t n)
{
    vec part[PARTS] = {{0}};
    for (size_t at = 0; at < n; at += LANES)
        for (int i = 0; i < PARTS; i++)
            part[i] += load_first(x + at + i * W, left_from(n, at + i * W), 0);
    return fold_sum(part);
}

/* sum of x[i] y[i] */
static inline float dot(const float *x, const float *y, size_t n)
{
    vec part[PARTS] = {{0}};
    size_t at = 0;
    for (; at + LANES <= n; at += LANES)
        UNROLL for (int i = 0; i < PARTS; i++)
            part[i] = fma_(load(x + at + i * W), load(y + at + i * W), part[i]);
    for (int i = 0; i < PARTS && at < n; i++) {
        size_t left = left_from(n, at + i * W);
        part[i] = fma_(load_first(x + at + i * W, left, 0), load_first(y + at + i * W, left, 0),
                       part[i]);
    }
    return fold_sum(part);
}

/* The largest of x[0..n); -infinity for n = 0. */
static inline float largest(const float *x, size_t n)
{
    vec most = splat(-INFINITY);
    FOR_VECTORS(at, left, n)
        most = larger(load_first(x + at, left, -INFINITY), most);
    quad four[W / 4];
    memcpy(four, &most, sizeof four);
    quad best = four[0];
    UNROLL for (int i = 1; i < W / 4; i++) {
        quad_mask higher = four[i] > best;
        best = (quad)((higher & (quad_mask)four[i]) | (~higher & (quad_mask)best));
    }
    float found = best[0];
    UNROLL for (int lane = 1; lane < 4; lane++)
        found = best[lane] > found ? best[lane] : found;
    return found;
}

#endif
