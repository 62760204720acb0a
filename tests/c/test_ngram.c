/* Counting through l2c.h alone: tables that come back to nothing, probabilities that sum to 1. */

#include "check.h"

#include <math.h>
#include <string.h>

enum { V = 7, N = 3000 };

typedef struct {
    l2c_ngram_tables tables;
    int32_t *windows; /* [N][M + 1] */
    uint32_t *ones;
} model;

static uint32_t *words(size_t n)
{
    uint32_t *p = malloc(n * sizeof *p);
    CHECK(p != NULL, "out of memory");
    return p;
}

/* Text in which a token mostly follows its predecessor, read in windows of M + 1. */
static model new_model(size_t M)
{
    size_t contexts = 1 + N * M, entries = N * (M + 1), slots = 2;
    while (slots <= entries)
        slots *= 2;
    model net = {.tables = {words(contexts * 8), words(entries * 4), (uint64_t *)words(2 * slots),
                            (uint64_t *)words(2 * slots), words(L2C_NGRAM_BOOKS), contexts,
                            entries, slots, slots, M}};
    net.windows = (int32_t *)words(N * (M + 1));
    net.ones = words(N);
    unsigned seed = 3;
    int32_t text[N];
    for (int i = 0; i < N; i++) {
        float step = noise(&seed);
        text[i] = i == 0 ? 0 : (text[i - 1] + (step < 0.6f ? 1 : (int32_t)(step * 70))) % V;
    }
    for (int i = 0; i < N; i++) {
        net.ones[i] = 1;
        for (int m = 0; m <= (int)M; m++) {
            int at = i - (int)M + m;
            net.windows[i * (int)(M + 1) + m] = at < 0 ? -1 : text[at];
        }
    }
    CHECK(l2c_ngram_clear(&net.tables) == L2C_OK, "clear");
    return net;
}

static void free_model(model *net)
{
    free(net->tables.contexts), free(net->tables.entries), free(net->tables.context_index);
    free(net->tables.entry_index), free(net->tables.books), free(net->windows), free(net->ones);
}

static uint64_t *moved(uint64_t *index, size_t slots)
{
    uint64_t *larger = (uint64_t *)words(4 * slots);
    CHECK(l2c_ngram_move_index(larger, 2 * slots, index, slots) == L2C_OK, "move");
    CHECK(l2c_ngram_move_index(larger, slots, index, 2 * slots) == L2C_BAD_SIZE, "smaller");
    free(index);
    return larger;
}

static void move_indexes(l2c_ngram_tables *t)
{
    t->context_index = moved(t->context_index, t->context_slots);
    t->entry_index = moved(t->entry_index, t->entry_slots);
    t->context_slots *= 2;
    t->entry_slots *= 2;
}

static double score(const model *net, size_t n)
{
    double *log_p = (double *)floats(2 * n), sum = 0;
    CHECK(l2c_ngram_score(log_p, &net->tables, net->windows, n, V, V) == L2C_OK, "score");
    for (size_t i = 0; i < n; i++)
        sum += log_p[i];
    free(log_p);
    return sum / (double)n;
}

static void check_learning(size_t M)
{
    model net = new_model(M);
    double before = score(&net, N);
    CHECK(fabs(before + log(V)) < 1e-12, "nothing counted, but %g", before);
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, N / 2) == L2C_OK, "add");
    double half = score(&net, N);
    CHECK(half > before + 0.2, "M = %zu learned nothing: %g", M, half);
    CHECK(l2c_ngram_add(&net.tables, net.windows + N / 2 * (M + 1), net.ones, N / 2) == L2C_OK,
          "add more");
    move_indexes(&net.tables);
    CHECK(score(&net, N) > half, "M = %zu: more text taught nothing", M);
    CHECK(l2c_ngram_remove(&net.tables, net.windows + N / 2 * (M + 1), net.ones, N / 2) == L2C_OK,
          "remove");
    CHECK(score(&net, N) == half, "M = %zu: what was added and removed left a trace", M);
    CHECK(l2c_ngram_remove(&net.tables, net.windows, net.ones, N) == L2C_NOT_COUNTED,
          "removed what was not there");
    CHECK(score(&net, N) == half, "M = %zu: a refused removal left a trace", M);
    CHECK(l2c_ngram_remove(&net.tables, net.windows, net.ones, N / 2) == L2C_OK, "remove all");
    CHECK(score(&net, N) == before, "M = %zu: something is left", M);
    double *log_p = (double *)floats(2 * N);
    CHECK(l2c_ngram_follow(log_p, &net.tables, net.windows, N, V) == L2C_OK, "follow");
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += log_p[i];
    CHECK(fabs(log_p[0] + log(V)) < 1e-12 && sum / N > before + 0.1, "following taught nothing");
    free(log_p);
    free_model(&net);
}

