/* sampling.h: how the next token is chosen from logits; `engines/sampling.py` is its twin.
 *
 * In this order: repetition penalty (Keskar et al. 2019), banned tokens, temperature, the top_k
 * most probable, the smallest set of them that holds top_p of the probability (Holtzman et al.
 * 2020), of these the ones at least min_p times as probable as the best (Nguyen et al. 2024), one
 * draw. Equally probable tokens are ordered by their id.
 *
 * The draw's random number is a function of (seed, position), by Philox 4x64-10 (Salmon et al.
 * 2011), so nothing has to be carried from one call to the next.
 */
#ifndef L2C_SAMPLING_H
#define L2C_SAMPLING_H

#include "act.h"
#include "l2c.h"

/* L2C_OK, L2C_BAD_TOKEN or L2C_BAD_OPTION. */
int sampler_status(const l2c_sampler *sampler, size_t vocab_size);

/* l2c_sample behind its checks. */
typedef int choose_token_function(int32_t *token, const float *logits, const int32_t *recent,
                         const l2c_sampler *sampler, uint64_t seed, uint64_t position, size_t V,
                         float *workspace);

/* ---------------------------------------------------------------------------- random numbers */

static inline uint64_t multiply_high(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)a * b >> 64);
}

/* The first word of Philox 4x64-10 for the counter (position, 0, 0, 0) and the key (seed, 0). */
static inline uint64_t philox(uint64_t seed, uint64_t position)
{
    uint64_t x[4] = {position, 0, 0, 0}, key[2] = {seed, 0};
    for (int round = 0; round < 10; round++) {
        const uint64_t m0 = 0xD2E7470EE14C6C93u, m1 = 0xCA5A826395121157u;
        uint64_t high0 = multiply_high(m0, x[0]), high1 = multiply_high(m1, x[2]);
        uint64_t next[4] = {high1 ^ x[1] ^ key[0], m1 * x[2], high0 ^ x[3] ^ key[1], m0 * x[0]};
        memcpy(x, next, sizeof x);
        key[0] += 0x9E3779B97F4A7C15u;
        key[1] += 0xBB67AE8584CAA73Bu;
    }
    return x[0];
}

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double uniform(uint64_t seed, uint64_t position)
{
    return (double)(philox(seed, position) >> 11) * 0x1p-53;
}

/* --------------------------------------------------------------------------------- the ranking */

/* Tokens in a heap: the most probable first, then the one with the smallest id. */
static inline int comes_before(const float *p, int32_t a, int32_t b)
{
    return p[a] > p[b] || (p[a] == p[b] && a < b);
}

static inline void sink(int32_t *heap, size_t n, size_t parent, const float *p)
{
    for (;;) {
        size_t best = parent;
        for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < n; child++)
            if (comes_before(p, heap[child], heap[best]))
                best = child;
        if (best == parent)
            return;
        int32_t moved = heap[parent];
        heap[parent] = heap[best];
        heap[best] = moved;
        parent = best;
    }
}

/* Move the best of the heap, ranked[0 .. V - popped), to its end. */
static inline void pop(int32_t *ranked, size_t V, size_t popped, const float *p)
{
    int32_t best = ranked[0];
    ranked[0] = ranked[V - 1 - popped];
    ranked[V - 1 - popped] = best;
    sink(ranked, V - 1 - popped, 0, p);
}

/* How many tokens may be drawn; they are the last ones in `ranked`, the most probable at its end.
 * The heap shrinks from the back as the ranking grows, so only what is kept is ever sorted. */
