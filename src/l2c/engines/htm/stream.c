/* stream.c: texts through the memory and its head: reading, reading to learn, writing. */
#include "head.h"

#include "logarithm.h"

static size_t sampling_floats(size_t V) { return l2c_sample_workspace(V); }

size_t l2c_htm_workspace(size_t vocab_size)
{
    if (vocab_size < 1 || vocab_size > MAX_COUNT)
        return 0;
    return (EXPERTS + 4) * vocab_size + (vocab_size + sampling_floats(vocab_size) + 1) / 2;
}

int head_of(head *h, const l2c_htm_head *given, const region *r, double *workspace, size_t size)
{
    size_t V = given->vocab_size, needed = l2c_htm_workspace(V);
    size_t slots = given->context_slots;
    if (needed == 0 || size < needed || given->known < 1 || given->known > V
        || given->orders > L2C_HTM_MAX_ORDER || slots < 8 || (slots & (slots - 1)) != 0
        || given->on < 1 || given->on > r->shape.columns || given->entry_capacity > UINT32_MAX - 1
        || given->books[ENTRIES_USED] > given->entry_capacity
        || given->books[CONTEXTS_USED] >= slots)
        return L2C_BAD_SIZE;
    *h = (head){
        .columns = given->columns,
        .cells = (tally *)given->cells,
        .contexts = (context_record *)given->contexts,
        .entries = (entry_record *)given->entries,
        .overlaps = given->overlaps,
        .weights = given->weights,
        .books = given->books,
        .slots = slots,
        .entry_capacity = given->entry_capacity,
        .V = V,
        .known = given->known,
        .on = given->on,
        .orders = given->orders,
        .rate = given->rate,
        .experts = workspace,
        .mixed = workspace + EXPERTS * V,
        .p = workspace + (EXPERTS + 1) * V,
        .order_0 = workspace + (EXPERTS + 2) * V,
        .scratch = workspace + (EXPERTS + 3) * V,
        .logits = (float *)(workspace + (EXPERTS + 4) * V),
        .sampling = (float *)(workspace + (EXPERTS + 4) * V) + V,
    };
    return L2C_OK;
}

int l2c_htm_head_add(const l2c_htm_head *given, const l2c_htm_memory *memory,
                     const int32_t *orders, const uint64_t *keys, const uint32_t *tokens,
                     const uint32_t *counts, size_t n)
{
    region r;
    head h;
    double unused[1]; /* nothing is predicted here */
    int status = region_of(&r, memory);
    if (status != L2C_OK)
        return status;
    status = head_of(&h, given, &r, unused, SIZE_MAX);
    for (size_t i = 0; i < n && status == L2C_OK; i++) {
        if (tokens[i] >= h.V)
            return L2C_BAD_TOKEN;
        if (orders[i] < -1 || orders[i] > L2C_HTM_MAX_ORDER
            || (orders[i] == -1 && keys[i] >= r.cell_count))
            return L2C_BAD_SIZE;
        status = orders[i] < 0
                     ? count_after_cell(&h, (size_t)keys[i], tokens[i], counts[i])
                     : count_after_context(&h, (uint32_t)orders[i], keys[i], tokens[i], counts[i]);
    }
    return status;
}

/* --------------------------------------------------------------------------------- the streams */

typedef struct {
    region r;
    excitation e;
    head h;
} stream;

static int stream_of(stream *s, const l2c_htm_memory *memory, const l2c_htm_head *given,
                     uint64_t *activity, size_t activity_size, double *workspace, size_t size)
{
    int status = region_of(&s->r, memory);
    if (status == L2C_OK)
        status = excitation_of(&s->e, &s->r, activity, activity_size);
    if (status == L2C_OK)
        status = head_of(&s->h, given, &s->r, workspace, size);
    for (size_t i = 0; status == L2C_OK && i < given->vocab_size * given->on; i++)
        if (given->columns[i] >= s->r.shape.columns)
            status = L2C_BAD_TOKEN;
    return status;
}

static int tokens_fit(const int32_t *tokens, size_t n, size_t V)
{
    for (size_t i = 0; i < n; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= V)
            return 0;
    return 1;
}

static void step(stream *s, l2c_htm_place *place, int32_t token, int learn)
{
    const uint16_t *columns = s->h.columns + (size_t)token * s->h.on;
    place->surprise = unexpected(&s->e, columns, s->h.on);
    activate(&s->r, &s->e, columns, s->h.on, learn);
    depolarise(&s->r, &s->e, learn);
    place->recent[place->position++ % L2C_RECENT] = token;
}

