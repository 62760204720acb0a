/* gemm.h: products of matrices, C += A B, or C = from + A B.
 *
 * Every element of C is one chain of fused multiply-adds, k ascending, that starts from the
 * element's old value, from another matrix's or from 0. So no blocking, no split over threads and no vector width can change a bit,
 * and a product of many rows equals the products of its rows one by one.
 *
 * The work is done by tiles of TILE_ROWS rows by TILE_VECTORS vectors of C, kept in registers while
 * k runs: one element of A is broadcast and multiplied with a row of B. B is packed beforehand into
 * panels as wide as a tile, [panel][k][column], so that it streams; the last panel is only as wide
 * as it must be, in whole vectors, filled up with zeros.
 */
#ifndef L2C_GEMM_H
#define L2C_GEMM_H

#include "vec.h"

enum {
    TILE_ROWS = 6, LOW_TILE = 4,
#if defined(__AVX512F__) || defined(__aarch64__)
    TILE_VECTORS = 4, /* 24 of 32 registers hold C */
#else
    TILE_VECTORS = 2, /* 12 of 16 */
#endif
    PANEL = TILE_VECTORS * W,
    STRIP = 64,        /* columns packed side by side: whole panels */
    K_BLOCK = 512,     /* rows of a panel used before the next panel's turn */
    TN_K = 512,        /* the same for gemm_tn, */
    TN_ROWS = 256      /* and the rows of C it takes at once */
};

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t whole_vectors(size_t n) { return (n + W - 1) / W * W; }

/* -------------------------------------------------------------------------------- packing */

/* Enough for B [K][N] on every instruction set. */
INLINE size_t packed_floats(size_t K, size_t N) { return K * ((N + 15) / 16 * 16); }

/* The panels of B [K][columns], row by row: what lies side by side is read at once. */
INLINE void pack_columns(float *packed, const float *B, size_t ldb, size_t K, size_t columns)
{
    for (size_t k = 0; k < K; k++)
        UNROLL for (size_t j = 0; j < columns; j += PANEL) {
            size_t width = least(PANEL, columns - j);
            float *to = packed + j * K + k * whole_vectors(width);
            UNROLL for (size_t at = 0; at < width; at += W)
                store(to + at, load_first(B + k * ldb + j + at, width - at, 0));
        }
}

/* Pack the panels that begin in columns [from, to) of B [K][N]. */
static inline void pack(float *packed, const float *B, size_t ldb, size_t K, size_t N, size_t from,
                 size_t to)
{
    size_t end = least(N, (to + PANEL - 1) / PANEL * PANEL);
    for (size_t j = from; j < end; j += STRIP)
        if (end - j >= STRIP)
            pack_columns(packed + j * K, B + j, ldb, K, STRIP);
        else
            pack_columns(packed + j * K, B + j, ldb, K, end - j);
}

/* The same for B = A transposed, A [N][K]: four columns at a time, because what four rows of A hold is
 * then written side by side, and their lines stay in the cache however far apart they lie. */
static inline void pack_transposed(float *packed, const float *A, size_t lda, size_t K, size_t N,
                            size_t from, size_t to)
{
    enum { FOUR = 4, DEPTH = 64 };
    for (size_t j = from; j < to; j += PANEL) {
        size_t width = least(PANEL, N - j), stride = whole_vectors(width);
        for (size_t k0 = 0; k0 < K; k0 += DEPTH)
            for (size_t column = 0; column < stride; column += FOUR) {
                const float *rows = A + (j + column) * lda;
                float *panel = packed + j * K + column;
                size_t k1 = least(K, k0 + DEPTH), filled = least(FOUR, left_from(width, column));
                if (filled == FOUR)
                    for (size_t k = k0; k < k1; k++)
                        UNROLL for (size_t i = 0; i < FOUR; i++)
                            panel[k * stride + i] = rows[i * lda + k];
                else
                    for (size_t k = k0; k < k1; k++)
                        for (size_t i = 0; i < FOUR; i++)
                            panel[k * stride + i] = i < filled ? rows[i * lda + k] : 0;
            }
    }
}

/* ---------------------------------------------------------------------------------- tiles */

/* C [rows][vectors * W] = from + A B, `from` NULL for zeros. A is [rows][K] with lda, or, turned,
 * [K][rows]. */
