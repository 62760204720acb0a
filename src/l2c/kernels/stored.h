/* stored.h: matrices kept in fewer bits while text is read: f16, bf16, q8_0 and q4_0.
 *
 * A matrix [outputs][inputs] is cut into panels of 16 outputs, the last filled up with zeros, and
 * interleaved so that the 16 lanes of a vector are 16 outputs and no sum runs across lanes:
 *
 *     f16, bf16   panel [inputs][16] of 16 bits
 *     q8_0        scales: panel [blocks][16] of f16; numbers: panel [blocks][8][16][4], q + 128
 *     q4_0        scales the same; numbers: panel [blocks][4][16][4]: of every byte the low half is
 *                 of the first 16 inputs of a block, the high half of its last 16, both q + 8
 *
 * A block is 32 inputs that share a scale, as in GGUF: w = d q. What is multiplied with q8_0 and
 * q4_0 is rounded to blocks of 8 bits as well, and a block's product is whole numbers, hence exact
 * in any order. Every output is then one chain of fused multiply-adds over its blocks (f16, bf16:
 * over its inputs), so bits depend neither on the instruction set nor on what is read at once.
 */
#ifndef L2C_STORED_H
#define L2C_STORED_H

#include "gemm.h"
#include "isa.h"
#include "products.h"

enum { STORED_ROWS = 16, STORED_BLOCK = 32 };

struct rounded_rows {
    int8_t *q;      /* [rows][inputs] */
    float *d;       /* [rows][blocks] scales */
    int32_t *total; /* [rows][blocks] sums of q */
};

INLINE size_t stored_panels(size_t outputs) { return (outputs + STORED_ROWS - 1) / STORED_ROWS; }

/* Bytes of a block's numbers in a panel. */
INLINE size_t block_bytes(int storage) { return storage == L2C_Q8_0 ? 512 : 256; }

/* Bytes of the scales of a whole matrix, in whole cache lines. */
INLINE size_t scales_bytes(size_t outputs, size_t inputs)
{
    return (stored_panels(outputs) * (inputs / STORED_BLOCK) * 32 + 63) / 64 * 64;
}

/* Floats that a matrix takes, in whole cache lines. */
static inline size_t stored_floats(int storage, size_t outputs, size_t inputs)
{
    size_t panels = stored_panels(outputs);
    if (storage == L2C_F32)
        return packed_floats(inputs, outputs);
    if (storage == L2C_F16 || storage == L2C_BF16)
        return panels * inputs * STORED_ROWS / 2;
    return (scales_bytes(outputs, inputs) + panels * (inputs / STORED_BLOCK) * block_bytes(storage))
           / sizeof(float);
}

/* ------------------------------------------------------------------------------------ halves */

/* The nearest half, even if two are equally near; what is beyond the largest becomes the largest. */
static inline uint16_t to_half(float x)
{
    uint32_t bits, sign;
    memcpy(&bits, &x, sizeof bits);
    sign = bits >> 16 & 0x8000, bits &= 0x7fffffff;
    if (bits >= 0x477fe000) /* 65504 */
        return (uint16_t)(sign | 0x7bff);
    if (bits < 0x38800000) { /* below 2^-14: whole multiples of 2^-24 */
        float size;
        memcpy(&size, &bits, sizeof size);
        float shifted = size + 0.5f; /* 0.5 has its last bit at 2^-24 */
        memcpy(&bits, &shifted, sizeof bits);
        return (uint16_t)(sign | (bits - 0x3f000000));
    }
    bits += 0xfff + (bits >> 13 & 1);
    return (uint16_t)(sign | ((bits - 0x38000000) >> 13));
}

static inline uint16_t to_bfloat(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* 16 numbers of 16 bits in 16 lanes of 32. */
INLINE void widen(ivec to[PARTS], const uint16_t *from)
{
#if defined(__AVX512F__)
    to[0] = (ivec)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from));
#elif defined(__AVX2__) && defined(__FMA__)
    to[0] = (ivec)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from));
    to[1] = (ivec)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(from + 8)));
#else
    int32_t lanes[LANES];
    for (int i = 0; i < LANES; i++)
        lanes[i] = from[i];
    memcpy(to, lanes, sizeof lanes);
#endif
}