static inline size_t rank_kept(int32_t *ranked, const float *p, size_t V, const l2c_sampler *s)
{
    size_t most = s->top_k > 0 && (size_t)s->top_k < V ? (size_t)s->top_k : V;
    size_t popped = 0, kept = 0;
    double total = 0, reached = 0;
    for (size_t token = 0; token < V; token++)
        ranked[token] = (int32_t)token;
    for (size_t parent = V / 2; parent-- > 0;)
        sink(ranked, V, parent, p);
    for (; popped < most && most < V; popped++) {
        pop(ranked, V, popped, p);
        total += p[ranked[V - 1 - popped]];
    }
    if (s->top_p == 1)
        return most;
    for (size_t token = 0; token < V && most == V; token++)
        total += p[token];
    while (kept < most && reached < s->top_p * total) {
        if (kept == popped)
            pop(ranked, V, popped++, p);
        reached += p[ranked[V - 1 - kept++]];
    }
    return kept;
}

/* ------------------------------------------------------------------------------------ the draw */

static inline void penalise(float *scores, const int32_t *recent, size_t V, const l2c_sampler *s)
{
    for (int i = 0; i < L2C_RECENT && s->repetition_penalty != 1; i++) {
        int32_t token = recent[i];
        int again = token < 0 || (size_t)token >= V;
        for (int earlier = 0; earlier < i && !again; earlier++)
            again = recent[earlier] == token;
        if (!again)
            scores[token] = scores[token] > 0 ? scores[token] / s->repetition_penalty
                                              : scores[token] * s->repetition_penalty;
    }
    for (size_t i = 0; i < s->banned_count; i++)
        scores[s->banned[i]] = -INFINITY;
}

static inline int32_t most_probable(const float *scores, size_t V)
{
    int32_t best = 0;
    for (size_t token = 1; token < V; token++)
        if (scores[token] > scores[best])
            best = (int32_t)token;
    return best;
}

/* Floats of workspace: the scores, the ranking, and sums in double wherever floats may begin. */
static inline size_t sample_floats(size_t V) { return 4 * V + 1; }

/* The token chosen. Logits must be finite, and `s` must have passed sampler_status. */
static inline int32_t sample(const float *logits, const int32_t *recent, const l2c_sampler *s,
                             uint64_t seed, uint64_t position, size_t V, float *workspace)
{
    float *p = workspace;
    int32_t *ranked = (int32_t *)(workspace + V);
    memcpy(p, logits, V * sizeof(float));
    penalise(p, recent, V, s);
    float best = largest(p, V);
    if (s->temperature == 0)
        return most_probable(p, V);
    FOR_VECTORS(at, left, V) {
        vec score = load_first(p + at, left, 0) - splat(best);
        store_first(p + at, vec_exp(score / splat(s->temperature)), left);
    }
    int all = (s->top_k == 0 || (size_t)s->top_k >= V) && s->top_p == 1;
    size_t kept = all ? V : rank_kept(ranked, p, V, s);
    if (s->min_p > 0)
        FOR_VECTORS(at, left, V) { /* the best one's p is 1 */
            vec here = load_first(p + at, left, 0);
            store_first(p + at, choose(here < splat(s->min_p), zero(), here), left);
        }
    float *sums = workspace + 2 * V;
    double *reached = (double *)(void *)(sums + (uintptr_t)sums / sizeof *sums % 2), total = 0;
    for (size_t i = 0; i < kept; i++)
        reached[i] = total += p[all ? i : (size_t)ranked[V - 1 - i]];
    double target = uniform(seed, position) * total;
    size_t before = 0;
    for (size_t i = 0; i < kept; i++)
        before += reached[i] <= target; /* counting does not have to guess where it ends */
    /* The product can round up to the total: then the last one that is possible is meant. */
    before = before < kept ? before : kept - 1;
    while (before > 0 && p[all ? before : (size_t)ranked[V - 1 - before]] == 0)
        before--;
    return all ? (int32_t)before : ranked[V - 1 - before];
}

/* Whether this token ends a text. */
static inline int is_stop(const l2c_sampler *sampler, int32_t token)
{
    for (size_t i = 0; i < sampler->stop_count; i++)
        if (sampler->stop[i] == token)
            return 1;
    return 0;
}

#endif
