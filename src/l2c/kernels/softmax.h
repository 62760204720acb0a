/* softmax.h: from logits to probabilities, losses and gradients, a row of V at a time. */
#ifndef L2C_SOFTMAX_H
#define L2C_SOFTMAX_H

#include "act.h"

/* log of the sum of exp(logits): what turns logits into log probabilities. */
static inline float log_sum_exp(const float *logits, float *p, size_t V)
{
    float most = largest(logits, V);
    FOR_VECTORS(j, left, V)
        store_first(p + j, vec_exp(load_first(logits + j, left, 0) - splat(most)), left);
    return most + vec_log(splat(sum(p, V)))[0];
}

/* The loss of one row; its logits [V] become their gradients: probability, minus 1 at the target,
 * times the row's share of all weight. */
static inline double softmax_loss(float *logits, size_t target, float weight, double total, size_t V)
{
    float most = largest(logits, V), at_target = logits[target];
    FOR_VECTORS(j, left, V)
        store_first(logits + j, vec_exp(load_first(logits + j, left, 0) - splat(most)), left);
    float exponentials = sum(logits, V);
    vec part = splat((float)(weight / total));
    vec scale = part / splat(exponentials);
    FOR_VECTORS(j, left, V)
        store_first(logits + j, load_first(logits + j, left, 0) * scale, left);
    logits[target] -= part[0];
    return -weight * (double)(at_target - most - vec_log(splat(exponentials))[0]);
}

#endif
