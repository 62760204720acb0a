/* The sampler through its public door, and its random numbers against published ones. */

#include "sampling.h"
#include "check.h"

#include <math.h>

enum { V = 6 };

static int32_t draw(const float *logits, const l2c_sampler *options, uint64_t position)
{
    int32_t recent[L2C_RECENT], token = -1;
    for (int i = 0; i < L2C_RECENT; i++)
        recent[i] = -1;
    float *workspace = floats(l2c_sample_workspace(V));
    int status = l2c_sample(&token, logits, recent, options, 7, position, V, workspace,
                            l2c_sample_workspace(V));
    CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    free(workspace);
    return token;
}

static void check_frequencies(const float *logits, const l2c_sampler *options,
                              const double *expected)
{
    enum { DRAWS = 200000 };
    int counts[V] = {0};
    for (uint64_t position = 0; position < DRAWS; position++)
        counts[draw(logits, options, position)]++;
    for (int token = 0; token < V; token++) {
        double share = (double)counts[token] / DRAWS;
        double sigma = sqrt(expected[token] * (1 - expected[token]) / DRAWS);
        CHECK(fabs(share - expected[token]) <= 5 * sigma, "token %d: %g, expected %g", token,
              share, expected[token]);
    }
}

int main(void)
{
    /* Salmon et al.'s known answer for Philox 4x64-10, all words 0. */
    CHECK(philox(0, 0) == 0x16554d9eca36314cu, "philox");

    const float logits[V] = {logf(0.1f), logf(0.4f), logf(0.2f), logf(0.2f), logf(0.06f),
                             logf(0.04f)};
    l2c_sampler plain = {.temperature = 1, .top_p = 1, .repetition_penalty = 1};
    check_frequencies(logits, &plain, (double[]){0.1, 0.4, 0.2, 0.2, 0.06, 0.04});

    l2c_sampler two = plain;
    two.top_k = 2; /* of the equally probable tokens 2 and 3 the first is kept */
    check_frequencies(logits, &two, (double[]){0, 2.0 / 3, 1.0 / 3, 0, 0, 0});

    l2c_sampler most = plain;
    most.top_p = 0.7f;
    check_frequencies(logits, &most, (double[]){0, 0.5, 0.25, 0.25, 0, 0});

    const int32_t banned[] = {1, 3};
    l2c_sampler without = plain;
    without.banned = banned;
    without.banned_count = 2;
    check_frequencies(logits, &without, (double[]){0.25, 0, 0.5, 0, 0.15, 0.1});

    l2c_sampler greedy = plain;
    greedy.temperature = 0;
    CHECK(draw(logits, &greedy, 3) == 1, "greedy");
    return 0;
}