static void check_reading(size_t M)
{
    model net = new_model(M);
    size_t size = l2c_ngram_workspace(V);
    double *workspace = (double *)floats(2 * size);
    float *logits = floats(N * V), *shares = floats(N * (M + 2));
    int32_t *contexts = (int32_t *)words(N * M);
    for (size_t i = 0; i < N; i++)
        memcpy(contexts + i * M, net.windows + i * (M + 1), M * sizeof *contexts);
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, N) == L2C_OK, "add");
    CHECK(l2c_ngram_read(logits, shares, &net.tables, contexts, N, V, V, workspace, size) == L2C_OK,
          "read");
    for (size_t i = 0; i < N; i++) {
        double sum = 0, shared = 0;
        for (size_t token = 0; token < V; token++)
            sum += exp((double)logits[i * V + token]);
        for (size_t m = 0; m < M + 2; m++)
            shared += (double)shares[i * (M + 2) + m];
        CHECK(fabs(sum - 1) < 1e-6 && fabs(shared - 1) < 1e-5, "probabilities sum to %g", sum);
    }
    free(workspace), free(logits), free(shares), free(contexts);
    free_model(&net);
}

static void check_writing(void)
{
    model net = new_model(3);
    size_t size = l2c_ngram_workspace(V), written;
    double *workspace = (double *)floats(2 * size);
    int32_t tokens[200], recent[L2C_RECENT], banned[] = {2}, stop[] = {5};
    float log_p[200];
    uint64_t position = 0;
    int stopped;
    for (int i = 0; i < L2C_RECENT; i++)
        recent[i] = -1;
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, N) == L2C_OK, "add");
    l2c_sampler sampler = {.temperature = 1, .top_p = 1, .repetition_penalty = 1,
                           .banned = banned, .stop = stop, .banned_count = 1, .stop_count = 1};
    CHECK(l2c_ngram_generate(tokens, log_p, &written, &stopped, recent, &position, &net.tables,
                             &sampler, 4, 200, V, V, workspace, size) == L2C_OK,
          "generate");
    CHECK(stopped && position == written + 1, "no end after %zu tokens", written);
    for (size_t i = 0; i < written; i++)
        CHECK(tokens[i] != 2 && tokens[i] != 5 && log_p[i] < 0, "token %d", tokens[i]);
    free(workspace);
    free_model(&net);
}

/* What pruning left counts in the shorter contexts alone, and stays when the rest is taken away. */
static void check_pruned(void)
{
    model net = new_model(3);
    int32_t pruned[][4] = {{-2, 1, 2, 3}, {-2, -2, -2, 4}, {-2, -2, -1, 0}};
    uint32_t amounts[] = {2, 1, 1};
    CHECK(l2c_ngram_add(&net.tables, pruned[0], amounts, 3) == L2C_OK, "add what was pruned");
    double before = score(&net, 50);
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, N - 3) == L2C_OK, "add");
    CHECK(l2c_ngram_remove(&net.tables, net.windows, net.ones, N - 3) == L2C_OK, "remove");
    CHECK(score(&net, 50) == before, "not what was pruned alone");
    CHECK(l2c_ngram_remove(&net.tables, pruned[0], amounts, 1) == L2C_BAD_TOKEN, "removed");
    free_model(&net);
}

static void check_refusals(void)
{
    model net = new_model(2);
    int32_t bad[][3] = {{0, 0, -1}, {0, -1, 0}, {-3, 0, 0}, {0, 70000, 0}, {0, -2, 0}, {0, 0, -2}};
    double log_p;
    for (int i = 0; i < 6; i++)
        CHECK(l2c_ngram_add(&net.tables, bad[i], net.ones, 1) == L2C_BAD_TOKEN, "window %d", i);
    int32_t unknown[] = {0, 0, V};
    CHECK(l2c_ngram_score(&log_p, &net.tables, unknown, 1, V, V) == L2C_BAD_TOKEN, "beyond V");
    CHECK(l2c_ngram_score(&log_p, &net.tables, net.windows, 1, V, V + 1) == L2C_BAD_SIZE, "known");
    CHECK(l2c_ngram_workspace(0) == 0 && l2c_ngram_workspace(1u << 20) == 0, "V out of range");
    net.ones[0] = net.ones[1] = UINT32_MAX;
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, 2) == L2C_BAD_SIZE, "too many");
    net.tables.entry_capacity = 2;
    CHECK(l2c_ngram_add(&net.tables, net.windows, net.ones, 1) == L2C_BAD_SIZE, "no room");
    net.tables.context = 9;
    CHECK(l2c_ngram_clear(&net.tables) == L2C_BAD_SIZE, "a context that is too long");
    free_model(&net);
}

int main(void)
{
    for (size_t M = 1; M <= L2C_NGRAM_MAX_CONTEXT; M++) {
        check_learning(M);
        check_reading(M);
    }
    check_writing();
    check_pruned();
    check_refusals();
    return 0;
}
