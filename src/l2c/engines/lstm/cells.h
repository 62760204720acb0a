/* cells.h: what happens in one LSTM cell and in LayerNorm, forwards and back, a row at a time.
 *
 *     i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)     g = tanh(a_g)
 *     c' = f c + i g                                         h = o tanh(c')
 *
 * A row of gates holds i, f, g, o side by side, H floats each.
 */
#ifndef L2C_CELLS_H
#define L2C_CELLS_H

#include "act.h"

/* From the sums `g` [4H], which become the gates, and the old c [H]: c' [H], tanh(c') and h. In two
 * loops: the second tanh waits for all that is before it, and so several of them wait at once. */
static inline void cell_forward(float *h, float *c_new, float *tanh_c, float *g, const float *c,
                                size_t H)
{
    FOR_VECTORS(j, left, H) {
        vec in = vec_sigmoid(load_first(g + j, left, 0));
        vec forget = vec_sigmoid(load_first(g + H + j, left, 0));
        vec candidate = vec_tanh(load_first(g + 2 * H + j, left, 0));
        vec out = vec_sigmoid(load_first(g + 3 * H + j, left, 0));
        vec cell = fma_(forget, load_first(c + j, left, 0), in * candidate);
        store_first(g + j, in, left);
        store_first(g + H + j, forget, left);
        store_first(g + 2 * H + j, candidate, left);
        store_first(g + 3 * H + j, out, left);
        store_first(c_new + j, cell, left);
    }
    FOR_VECTORS(j, left, H) {
        vec shown = vec_tanh(load_first(c_new + j, left, 0));
        store_first(tanh_c + j, shown, left);
        store_first(h + j, load_first(g + 3 * H + j, left, 0) * shown, left);
    }
}

/* The gates `g` [4H] become the gradients of the sums; dc [H] comes from the next step and goes
 * to the one before. dh [H] is complete; c is the cell before this step. */
static inline void cell_backward(float *g, float *dc, const float *dh, const float *c,
                                 const float *tanh_c, size_t H)
{
    vec one = splat(1);
    FOR_VECTORS(j, left, H) {
        vec in = load_first(g + j, left, 0), forget = load_first(g + H + j, left, 0);
        vec candidate = load_first(g + 2 * H + j, left, 0);
        vec out = load_first(g + 3 * H + j, left, 0);
        vec shown = load_first(tanh_c + j, left, 0), d_h = load_first(dh + j, left, 0);
        vec d_c = load_first(dc + j, left, 0) + d_h * out * (one - shown * shown);
        store_first(g + j, d_c * candidate * in * (one - in), left);
        store_first(g + H + j, d_c * load_first(c + j, left, 0) * forget * (one - forget), left);
        store_first(g + 2 * H + j, d_c * in * (one - candidate * candidate), left);
        store_first(g + 3 * H + j, d_h * shown * out * (one - out), left);
        store_first(dc + j, d_c * forget, left);
    }
}

/* normal = (h - mean) scale with scale = 1 / sqrt(variance + 1e-5); y = normal gain. Ba et al.
 * 2016. Returns the scale. */
static inline float norm_forward(float *y, float *normal, const float *h, const float *gain,
                                 size_t H)
{
    vec mean = splat(sum(h, H) / (float)H);
    FOR_VECTORS(j, left, H)
        store_first(normal + j, load_first(h + j, left, 0) - mean, left);
    vec variance = splat(dot(normal, normal, H) / (float)H);
    vec scale = splat(1) / square_root(variance + splat(1e-5f));
    FOR_VECTORS(j, left, H) {
        vec n = load_first(normal + j, left, 0) * scale;
        store_first(normal + j, n, left);
        store_first(y + j, n * load_first(gain + j, left, 0), left);
    }
    return scale[0];
}

/* dh from dy: mean and variance moved with h, so their parts are taken out. */
static inline void norm_backward(float *dh, const float *dy, const float *normal,
                                 const float *gain, float scale, size_t H)
{
    FOR_VECTORS(j, left, H)
        store_first(dh + j, load_first(dy + j, left, 0) * load_first(gain + j, left, 0), left);
    vec along_mean = splat(sum(dh, H) / (float)H);
    vec along_variance = splat(dot(dh, normal, H) / (float)H);
    FOR_VECTORS(j, left, H) {
        vec d = load_first(dh + j, left, 0) - along_mean
                - load_first(normal + j, left, 0) * along_variance;
        store_first(dh + j, d * splat(scale), left);
    }
}

#endif
