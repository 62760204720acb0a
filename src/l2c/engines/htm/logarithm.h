/* logarithm.h: log and exp in double precision that give the same bits on every machine: nothing
 * but additions, multiplications and divisions, in one order. Errors are below 2e-15, relative.
 */
#ifndef L2C_HTM_LOGARITHM_H
#define L2C_HTM_LOGARITHM_H

#include <stdint.h>
#include <string.h>

#define LN_2 0.693147180559945309417

/* x > 0 and normal: x = 2^n m with m in [1/sqrt 2, sqrt 2); log m = 2 atanh((m - 1) / (m + 1)). */
static inline double ln(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int64_t n = (int64_t)(bits >> 52) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        n++;
    }
    double s = (m - 1) / (m + 1), z = s * s, sum = 1.0 / 19;
    for (int k = 17; k >= 1; k -= 2)
        sum = sum * z + 1.0 / k;
    return (double)n * LN_2 + 2 * s * sum;
}

/* x <= 0: e^x = 2^n e^r with |r| <= ln 2 / 2; 0 far below. */
static inline double exp_of(double x)
{
    if (x < -700)
        return 0;
    int64_t n = (int64_t)(x / LN_2 - 0.5);
    double r = x - (double)n * LN_2, sum = 1;
    for (int k = 14; k >= 1; k--)
        sum = sum * r / k + 1;
    uint64_t bits = (uint64_t)(n + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

#endif
