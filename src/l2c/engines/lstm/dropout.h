/* dropout.h: which weights and which outputs a training step leaves out.
 *
 * A mask is a hash of (step, stream, position): nothing is stored, nothing is carried along, and
 * no order of evaluation, thread or instruction set can change it. The hash is Wellons' lowbias32
 * (https://nullprogram.com/blog/2018/07/31/); its upper 24 bits are compared with the share.
 * What stays is scaled up, so that sums are on average what they are without.
 */
#ifndef L2C_DROPOUT_H
#define L2C_DROPOUT_H

#include "vec.h"

typedef uint32_t uvec __attribute__((vector_size(4 * W)));

enum { OUTPUT_STREAM, WEIGHT_STREAM /* and one for every further layer */ };

struct mask {
    uint32_t key;
    int32_t below; /* hashes [0, below) are left out */
    float scale;   /* of what stays */
};

#define SCRAMBLE(x) \
    (x) ^= (x) >> 16, (x) *= 0x7feb352du, (x) ^= (x) >> 15, (x) *= 0x846ca68bu, (x) ^= (x) >> 16

static inline struct mask mask_of(double share, int64_t step, uint32_t stream)
{
    uint32_t high = (uint32_t)((uint64_t)step >> 32) ^ stream * 0x9e3779b9u;
    SCRAMBLE(high);
    uint32_t key = (uint32_t)step ^ high;
    SCRAMBLE(key);
    return (struct mask){key, (int32_t)(share * 0x1p24), (float)(1 / (1 - share))};
}

/* to [n] = from [n] where the mask, at positions `at` and up, lets it stay, scaled; 0 elsewhere. */
static inline void thin_out(float *to, const float *from, size_t n, struct mask m, size_t at)
{
    uvec lanes;
    for (int lane = 0; lane < W; lane++)
        lanes[lane] = (uint32_t)lane;
    FOR_VECTORS(j, left, n) {
        uvec x = (lanes + (uint32_t)(at + j)) ^ m.key;
        SCRAMBLE(x);
        ivec stays = (ivec)(x >> 8) >= m.below;
        store_first(to + j, choose(stays, load_first(from + j, left, 0) * splat(m.scale), zero()),
                    left);
    }
}

#endif
