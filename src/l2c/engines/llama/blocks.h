/* blocks.h: the parts of a Llama's layer, forwards and back, a row at a time.
 *
 *     rms:     n = x scale gain, scale = 1 / sqrt(mean(x^2) + epsilon)
 *     rotate:  the pair (2i, 2i + 1) turned by position theta^(-2i / E)
 *     softmax: p_j = exp((s_j - most) / sqrt(E)) / their sum, over the tokens that are seen
 *     swiglu:  inner = gate sigmoid(gate) up
 *
 * Letters: D dim, E head, F hidden.
 */
#ifndef L2C_LLAMA_BLOCKS_H
#define L2C_LLAMA_BLOCKS_H

#include "act.h"
#include "adam.h"

/* ------------------------------------------------------------------------------------ RMSNorm */

/* n [D] from x [D]; returns the scale. */
static inline float rms_forward(float *n, const float *x, const float *gain, double epsilon,
                                size_t D)
{
    vec square = splat(dot(x, x, D) / (float)D + (float)epsilon);
    vec scale = splat(1) / square_root(square);
    FOR_VECTORS(j, left, D)
        store_first(n + j, load_first(x + j, left, 0) * scale * load_first(gain + j, left, 0),
                    left);
    return scale[0];
}

/* dx += what comes through n; dn [D] is used up. */
static inline void rms_backward(float *dx, float *dn, const float *x, const float *gain,
                                float scale, size_t D)
{
    FOR_VECTORS(j, left, D)
        store_first(dn + j, load_first(dn + j, left, 0) * load_first(gain + j, left, 0), left);
    vec along = splat(dot(dn, x, D) * scale / (float)D * scale);
    FOR_VECTORS(j, left, D) {
        vec d = load_first(dn + j, left, 0) - load_first(x + j, left, 0) * along;
        store_first(dx + j, fma_(d, splat(scale), load_first(dx + j, left, 0)), left);
    }
}

/* ----------------------------------------------------------------------------------- rotation */

/* theta^(-2i / E) for every pair: powers of the root that halving finds, so that the bits are the
 * same everywhere. */
static inline void rotation_frequencies(double *frequencies, double theta, size_t E)
{
    int64_t pairs = (int64_t)(E / 2);
    double low = 0, high = 1;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (whole_power(middle, pairs) * theta > 1)
            high = middle;
        else
            low = middle;
    }
    for (int64_t i = 0; i < pairs; i++)
        frequencies[i] = whole_power(high, i);
}

/* Cosine and sine of x >= 0: x less the nearest multiple of pi / 2, taken off in three parts, then
 * polynomials (after fdlibm's). Errors are far below a float's last place up to x = 1e6. */
static inline void cosine_sine(float *cosine, float *sine, double x)
{
    double turns = floor(x * 0x1.45f306dc9c883p-1 + 0.5);
    double r = x - turns * 0x1.921fb544p0;
    r = r - turns * 0x1.0b4611a6p-34;
    r = r - turns * 0x1.3198a2e037073p-69;
    double z = r * r;
    double s = 1.58969099521155010221e-10;
    s = s * z - 2.50507602534068634195e-08;
    s = s * z + 2.75573137070700676789e-06;
    s = s * z - 1.98412698298579493134e-04;
    s = s * z + 8.33333333332248946124e-03;
    s = s * z - 1.66666666666666324348e-01;
    s = r + r * z * s;
    double c = -1.13596475577881948265e-11;
    c = c * z + 2.08757232129817482790e-09;
    c = c * z - 2.75573143513906633035e-07;
    c = c * z + 2.48015872894767294178e-05;
    c = c * z - 1.38888888888741095749e-03;
    c = c * z + 4.16666666666666019037e-02;
    c = 1 - (0.5 * z - z * z * c);
    switch ((int64_t)turns & 3) {
    case 0:
        *cosine = (float)c, *sine = (float)s;
        break;
    case 1:
        *cosine = (float)-s, *sine = (float)c;
        break;
    case 2:
        *cosine = (float)-c, *sine = (float)-s;
        break;
    default:
        *cosine = (float)s, *sine = (float)-c;
    }
}

/* turns [E]: cosine and sine of every pair at this position. */
static inline void turns_at(float *turns, const double *frequencies, uint64_t position, size_t E)
{
    for (size_t i = 0; i < E; i += 2)
        cosine_sine(turns + i, turns + i + 1, (double)position * frequencies[i / 2]);
}

/* x [heads][E] turned, in place. */
static inline void rotate(float *x, const float *turns, size_t heads, size_t E)
{
    for (size_t h = 0; h < heads; h++, x += E)
        for (size_t i = 0; i < E; i += 2) {
            float a = x[i], b = x[i + 1];
            x[i] = a * turns[i] - b * turns[i + 1];
            x[i + 1] = a * turns[i + 1] + b * turns[i];
        }
}

/* The same back. */
static inline void rotate_back(float *x, const float *turns, size_t heads, size_t E)
{
    for (size_t h = 0; h < heads; h++, x += E)
        for (size_t i = 0; i < E; i += 2) {
            float a = x[i], b = x[i + 1];
            x[i] = a * turns[i] + b * turns[i + 1];
            x[i + 1] = b * turns[i] - a * turns[i + 1];
        }
}

/* ------------------------------------------------------------------------------------ softmax */

/* exp((s - most) scale) share in [first, end), 0 elsewhere in [0, width). */
static inline void attention(float *s, size_t first, size_t end, size_t width, float scale,
                             float most, float share)
{
    memset(s, 0, first * sizeof(float));
    memset(s + end, 0, (width - end) * sizeof(float));
    FOR_VECTORS(j, left, end - first) {
        vec here = load_first(s + first + j, left, 0) - splat(most);
        store_first(s + first + j, vec_exp(here * splat(scale)) * splat(share), left);
    }
}

/* Scores s [width] become attention: only [first, end) is seen. */
static inline void softmax_forward(float *s, size_t first, size_t end, size_t width, float scale,
                                   float *most, float *share)
{
    *most = largest(s + first, end - first);
    attention(s, first, end, width, scale, *most, 1);
    *share = (splat(1) / splat(sum(s, end)))[0];
    FOR_VECTORS(j, left, end)
        store_first(s + j, load_first(s + j, left, 0) * splat(*share), left);
}

/* dp [width] becomes the scores' gradient; `along` is the sum of p dp. */
static inline void softmax_backward(float *dp, const float *p, float along, float scale,
                                    size_t width)
{
    FOR_VECTORS(j, left, width) {
        vec d = load_first(dp + j, left, 0) - splat(along);
        store_first(dp + j, load_first(p + j, left, 0) * d * splat(scale), left);
    }
}

/* ------------------------------------------------------------------------------------- SwiGLU */

static inline void swiglu_forward(float *inner, const float *gate, const float *up, size_t F)
{
    FOR_VECTORS(j, left, F) {
        vec g = load_first(gate + j, left, 0);
        store_first(inner + j, g * vec_sigmoid(g) * load_first(up + j, left, 0), left);
    }
}

/* `inner` holds its gradient and becomes what it was; gate and up become their gradients. */
static inline void swiglu_backward(float *inner, float *gate, float *up, size_t F)
{
    FOR_VECTORS(j, left, F) {
        vec g = load_first(gate + j, left, 0), u = load_first(up + j, left, 0);
        vec d = load_first(inner + j, left, 0), s = vec_sigmoid(g), silu = g * s;
        store_first(inner + j, silu * u, left);
        store_first(up + j, d * silu, left);
        store_first(gate + j, d * u * s * (splat(1) + g * (splat(1) - s)), left);
    }
}

#endif