int l2c_htm_read(float *logits, float *anomaly, float *experts, l2c_htm_place *place,
                 const l2c_htm_memory *memory, const l2c_htm_head *given, uint64_t *activity,
                 size_t activity_size, const int32_t *tokens, size_t time, int every_step,
                 double *workspace, size_t workspace_size)
{
    stream s;
    int status = stream_of(&s, memory, given, activity, activity_size, workspace, workspace_size);
    if (status != L2C_OK)
        return status;
    size_t V = s.h.V;
    if (!tokens_fit(tokens, time, V))
        return L2C_BAD_TOKEN;
    for (size_t t = 0; t < time; t++) {
        step(&s, place, tokens[t], 0);
        if (anomaly)
            anomaly[t] = place->surprise;
        if (!every_step)
            continue;
        predict(&s.h, &s.e, place);
        for (size_t v = 0; v < V; v++)
            logits[t * V + v] = (float)ln(s.h.p[v]);
        for (size_t i = 0; experts && i < EXPERTS * V; i++)
            experts[t * EXPERTS * V + i] = (float)s.h.experts[i];
    }
    if (!every_step) {
        predict(&s.h, &s.e, place);
        for (size_t v = 0; v < V; v++)
            logits[v] = (float)ln(s.h.p[v]);
    }
    return L2C_OK;
}

/* 1, and a little more where the vocabulary grew. */
static double sum_of(const head *h)
{
    double sum = 0;
    for (size_t v = 0; v < h->V; v++)
        sum += h->p[v];
    return sum;
}

static void score(float *scores, float *claims, const stream *s, int32_t token)
{
    const head *h = &s->h;
    size_t best = 0;
    for (size_t v = 1; v < h->V; v++)
        best = h->p[v] > h->p[best] ? v : best;
    scores[0] = (float)(ln(h->p[token]) - ln(sum_of(h)));
    for (size_t i = 0; i < EXPERTS; i++)
        scores[1 + i] = i < ORDER_0 + h->orders + 1 && (size_t)token < h->known
                            ? (float)h->experts[i * h->V + token]
                            : 0;
    claims[0] = (float)(h->p[best] / sum_of(h));
    claims[1] = best == (size_t)token;
}

int l2c_htm_follow(size_t *done, float *scores, float *claims, float *anomaly,
                   l2c_htm_place *place, const l2c_htm_memory *memory, const l2c_htm_head *given,
                   uint64_t *activity, size_t activity_size, const int32_t *tokens,
                   const int32_t *learn, size_t time, double *workspace, size_t workspace_size)
{
    stream s;
    *done = 0;
    int status = stream_of(&s, memory, given, activity, activity_size, workspace, workspace_size);
    if (status != L2C_OK)
        return status;
    if (!tokens_fit(tokens, time, s.h.V))
        return L2C_BAD_TOKEN;
    for (size_t t = 0; t < time; t++, ++*done) {
        if (learn[t] && (!has_room(&s.r, &s.e, s.h.on) || !head_has_room(&s.h, &s.e)))
            return L2C_FULL;
        predict(&s.h, &s.e, place);
        score(scores + t * (1 + EXPERTS), claims + 2 * t, &s, tokens[t]);
        if (learn[t])
            learn_token(&s.h, &s.e, place, tokens[t]);
        step(&s, place, tokens[t], learn[t]);
        anomaly[t] = place->surprise;
    }
    return L2C_OK;
}

static int is_stop(const l2c_sampler *sampler, int32_t token)
{
    for (size_t i = 0; i < sampler->stop_count; i++)
        if (sampler->stop[i] == token)
            return 1;
    return 0;
}

int l2c_htm_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                     l2c_htm_place *place, const l2c_htm_memory *memory,
                     const l2c_htm_head *given, uint64_t *activity, size_t activity_size,
                     const l2c_sampler *sampler, uint64_t seed, size_t n, double *workspace,
                     size_t workspace_size)
{
    stream s;
    *written = 0;
    *stopped = 0;
    int status = stream_of(&s, memory, given, activity, activity_size, workspace, workspace_size);
    if (status != L2C_OK)
        return status;
    while (*written < n && !*stopped) {
        int32_t token;
        predict(&s.h, &s.e, place);
        for (size_t v = 0; v < s.h.V; v++)
            s.h.logits[v] = (float)ln(s.h.p[v]);
        status = l2c_sample(&token, s.h.logits, place->recent, sampler, seed, place->position,
                            s.h.V, s.h.sampling, l2c_sample_workspace(s.h.V));
        if (status != L2C_OK)
            return status;
        double log_probability = ln(s.h.p[token]) - ln(sum_of(&s.h));
        step(&s, place, token, 0);
        *stopped = is_stop(sampler, token);
        if (*stopped)
            break;
        log_probabilities[*written] = (float)log_probability;
        tokens[(*written)++] = token;
    }
    return L2C_OK;
}
