/* check.h: the smallest test harness that says where and what. */
#ifndef L2C_CHECK_H
#define L2C_CHECK_H

#include "l2c.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition, ...) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__); \
            fputc('\n', stderr); \
            exit(1); \
        } \
    } while (0)

#define TEXT_OF_(name) #name
#define TEXT_OF(name) TEXT_OF_(name)

/* End the test as skipped on a machine without the instruction set it is compiled for. */
static inline void require_instruction_set(const char *name)
{
    if (l2c_use_instruction_set(name) == L2C_OK)
        return;
    printf("this machine has no %s\n", name);
    exit(77);
}

/* Learning a sentence takes hundreds of steps by one thread. ThreadSanitizer, which looks at what
 * threads share, is spared them. */
#ifdef __SANITIZE_THREAD__
enum { LEARN_WHOLE = 0 };
#else
enum { LEARN_WHOLE = 1 };
#endif

static const char *const INSTRUCTION_SETS[] = {"baseline", "avx2", "avx512"};

/* Memory exactly as large as asked for, so that a sanitizer sees one float too many. */
static inline float *floats(size_t n)
{
    float *p = malloc((n > 0 ? n : 1) * sizeof *p);
    CHECK(p != NULL, "out of memory");
    return p;
}

/* Small numbers in [-1, 1), the same in every run. */
static inline float noise(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) * 0x1p-23f - 1;
}

#endif
