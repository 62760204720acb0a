/* sampling.simd.c: one token from logits, for engines whose sampling loop is not in C. */

#include "sampling.h"

#include "isa.h"

choose_token_function ISA_NAME(choose_token);

int ISA_NAME(choose_token)(int32_t *token, const float *logits, const int32_t *recent,
                           const l2c_sampler *sampler, uint64_t seed, uint64_t position,
                           size_t V, float *workspace)
{
    /* x - x is 0 for a finite x and not a number otherwise. */
    vec differences = zero();
    FOR_VECTORS(at, left, V) {
        vec x = load_first(logits + at, left, 0);
        differences += x - x;
    }
    for (int lane = 0; lane < W; lane++)
        if (differences[lane] != 0)
            return L2C_NOT_FINITE;
    *token = sample(logits, recent, sampler, seed, position, V, workspace);
    return L2C_OK;
}
