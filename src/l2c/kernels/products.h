/* products.h: products of whole numbers: 16 outputs of a q8_0 or q4_0 matrix with a rounded row.
 *
 * `w` holds a block of a panel as stored.h lays it out, `x` 32 numbers of 8 bits and `total` their
 * sum, which takes off again what was added to the numbers of w to make them positive. Whole
 * numbers are exact, so all ways below give the same bits.
 */
#ifndef L2C_PRODUCTS_H
#define L2C_PRODUCTS_H

#include "l2c.h"
#include "vec.h"

#if defined(__AVX2__) && defined(__FMA__)

INLINE __m256i four(const int8_t *x)
{
    int32_t bytes;
    memcpy(&bytes, x, sizeof bytes);
    return _mm256_set1_epi32(bytes);
}

INLINE void products_8(__m256i sum[2], const uint8_t *w, const int8_t *x, int32_t total)
{
    (void)total;
    sum[0] = sum[1] = _mm256_setzero_si256();
    UNROLL for (int j = 0; j < 8; j++) {
        __m256i here = four(x + 4 * j), size = _mm256_abs_epi8(here);
        UNROLL for (int half = 0; half < 2; half++) {
            __m256i q = _mm256_loadu_si256((const __m256i *)(w + 64 * j + 32 * half));
            q = _mm256_xor_si256(q, _mm256_set1_epi8(-128));
            __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(q, here));
            sum[half] = _mm256_add_epi32(sum[half],
                                         _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
        }
    }
}

INLINE void products_4(__m256i sum[2], const uint8_t *w, const int8_t *x, int32_t total)
{
    __m256i low = _mm256_set1_epi8(15);
    UNROLL for (int half = 0; half < 2; half++) {
        __m256i pairs = _mm256_setzero_si256();
        UNROLL for (int j = 0; j < 4; j++) {
            __m256i q = _mm256_loadu_si256((const __m256i *)(w + 64 * j + 32 * half));
            __m256i high = _mm256_and_si256(_mm256_srli_epi16(q, 4), low);
            pairs = _mm256_add_epi16(
                pairs, _mm256_maddubs_epi16(_mm256_and_si256(q, low), four(x + 4 * j)));
            pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(high, four(x + 16 + 4 * j)));
        }
        sum[half] = _mm256_sub_epi32(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)),
                                     _mm256_set1_epi32(8 * total));
    }
}

INLINE void products(ivec sum[PARTS], const uint8_t *w, const int8_t *x, int32_t total,
                     int storage)
{
    __m256i found[2];
    if (storage == L2C_Q8_0)
        products_8(found, w, x, total);
    else
        products_4(found, w, x, total);
    memcpy(sum, found, sizeof found);
}

#elif defined(__aarch64__)

INLINE int8x16_t four(const int8_t *x)
{
    int32_t bytes;
    memcpy(&bytes, x, sizeof bytes);
    return vreinterpretq_s8_s32(vdupq_n_s32(bytes));
}

/* sum + what four numbers each of four outputs give. */
INLINE int32x4_t by_four(int32x4_t sum, int8x16_t q, int8x16_t x)
{
#ifdef __ARM_FEATURE_DOTPROD
    return vdotq_s32(sum, q, x);
#else
    int16x8_t first = vmull_s8(vget_low_s8(q), vget_low_s8(x)), last = vmull_high_s8(q, x);
    return vaddq_s32(sum, vpaddq_s32(vpaddlq_s16(first), vpaddlq_s16(last)));
#endif
}

INLINE void products(ivec sum[PARTS], const uint8_t *w, const int8_t *x, int32_t total,
                     int storage)
{
    (void)total;
    int32x4_t found[PARTS];
    UNROLL for (int i = 0; i < PARTS; i++)
        found[i] = vdupq_n_s32(0);
    for (int j = 0; j < (storage == L2C_Q8_0 ? 8 : 4); j++)
        UNROLL for (int i = 0; i < PARTS; i++) {
            uint8x16_t q = vld1q_u8(w + 64 * j + 16 * i);
            if (storage == L2C_Q8_0) {
                int8x16_t whole = vreinterpretq_s8_u8(veorq_u8(q, vdupq_n_u8(128)));
                found[i] = by_four(found[i], whole, four(x + 4 * j));
            } else {
                int8x16_t eight = vdupq_n_s8(8);
                int8x16_t low = vreinterpretq_s8_u8(vandq_u8(q, vdupq_n_u8(15)));
                int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(q, 4));
                found[i] = by_four(found[i], vsubq_s8(low, eight), four(x + 4 * j));
                found[i] = by_four(found[i], vsubq_s8(high, eight), four(x + 16 + 4 * j));
            }
        }
    memcpy(sum, found, sizeof found);
}

#else

INLINE void products(ivec sum[PARTS], const uint8_t *w, const int8_t *x, int32_t total,
                     int storage)
{
    int32_t found[LANES];
    for (int n = 0; n < LANES; n++)
        found[n] = storage == L2C_Q8_0 ? -128 * total : -8 * total;
    for (int j = 0; j < (storage == L2C_Q8_0 ? 8 : 4); j++)
        for (int n = 0; n < LANES; n++)
            for (int i = 0; i < 4; i++) {
                int q = w[64 * j + 4 * n + i];
                if (storage == L2C_Q8_0)
                    found[n] += q * x[4 * j + i];
                else
                    found[n] += (q & 15) * x[4 * j + i] + (q >> 4) * x[16 + 4 * j + i];
            }
    memcpy(sum, found, sizeof found);
}

#endif

#ifdef __AVX512F__
#define VNNI __attribute__((target("avx512vnni")))

/* The same by one instruction for every 64 numbers. */
VNNI static inline __attribute__((always_inline)) void products_vnni(ivec sum[PARTS],
                                                                     const uint8_t *w,
                                                                     const int8_t *x,
                                                                     int32_t total, int storage)
{
    __m512i low = _mm512_set1_epi8(15), sums[2];
    sums[0] = _mm512_set1_epi32((storage == L2C_Q8_0 ? -128 : -8) * total);
    sums[1] = _mm512_setzero_si512();
    UNROLL for (int j = 0; j < 4; j++) {
        int32_t x_first, x_last; /* of the first and the last 16 inputs */
        memcpy(&x_first, x + 4 * j, sizeof x_first);
        memcpy(&x_last, x + 16 + 4 * j, sizeof x_last);
        __m512i q = _mm512_loadu_si512(w + 64 * j), first, last;
        if (storage == L2C_Q8_0)
            first = q, last = _mm512_loadu_si512(w + 256 + 64 * j);
        else
            first = _mm512_and_si512(q, low),
            last = _mm512_and_si512(_mm512_srli_epi16(q, 4), low);
        sums[0] = _mm512_dpbusd_epi32(sums[0], first, _mm512_set1_epi32(x_first));
        sums[1] = _mm512_dpbusd_epi32(sums[1], last, _mm512_set1_epi32(x_last));
    }
    sum[0] = (ivec)_mm512_add_epi32(sums[0], sums[1]);
}
#endif

#endif
