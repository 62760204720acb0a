/* Products of gemm.h against the plain triple loop in double precision, and against each other:
 * rows one by one must give the bits of all rows together. */

#include "gemm.h"
#include "check.h"

static float *random_matrix(size_t n, unsigned seed)
{
    float *A = floats(n);
    for (size_t i = 0; i < n; i++)
        A[i] = noise(&seed);
    return A;
}

static void check_close(const float *C, const float *start, const float *A, size_t a_row,
                        size_t a_k, const float *B, size_t M, size_t N, size_t K)
{
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++) {
            double truth = start[i * N + j];
            for (size_t k = 0; k < K; k++)
                truth += (double)A[i * a_row + k * a_k] * B[k * N + j];
            double error = fabs(C[i * N + j] - truth);
            CHECK(error < 2e-6 * sqrt((double)K + 1) + 1e-6, "%zu x %zu x %zu at %zu, %zu: %g", M,
                  K, N, i, j, error);
        }
}

static void check_products(size_t M, size_t N, size_t K)
{
    float *A = random_matrix(M * K, 1), *B = random_matrix(K * N, 2), *C = random_matrix(M * N, 3);
    float *start = random_matrix(M * N, 3), *by_rows = random_matrix(M * N, 3);
    float *transposed = floats(K * N), *packed = floats(packed_floats(K, N));
    float *scratch = floats(TN_SCRATCH), *zeros = floats(M * N);

    pack(packed, B, N, K, N, 0, N);
    gemm(C, N, A, K, packed, M, N, K);
    check_close(C, start, A, K, 1, B, M, N, K);

    for (size_t i = 0; i < M; i++)
        gemv(by_rows + i * N, A + i * K, B, N, K, N);
    CHECK(memcmp(C, by_rows, M * N * sizeof *C) == 0, "%zu x %zu x %zu by rows", M, K, N);

    /* From another matrix, and from zeros, into one that holds something else. */
    gemm_from(C, N, start, N, A, K, packed, K, M, N, K);
    CHECK(memcmp(C, by_rows, M * N * sizeof *C) == 0, "%zu x %zu x %zu from another", M, K, N);
    gemm_from(C, N, NULL, 0, A, K, packed, K, M, N, K);
    memset(zeros, 0, M * N * sizeof *zeros);
    gemm(zeros, N, A, K, packed, M, N, K);
    CHECK(memcmp(C, zeros, M * N * sizeof *C) == 0, "%zu x %zu x %zu from zeros", M, K, N);

    memcpy(C, start, M * N * sizeof *C);
    store_strips(packed, B, N, 1, K, N, 0, N);
    for (size_t i = 0; i < M; i++)
        gemv_strips(C + i * N, A + i * K, packed, K, N);
    CHECK(memcmp(C, by_rows, M * N * sizeof *C) == 0, "%zu x %zu x %zu in strips", M, K, N);

    for (size_t k = 0; k < K; k++)
        for (size_t j = 0; j < N; j++)
            transposed[j * K + k] = B[k * N + j];
    memcpy(C, start, M * N * sizeof *C);
    pack_transposed(packed, transposed, K, K, N, 0, N);
    gemm(C, N, A, K, packed, M, N, K);
    CHECK(memcmp(C, by_rows, M * N * sizeof *C) == 0, "%zu x %zu x %zu transposed", M, K, N);

    memcpy(C, start, M * N * sizeof *C);
    store_strips(packed, transposed, 1, K, K, N, 0, N);
    for (size_t i = 0; i < M; i++)
        gemv_strips(C + i * N, A + i * K, packed, K, N);
    CHECK(memcmp(C, by_rows, M * N * sizeof *C) == 0, "%zu x %zu x %zu turned", M, K, N);

    /* C = start + A times the transposed, turned: a row's sum is that of dot. */
    store_strips(packed, transposed, K, 1, N, K, 0, K);
    for (size_t i = 0; i < M; i++) {
        memcpy(C + i * N, start + i * N, N * sizeof *C);
        gemv_turned(C + i * N, packed, A + i * K, N, K, scratch);
        for (size_t j = 0; j < N; j++) {
            float row = start[i * N + j] + dot(transposed + j * K, A + i * K, K);
            CHECK(C[i * N + j] == row, "%zu x %zu x %zu turned at %zu, %zu", M, K, N, i, j);
        }
    }
    check_close(C, start, A, K, 1, B, M, N, K);

    /* A^T B: read A as [K][M]. */
    memcpy(C, start, M * N * sizeof *C);
    gemm_tn(C, N, A, M, B, N, M, N, K, scratch);
    check_close(C, start, A, 1, M, B, M, N, K);

    free(A), free(B), free(C), free(start), free(by_rows);
    free(transposed), free(packed), free(scratch), free(zeros);
}

int main(void)
{
    require_instruction_set(TEXT_OF(L2C_ISA));
    const size_t sizes[] = {1, 2, 5, 6, 7, 15, 16, 17, 33, 64, 80, 96, 112, 130};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    for (int m = 0; m < COUNT; m++)
        for (int n = 0; n < COUNT; n++)
            for (int k = 0; k < COUNT; k++)
                check_products(sizes[m], sizes[n], sizes[k]);
    check_products(3, 20, 700); /* several blocks of k */
    check_products(400, 70, 600);
    check_products(4, 64, 0);
    return 0;
}