/* 16 halves as floats: the exponent is moved by a multiplication, which is exact. */
INLINE void from_halves(vec to[PARTS], const uint16_t *from)
{
#if defined(__AVX512F__)
    to[0] = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
#else
    ivec bits[PARTS];
    widen(bits, from);
    UNROLL for (int i = 0; i < PARTS; i++) {
        vec size = (vec)((bits[i] & 0x7fff) << 13) * splat(0x1p112f);
        to[i] = (vec)((ivec)size | (bits[i] & 0x8000) << 16);
    }
#endif
}

INLINE void from_bfloats(vec to[PARTS], const uint16_t *from)
{
    ivec bits[PARTS];
    widen(bits, from);
    UNROLL for (int i = 0; i < PARTS; i++)
        to[i] = (vec)(bits[i] << 16);
}

INLINE void from_sixteen(vec to[PARTS], const uint16_t *from, int storage)
{
    if (storage == L2C_F16)
        from_halves(to, from);
    else
        from_bfloats(to, from);
}

/* y += x W^T for one row, four panels at a time. */
INLINE void sixteen_row(float *y, const float *x, const uint16_t *w, size_t outputs,
                        size_t inputs, int storage)
{
    enum { AT_ONCE = 4 };
    for (size_t n = 0; n < outputs; n += AT_ONCE * STORED_ROWS) {
        vec sums[AT_ONCE][PARTS];
        size_t panels = least(AT_ONCE, stored_panels(outputs - n));
        for (size_t p = 0; p < AT_ONCE; p++)
            for (int i = 0; i < PARTS; i++) {
                size_t at = n + p * STORED_ROWS + (size_t)i * W;
                sums[p][i] = at < outputs ? load_first(y + at, outputs - at, 0) : zero();
            }
        for (size_t k = 0; k < inputs; k++)
            UNROLL for (size_t p = 0; p < AT_ONCE; p++) {
                /* Beyond the last panel the last one is read again, for nothing. */
                size_t panel = n / STORED_ROWS + least(p, panels - 1);
                vec here[PARTS];
                from_sixteen(here, w + (panel * inputs + k) * STORED_ROWS, storage);
                UNROLL for (int i = 0; i < PARTS; i++)
                    sums[p][i] = fma_(splat(x[k]), here[i], sums[p][i]);
            }
        for (size_t p = 0; p < panels; p++)
            for (int i = 0; i < PARTS; i++) {
                size_t at = n + p * STORED_ROWS + (size_t)i * W;
                if (at < outputs)
                    store_first(y + at, sums[p][i], outputs - at);
            }
    }
}

/* y [rows][outputs] += x [rows][inputs] W^T. Several rows share what is widened, in `scratch`
 * [STORED_ROWS][K_BLOCK]. */
static inline void multiply_sixteen(float *y, const float *x, const uint16_t *w, size_t rows,
                                    size_t outputs, size_t inputs, int storage, float *scratch)
{
    if (rows == 1) {
        if (storage == L2C_F16)
            sixteen_row(y, x, w, outputs, inputs, L2C_F16);
        else
            sixteen_row(y, x, w, outputs, inputs, L2C_BF16);
        return;
    }
    for (size_t n = 0; n < outputs; n += STORED_ROWS)
        for (size_t k = 0; k < inputs; k += K_BLOCK) {
            size_t depth = least(K_BLOCK, inputs - k), width = least(STORED_ROWS, outputs - n);
            for (size_t i = 0; i < depth; i++) {
                vec here[PARTS];
                from_sixteen(here, w + (n / STORED_ROWS * inputs + k + i) * STORED_ROWS, storage);
                for (int part = 0; part < PARTS; part++)
                    store(scratch + ((size_t)part * depth + i) * W, here[part]);
            }
            for (size_t i = 0; i < rows; i += TILE_ROWS)
                for (size_t j = 0; j < width; j += W) {
                    float *to = y + i * outputs + n + j;
                    tile_any(to, outputs, to, outputs, x + i * inputs + k, inputs,
                             scratch + j * depth, depth, least(TILE_ROWS, rows - i),
                             least(W, width - j), 0);
                }
        }
}

/* ------------------------------------------------------------------------------------- blocks */