INLINE void tile(float *C, size_t ldc, const float *from, size_t ldf, const float *A, size_t lda,
                 const float *B, size_t K, int rows, int vectors, int turned)
{
    vec c[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            c[r][v] = from == NULL ? zero() : load(from + r * ldf + v * W);
    for (size_t k = 0; k < K; k++) {
        vec b[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++)
            b[v] = load(B + (k * vectors + v) * W);
        UNROLL for (int r = 0; r < rows; r++) {
            vec a = splat(turned ? A[k * lda + r] : A[r * lda + k]);
            UNROLL for (int v = 0; v < vectors; v++)
                c[r][v] = fma_(a, b[v], c[r][v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            store(C + r * ldc + v * W, c[r][v]);
}

typedef void tile_function(float *, size_t, const float *, size_t, const float *, size_t,
                           const float *, size_t);

#define TILE_AS(name, rows, vectors, turned) \
    __attribute__((unused)) static void name##rows##x##vectors( \
        float *C, size_t ldc, const float *from, size_t ldf, const float *A, size_t lda, \
        const float *B, size_t K) \
    { \
        tile(C, ldc, from, ldf, A, lda, B, K, rows, vectors, turned); \
    }
#define TILE(rows, vectors) \
    TILE_AS(tile_, rows, vectors, 0) TILE_AS(tile_turned_, rows, vectors, 1)
#define TILES(vectors) \
    TILE(1, vectors) TILE(2, vectors) TILE(3, vectors) TILE(4, vectors) TILE(5, vectors) \
    TILE(6, vectors)
#define TILE_LIST(name, vectors) \
    {name##1x##vectors, name##2x##vectors, name##3x##vectors, \
     name##4x##vectors, name##5x##vectors, name##6x##vectors}

TILES(1)
TILES(2)
#if defined(__AVX512F__) || defined(__aarch64__)
TILES(3)
TILES(4)
static tile_function *const tiles[2][4][TILE_ROWS] = {
    {TILE_LIST(tile_, 1), TILE_LIST(tile_, 2), TILE_LIST(tile_, 3), TILE_LIST(tile_, 4)},
    {TILE_LIST(tile_turned_, 1), TILE_LIST(tile_turned_, 2), TILE_LIST(tile_turned_, 3),
     TILE_LIST(tile_turned_, 4)},
};
#else
static tile_function *const tiles[2][2][TILE_ROWS] = {
    {TILE_LIST(tile_, 1), TILE_LIST(tile_, 2)},
    {TILE_LIST(tile_turned_, 1), TILE_LIST(tile_turned_, 2)},
};
#endif

/* One tile of C = from + A B, `width` columns wide; columns beyond are left alone. */
static inline void tile_any(float *C, size_t ldc, const float *from, size_t ldf, const float *A,
                            size_t lda, const float *B, size_t K, size_t rows, size_t width,
                            int turned)
{
    size_t vectors = (width + W - 1) / W;
    tile_function *run = tiles[turned][vectors - 1][rows - 1];
    if (width == vectors * W) {
        run(C, ldc, from, ldf, A, lda, B, K);
        return;
    }
    float edge[TILE_ROWS * PANEL] = {0};
    for (size_t r = 0; from != NULL && r < rows; r++)
        memcpy(edge + r * PANEL, from + r * ldf, width * sizeof(float));
    run(edge, PANEL, edge, PANEL, A, lda, B, K);
    for (size_t r = 0; r < rows; r++)
        memcpy(C + r * ldc, edge + r * PANEL, width * sizeof(float));
}

/* Where the tile with this number ends in rows [0, M): as many as can be are full, none of the
 * others has fewer than four (three of seven) rows, whose sums would keep the multipliers waiting.
 * 32 is 6, 6, 6, 6, 4, 4, not five sixes and a two. */
INLINE size_t tile_end(size_t M, size_t tile_number)
{
    size_t count = (M + TILE_ROWS - 1) / TILE_ROWS, after = count - 1 - tile_number;
    return least(TILE_ROWS * (tile_number + 1), M - LOW_TILE * after);
}

/* ------------------------------------------------------------------------------- products */

/* C [M][N] = from + A [M][K] B, `from` [M][N] or NULL for zeros, B packed; of B's `depth` rows only
 * the first K. */
static inline void gemm_from(float *C, size_t ldc, const float *from, size_t ldf, const float *A,
                             size_t lda, const float *B, size_t depth, size_t M, size_t N, size_t K)
{
    for (size_t k = 0; k == 0 || k < K; k += K_BLOCK, from = C, ldf = ldc)
        for (size_t j = 0; j < N; j += PANEL) {
            size_t width = least(PANEL, N - j);
            const float *panel = B + j * depth + k * whole_vectors(width);
            for (size_t i = 0, number = 0; i < M; number++) {
                size_t end = tile_end(M, number);
                tile_any(C + i * ldc + j, ldc, from == NULL ? NULL : from + i * ldf + j, ldf,
                         A + i * lda + k, lda, panel, least(K_BLOCK, K - k), end - i, width, 0);
                i = end;
            }
        }
}

/* C [M][N] += A [M][K] B, B packed. */
static inline void gemm(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t M,
                 size_t N, size_t K)
{
    gemm_from(C, ldc, C, ldc, A, lda, B, K, M, N, K);
}

/* Floats of scratch that gemm_tn needs, the same on every instruction set. */
enum { TN_SCRATCH = TN_K * (TN_ROWS + TILE_ROWS + STRIP) };

/* Pack columns of A [K][M] into [tile][k][row], tiles as tile_end says. Where A has eight columns
 * from here on, they are moved at once: what is more than a tile's is overwritten by what comes
 * next, and after the last of all there is room in TN_SCRATCH. */
static inline void pack_rows(float *packed, const float *A, size_t lda, size_t K, size_t M)
{
    enum { AT_ONCE = 8 };
    for (size_t i = 0, number = 0; i < M; number++) {
        size_t end = tile_end(M, number), rows = end - i;
        float *to = packed + number * K * TILE_ROWS;
        const float *from = A + i;
        if (i + AT_ONCE <= M)
            for (size_t k = 0; k < K; k++)
                memcpy(to + k * TILE_ROWS, from + k * lda, AT_ONCE * sizeof(float));
        else
            for (size_t k = 0; k < K; k++)
                for (size_t r = 0; r < rows; r++)
                    to[k * TILE_ROWS + r] = from[k * lda + r];
        i = end;
    }
}

/* C [M][N] += A^T B, A [K][M] and B [K][N]: how the gradient of a weight matrix comes about. A is
 * packed where more than two panels of B use it. */
static inline void gemm_tn(float *C, size_t ldc, const float *A, size_t lda, const float *B, size_t ldb,
                    size_t M, size_t N, size_t K, float *scratch)
{
    float *A_packed = scratch + TN_K * STRIP, *panels = scratch;
    int often = N > 2 * PANEL;
    for (size_t i0 = 0; i0 < M; i0 += TN_ROWS)
        for (size_t k = 0; k < K; k += TN_K) {
            size_t rows = least(TN_ROWS, M - i0), depth = least(TN_K, K - k);
            const float *here = A + k * lda + i0;
            if (often)
                pack_rows(A_packed, here, lda, depth, rows);
            for (size_t j = 0; j < N; j += PANEL) {
                size_t width = least(PANEL, N - j), packed = j % STRIP;
                if (packed == 0)
                    pack(panels, B + k * ldb + j, ldb, depth, N - j, 0, least(STRIP, N - j));
                for (size_t i = 0, number = 0; i < rows; number++) {
                    size_t end = tile_end(rows, number);
                    const float *left = often ? A_packed + number * depth * TILE_ROWS : here + i;
                    float *to = C + (i0 + i) * ldc + j;
                    tile_any(to, ldc, to, ldc, left, often ? TILE_ROWS : lda,
                             panels + packed * depth, depth, end - i, width, 1);
                    i = end;
                }
            }
        }
}

/* ------------------------------------------------------------------------------- one row */

/* A load that the compiler leaves in its place among others like it. One row's product waits for
 * the cache, which streams as long as lines are asked for in the order in which they lie: with the
 * last of four first it takes half as long again. */
INLINE vec load_in_turn(const float *p) { return *(const volatile vec_at *)p; }

/* y [vectors * W] += x [K] B [K][...], the sums kept in registers. */
INLINE void gemv_columns(float *y, const float *x, const float *B, size_t ldb, size_t K,
                         int vectors)
{
    vec sums[16];
    UNROLL for (int v = 0; v < vectors; v++)
        sums[v] = load(y + v * W);
    for (size_t k = 0; k < K; k++) {
        vec a = splat(x[k]);
        UNROLL for (int v = 0; v < vectors; v++)
            sums[v] = fma_(a, load_in_turn(B + k * ldb + v * W), sums[v]);
    }
    UNROLL for (int v = 0; v < vectors; v++)
        store(y + v * W, sums[v]);
}

/* y [N] += x [K] B [K][N], B as it is: the bits are those of gemm with one row. */
static inline void gemv(float *y, const float *x, const float *B, size_t ldb, size_t K, size_t N)
{
    enum { WIDE = W == 8 ? 8 : 16, SOME = 4 };
    size_t j = 0;
    for (; j + WIDE * W <= N; j += WIDE * W)
        gemv_columns(y + j, x, B + j, ldb, K, WIDE);
    for (; j + SOME * W <= N; j += SOME * W)
        gemv_columns(y + j, x, B + j, ldb, K, SOME);
    for (; j + 2 * W <= N; j += 2 * W)
        gemv_columns(y + j, x, B + j, ldb, K, 2);
    for (; j < N; j += W) {
        vec sums = load_first(y + j, N - j, 0);
        for (size_t k = 0; k < K; k++)
            sums = fma_(splat(x[k]), load_first(B + k * ldb + j, N - j, 0), sums);
        store_first(y + j, sums, N - j);
    }
}

/* B [K][N] in strips of 64 columns, each [k][column], the last as narrow as it must be: what one row
 * is multiplied with then streams, with the same layout on every instruction set. Stores the strips
 * that begin in columns [from, to); B's number (k, n) is B[k * by_k + n * by_n]. */
static inline void store_strips(float *strips, const float *B, size_t by_k, size_t by_n, size_t K,
                                size_t N, size_t from, size_t to)
{
    for (size_t j = from; j < to; j += STRIP)
        for (size_t k = 0; k < K; k++) {
            size_t width = least(STRIP, N - j);
            float *row = strips + j * K + k * width;
            const float *found = B + k * by_k + j * by_n;
            if (by_n == 1 && width == STRIP)
                memcpy(row, found, STRIP * sizeof *row);
            else
                for (size_t n = 0; n < width; n++)
                    row[n] = found[n * by_n];
        }
}

/* y [STRIP + more * W] += x [K] B, B a strip and the narrower one that follows it. */
INLINE void gemv_two_strips(float *y, const float *x, const float *strip, size_t K, int more)
{
    enum { VECTORS = STRIP / W };
    const float *narrow = strip + STRIP * K;
    vec sums[2 * VECTORS];
    UNROLL for (int v = 0; v < VECTORS + more; v++)
        sums[v] = load(y + v * W);
    for (size_t k = 0; k < K; k++, strip += STRIP, narrow += more * W) {
        vec a = splat(x[k]);
        UNROLL for (int v = 0; v < VECTORS; v++)
            sums[v] = fma_(a, load_in_turn(strip + v * W), sums[v]);
        UNROLL for (int v = 0; v < more; v++)
            sums[VECTORS + v] = fma_(a, load_in_turn(narrow + v * W), sums[VECTORS + v]);
    }
    UNROLL for (int v = 0; v < VECTORS + more; v++)
        store(y + v * W, sums[v]);
}

/* y [N] += x [K] B, B in strips: the bits are those of gemv. With few and wide vectors the last two
 * strips are done together, because the few sums of a narrow one would wait for themselves. */
static inline void gemv_strips(float *y, const float *x, const float *strips, size_t K, size_t N)
{
    size_t whole = N / STRIP * STRIP, narrow = N - whole;
    int together = PARTS == 1 && whole > 0 && (narrow == W || narrow == 2 * W);
    for (size_t j = 0; j < whole - (together ? STRIP : 0); j += STRIP)
        gemv(y + j, x, strips + j * K, STRIP, K, STRIP);
    if (!together) {
        gemv(y + whole, x, strips + whole * K, narrow, K, narrow);
        return;
    }
    size_t last = whole - STRIP;
    if (narrow == W)
        gemv_two_strips(y + last, x, strips + last * K, K, 1);
    else
        gemv_two_strips(y + last, x, strips + last * K, K, 2);
}

/* A strip's part of the sums `lanes` [K][16], which begin with the first strip: its rows [K][width]
 * times x [width]. */
INLINE void add_strip(float *lanes, const float *strip, const float *x, size_t K, size_t width,
                      int first)
{
    vec here[STRIP / W];
    UNROLL for (size_t v = 0; v < STRIP / W; v++)
        here[v] = load_first(x + v * W, left_from(width, v * W), 0);
    for (size_t k = 0; k < K; k++) {
        vec sums[PARTS];
        UNROLL for (size_t v = 0; v < PARTS; v++)
            sums[v] = first ? zero() : load(lanes + k * LANES + v * W);
        UNROLL for (size_t v = 0; v < STRIP / W; v++)
            if (v / PARTS * LANES < width) {
                const float *from = strip + k * width + v * W;
                size_t left = left_from(width, v * W);
                vec b = left >= W ? load_in_turn(from) : load_first(from, left, 0);
                sums[v % PARTS] = fma_(b, here[v], sums[v % PARTS]);
            }
        UNROLL for (size_t v = 0; v < PARTS; v++)
            store(lanes + k * LANES + v * W, sums[v]);
    }
}

/* y [K] += B x [N], B [K][N] in strips, N >= 1: the bits are those of dot with every row. From strip
 * to strip the sums wait in `lanes` [K][16]. */
static inline void gemv_turned(float *y, const float *strips, const float *x, size_t K, size_t N,
                               float *lanes)
{
    add_strip(lanes, strips, x, K, least(STRIP, N), 1);
    for (size_t j = STRIP; j < N; j += STRIP)
        if (N - j >= STRIP)
            add_strip(lanes, strips + j * K, x + j, K, STRIP, 0);
        else
            add_strip(lanes, strips + j * K, x + j, K, N - j, 0);
    for (size_t k = 0; k < K; k++) {
        vec sums[PARTS];
        memcpy(sums, lanes + k * LANES, sizeof sums);
        y[k] += fold_sum(sums);
    }
}

#endif
