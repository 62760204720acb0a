/* The most floating-point operations a second one thread of this machine reaches: fused
 * multiply-adds on registers alone. Prints GFLOP/s. Compiled with -march=native by speed.py. */

#include <stdio.h>
#include <time.h>

#ifdef __AVX512F__
enum { W = 16 };
#elif defined(__AVX__)
enum { W = 8 };
#else
enum { W = 4 };
#endif
enum { CHAINS = 12 }; /* more than latency times units anywhere, and few enough for registers */
typedef float vec __attribute__((vector_size(4 * W)));

static double now(void)
{
    struct timespec t; /* of this process alone: others may be running */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(void)
{
    enum { LOOPS = 2000000, ROUNDS = 5 };
    vec sums[CHAINS] = {{0}}, factor = {0}, term = {0};
    factor += 0.999f;
    term += 1e-3f;
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int loop = 0; loop < LOOPS; loop++)
            for (int chain = 0; chain < CHAINS; chain++)
                sums[chain] = sums[chain] * factor + term;
        double rate = 2.0 * W * CHAINS * LOOPS / (now() - start) / 1e9;
        best = rate > best ? rate : best;
    }
    float used = 0;
    for (int chain = 0; chain < CHAINS; chain++)
        used += sums[chain][0];
    printf("%.1f\n", used > 1e30f ? 0 : best);
    return 0;
}