/* x [inputs] in blocks of 8 bits: d = largest / 127. */
static inline void round_row(int8_t *q, float *d, int32_t *total, const float *x, size_t inputs)
{
    const vec shift = splat(0x1.8p23f); /* its last bit is 1: adding it rounds to whole numbers */
    for (size_t block = 0; block < inputs / STORED_BLOCK; block++, x += STORED_BLOCK) {
        float size[STORED_BLOCK];
        int32_t whole[STORED_BLOCK];
        for (int i = 0; i < STORED_BLOCK; i += W) {
            vec here = load(x + i);
            store(size + i, choose(here < zero(), zero() - here, here));
        }
        float most = largest(size, STORED_BLOCK);
        vec inverse = splat(most > 0 ? 127 / most : 0);
        for (int i = 0; i < STORED_BLOCK; i += W) {
            ivec n = (ivec)fma_(load(x + i), inverse, shift) - (ivec)shift;
            memcpy(whole + i, &n, sizeof n);
        }
        d[block] = most / 127;
        total[block] = 0;
        for (int i = 0; i < STORED_BLOCK; i++) {
            total[block] += whole[i];
            q[block * STORED_BLOCK + (size_t)i] = (int8_t)whole[i];
        }
    }
}

/* y [rows][16 of outputs] += x W^T for the 16 outputs of a panel, which is read once for ROUNDED_ROWS
 * rows, or for one. */
enum { ROUNDED_ROWS = 4, AHEAD = 4096 /* bytes: memory is slow, so it is asked for early */ };

typedef void panel_function(float *y, size_t outputs, size_t width, const uint16_t *scales,
                            const uint8_t *w, const int8_t *q, const float *d,
                            const int32_t *total, size_t blocks);

#define PANEL_FUNCTION(name, attribute, products_of, rows, storage) \
    attribute static void name(float *y, size_t outputs, size_t width, const uint16_t *scales, \
                               const uint8_t *w, const int8_t *q, const float *d, \
                               const int32_t *total, size_t blocks) \
    { \
        vec sums[rows][PARTS]; \
        UNROLL for (size_t r = 0; r < rows; r++) \
            UNROLL for (size_t i = 0; i < PARTS; i++) \
                sums[r][i] = load_first(y + r * outputs + i * W, left_from(width, i * W), 0); \
        for (size_t b = 0; b < blocks; b++, w += block_bytes(storage)) { \
            vec scale[PARTS]; \
            for (size_t line = 0; line < block_bytes(storage); line += 64) \
                __builtin_prefetch(w + line + AHEAD); \
            from_halves(scale, scales + b * STORED_ROWS); \
            UNROLL for (size_t r = 0; r < rows; r++) { \
                ivec whole[PARTS]; \
                products_of(whole, w, q + (r * blocks + b) * STORED_BLOCK, \
                            total[r * blocks + b], storage); \
                UNROLL for (size_t i = 0; i < PARTS; i++) \
                    sums[r][i] = fma_(__builtin_convertvector(whole[i], vec), \
                                      scale[i] * splat(d[r * blocks + b]), sums[r][i]); \
            } \
        } \
        UNROLL for (size_t r = 0; r < rows; r++) \
            UNROLL for (size_t i = 0; i < PARTS; i++) \
                store_first(y + r * outputs + i * W, sums[r][i], left_from(width, i * W)); \
    }

PANEL_FUNCTION(panel_q8_1, , products, 1, L2C_Q8_0)
PANEL_FUNCTION(panel_q8_4, , products, ROUNDED_ROWS, L2C_Q8_0)
PANEL_FUNCTION(panel_q4_1, , products, 1, L2C_Q4_0)
PANEL_FUNCTION(panel_q4_4, , products, ROUNDED_ROWS, L2C_Q4_0)
#ifdef __AVX512F__
PANEL_FUNCTION(panel_vnni_q8_1, VNNI, products_vnni, 1, L2C_Q8_0)
PANEL_FUNCTION(panel_vnni_q8_4, VNNI, products_vnni, ROUNDED_ROWS, L2C_Q8_0)
PANEL_FUNCTION(panel_vnni_q4_1, VNNI, products_vnni, 1, L2C_Q4_0)
PANEL_FUNCTION(panel_vnni_q4_4, VNNI, products_vnni, ROUNDED_ROWS, L2C_Q4_0)
#endif

/* [storage is q4_0][several rows] */
static inline panel_function *panel_of(int storage, int several)
{
    static panel_function *const plain[2][2] = {{panel_q8_1, panel_q8_4},
                                                {panel_q4_1, panel_q4_4}};
#ifdef __AVX512F__
    static panel_function *const vnni[2][2] = {{panel_vnni_q8_1, panel_vnni_q8_4},
                                               {panel_vnni_q4_1, panel_vnni_q4_4}};
    if (l2c_has_vnni())
        return vnni[storage == L2C_Q4_0][several];
#endif
    return plain[storage == L2C_Q4_0][several];
}

/* y [rows][outputs] += x W^T, x rounded. */
static inline void multiply_blocks(float *y, const struct rounded_rows *x, const void *matrix,
                                   size_t rows, size_t outputs, size_t inputs, int storage)
{
    size_t blocks = inputs / STORED_BLOCK;
    const uint16_t *scales = matrix;
    const uint8_t *w = (const uint8_t *)matrix + scales_bytes(outputs, inputs);
    for (size_t n = 0; n < outputs; n += STORED_ROWS) {
        size_t width = least(STORED_ROWS, outputs - n), panel = n / STORED_ROWS * blocks;
        for (size_t r = 0; r < rows;) {
            int several = rows - r >= ROUNDED_ROWS;
            panel_of(storage, several)(y + r * outputs + n, outputs, width,
                                       scales + panel * STORED_ROWS,
                                       w + panel * block_bytes(storage), x->q + r * inputs,
                                       x->d + r * blocks, x->total + r * blocks, blocks);
            r += several ? ROUNDED_ROWS : 1;
        }
    }
}

/* ------------------------------------------------------------------------------------ storing */

/* A block of one output: d and whole numbers, as ggml's reference functions choose them. */
static inline uint16_t store_block(uint8_t q[STORED_BLOCK], const float *w, int storage)
{
    float most = 0, extreme = 0;
    for (int i = 0; i < STORED_BLOCK; i++)
        if (fabsf(w[i]) > most)
            most = fabsf(w[i]), extreme = w[i];
    float d = storage == L2C_Q8_0 ? most / 127 : extreme / -8, inverse = d != 0 ? 1 / d : 0;
    for (int i = 0; i < STORED_BLOCK; i++) {
        float x = w[i] * inverse;
        if (storage == L2C_Q8_0) {
            q[i] = (uint8_t)((int)(x < 0 ? x - 0.5f : x + 0.5f) + 128);
        } else {
            int whole = (int)(x + 8.5f);
            q[i] = (uint8_t)(whole > 15 ? 15 : whole);
        }
    }
    return to_half(d);
}

/* w[n * across + k * along] is what input k weighs in output n: either may run fastest. */
static inline void store_blocks(void *matrix, const float *w, size_t across, size_t along,
                                size_t outputs, size_t inputs, int storage)
{
    size_t blocks = inputs / STORED_BLOCK;
    uint16_t *scales = matrix;
    uint8_t *numbers = (uint8_t *)matrix + scales_bytes(outputs, inputs);
    memset(matrix, 0, stored_floats(storage, outputs, inputs) * sizeof(float));
    for (size_t n = 0; n < outputs; n++)
        for (size_t b = 0; b < blocks; b++) {
            uint8_t q[STORED_BLOCK];
            float here[STORED_BLOCK];
            size_t at = n / STORED_ROWS * blocks + b, row = n % STORED_ROWS;
            for (size_t i = 0; i < STORED_BLOCK; i++)
                here[i] = w[n * across + (b * STORED_BLOCK + i) * along];
            scales[at * STORED_ROWS + row] = store_block(q, here, storage);
            uint8_t *to = numbers + at * block_bytes(storage) + 4 * row;
            for (size_t i = 0; i < STORED_BLOCK / (storage == L2C_Q8_0 ? 1 : 2); i++)
                to[i / 4 * 64 + i % 4] =
                    storage == L2C_Q8_0 ? q[i] : (uint8_t)(q[i] | q[i + STORED_BLOCK / 2] << 4);
        }
}

/* W [outputs][inputs] as it is to be read. */
static inline void store_matrix(float *matrix, const float *w, size_t outputs, size_t inputs,
                                int storage)
{
    if (storage == L2C_F32) {
        pack_transposed(matrix, w, inputs, inputs, outputs, 0, outputs);
        return;
    }
    if (storage == L2C_Q8_0 || storage == L2C_Q4_0) {
        store_blocks(matrix, w, inputs, 1, outputs, inputs, storage);
        return;
    }
    uint16_t *to = (uint16_t *)(void *)matrix;
    memset(matrix, 0, stored_floats(storage, outputs, inputs) * sizeof(float));
    for (size_t n = 0; n < outputs; n++)
        for (size_t k = 0; k < inputs; k++) {
            float x = w[n * inputs + k];
            to[(n / STORED_ROWS * inputs + k) * STORED_ROWS + n % STORED_ROWS] =
                storage == L2C_F16 ? to_half(x) : to_bfloat(x);
        }
}

#endif
