/* predict.c: what comes next after a context, by interpolated modified Kneser-Ney.
 *
 *     P_m(w | h) = max(N(h, w) - D_m(N(h, w)), 0) / N(h) + g_m(h) P_(m-1)(w | h without its oldest)
 *     g_m(h)     = (D_m1 ones(h) + D_m2 twos(h) + D_m3 more(h)) / N(h)
 *     P_(-1)(w)  = 1 / S
 *
 * with m the length of h, N its counts, D_m(1), D_m(2) and D_m(3 and more) the three discounts of
 * that length, from the counts of counts t1 to t4: Y = t1 / (t1 + 2 t2), D1 = 1 - 2 Y t2 / t1,
 * D2 = 2 - 3 Y t3 / t2, D3 = 3 - 4 Y t4 / t3. Chen and Goodman 1998, "An empirical study of
 * smoothing techniques for language modeling". A context never seen says nothing.
 *
 * S tokens were known when the tables last changed; V >= S are now. The scores P sum to
 * Z = 1 + G (V - S) / S over the V tokens, where G is the product of all g: what is left for
 * tokens never seen. Logits are log P, probabilities P / Z.
 *
 * Letters: M length of the longest context, V vocabulary, S tokens known before.
 */

#include "ngram.h"

#include <math.h>

typedef struct {
    double D[MAX_ORDER + 1][3];
} discounts;

/* ------------------------------------------------------------------------------- discounts */

/* What Heafield et al. 2013's KenLM falls back to where counts of counts say nothing. */
static const double FALLBACK[3] = {0.5, 1.0, 1.5};

static void set_discounts(discounts *d, const tables *t, size_t depth)
{
    const uint32_t *with_count = t->books + COUNTS_OF_COUNTS + 4 * depth;
    double t1 = with_count[0], t2 = with_count[1];
    for (int k = 0; k < 3; k++) {
        double these = with_count[k], next = with_count[k + 1];
        double found = k + 1 - (k + 2) * (t1 / (t1 + 2 * t2)) * next / these;
        int says = t1 > 0 && these > 0 && next > 0 && found > 0;
        d->D[depth][k] = says ? found : FALLBACK[k];
    }
}

static discounts all_discounts(const tables *t)
{
    discounts d;
    for (size_t depth = 0; depth <= t->M; depth++)
        set_discounts(&d, t, depth);
    return d;
}

/* g_m(h): the share that is left for shorter contexts. */
static double share_left(const context_record *c, const double D[3])
{
    double more = c->types - c->ones - c->twos;
    return (D[0] * c->ones + D[1] * c->twos + D[2] * more) / c->total;
}

static double discounted(uint32_t count, const double D[3])
{
    return count - D[count > 3 ? 2 : count - 1];
}

/* -------------------------------------------------------------------------- one probability */

static double log_probability(const tables *t, const discounts *d, const int32_t *window, size_t V,
                              size_t S)
{
    uint32_t ids[MAX_ORDER + 1], hashes[MAX_ORDER + 1], token = (uint32_t)window[t->M];
    size_t deepest = walk(ids, hashes, t, window);
    double p = 1 / (double)S, G = 1;
    int seen = 1;
    for (size_t m = 0; m <= deepest && t->contexts[ids[m]].total > 0; m++) {
        const context_record *c = t->contexts + ids[m];
        double g = share_left(c, d->D[m]);
        p *= g;
        G *= g;
        if (!seen)
            continue;
        size_t slot = entry_slot(t, hash_of(hashes[m], token), ids[m], token);
        seen = t->entry_index[slot] != 0;
        if (seen)
            p += discounted(t->entries[id_in(t->entry_index[slot])].count, d->D[m]) / c->total;
    }
    return log(p) - log(1 + G * (double)(V - S) / (double)S);
}

static int sizes_fit(const tables *t, size_t V, size_t S)
{
    return t->M > 0 && S >= 1 && S <= V && V <= MAX_VOCAB;
}

int l2c_ngram_score(double *log_probabilities, const l2c_ngram_tables *given,
                    const int32_t *windows, size_t n, size_t vocab_size, size_t known)
{
    tables t = tables_of(given);
    if (!sizes_fit(&t, vocab_size, known))
        return L2C_BAD_SIZE;
    if (!windows_fit(windows, n, t.M, vocab_size))
        return L2C_BAD_TOKEN;
    discounts d = all_discounts(&t);
    for (size_t i = 0; i < n; i++) {
        look_ahead(&t, windows, i, n);
        log_probabilities[i] = log_probability(&t, &d, windows + i * (t.M + 1), vocab_size, known);
    }
    return L2C_OK;
}

int l2c_ngram_follow(double *log_probabilities, const l2c_ngram_tables *given,
                     const int32_t *windows, size_t n, size_t vocab_size)
{
    tables t = tables_of(given);
    if (!sizes_fit(&t, vocab_size, vocab_size) || !room_for(&t, n)
        || n > UINT32_MAX - t.books[EVENTS])
        return L2C_BAD_SIZE;
    if (!windows_fit(windows, n, t.M, vocab_size))
        return L2C_BAD_TOKEN;
    discounts d = all_discounts(&t);
    for (size_t i = 0; i < n; i++) {
        look_ahead(&t, windows, i, n);
        log_probabilities[i] = log_probability(&t, &d, windows + i * (t.M + 1), vocab_size, vocab_size);
        for (size_t m = add_event(&t, windows + i * (t.M + 1), 1); m <= t.M; m++)
            set_discounts(&d, &t, m);
    }
    return L2C_OK;
}

/* ------------------------------------------------------------------------ whole distributions */

/* The scores p [V] after a context [M]; Z. `shares` [M+2] (or NULL): how much of the prediction
 * the uniform distribution decides, then the contexts of 0 to M tokens. */
static double predict(double *p, float *shares, const tables *t, const discounts *d,
                      const int32_t *window, size_t V, size_t S)
{
    uint32_t ids[MAX_ORDER + 1], hashes[MAX_ORDER + 1];
    size_t deepest = walk(ids, hashes, t, window);
    double G = 1;
    for (size_t token = 0; token < V; token++)
        p[token] = 1 / (double)S;
    for (size_t m = 0; shares != NULL && m < t->M + 2; m++)
        shares[m] = m == 0;
    for (size_t m = 0; m <= deepest && t->contexts[ids[m]].total > 0; m++) {
        const context_record *c = t->contexts + ids[m];
        double g = share_left(c, d->D[m]);
        G *= g;
        for (size_t token = 0; token < V; token++)
            p[token] *= g;
        for (uint32_t id = c->first; id != 0; id = t->entries[id - 1].next)
            p[t->entries[id - 1].token] += discounted(t->entries[id - 1].count, d->D[m]) / c->total;
        for (size_t shorter = 0; shares != NULL && shorter <= m; shorter++)
            shares[shorter] *= (float)g;
        if (shares != NULL)
            shares[m + 1] = (float)(1 - g);
    }
    return 1 + G * (double)(V - S) / (double)S;
}

size_t l2c_ngram_workspace(size_t vocab_size)
{
    return vocab_size >= 1 && vocab_size <= MAX_VOCAB
               ? vocab_size + (vocab_size + l2c_sample_workspace(vocab_size) + 1) / 2
               : 0;
}

int l2c_ngram_read(float *logits, float *shares, const l2c_ngram_tables *given,
                   const int32_t *contexts, size_t n, size_t vocab_size, size_t known,
                   double *workspace, size_t workspace_size)
{
    tables t = tables_of(given);
    if (!sizes_fit(&t, vocab_size, known) || workspace_size < l2c_ngram_workspace(vocab_size))
        return L2C_BAD_SIZE;
    if (!contexts_fit(contexts, n, t.M, t.M, vocab_size))
        return L2C_BAD_TOKEN;
    discounts d = all_discounts(&t);
    for (size_t i = 0; i < n; i++) {
        float *of_this = shares == NULL ? NULL : shares + i * (t.M + 2);
        predict(workspace, of_this, &t, &d, contexts + i * t.M, vocab_size, known);
        for (size_t token = 0; token < vocab_size; token++)
            logits[i * vocab_size + token] = (float)log(workspace[token]);
    }
    return L2C_OK;
}

/* ------------------------------------------------------------------------------------ writing */

static int is_stop(const l2c_sampler *sampler, int32_t token)
{
    for (size_t i = 0; i < sampler->stop_count; i++)
        if (sampler->stop[i] == token)
            return 1;
    return 0;
}

int l2c_ngram_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                       int32_t *recent, uint64_t *position, const l2c_ngram_tables *given,
                       const l2c_sampler *sampler, uint64_t seed, size_t n, size_t vocab_size,
                       size_t known, double *workspace, size_t workspace_size)
{
    tables t = tables_of(given);
    if (!sizes_fit(&t, vocab_size, known) || workspace_size < l2c_ngram_workspace(vocab_size))
        return L2C_BAD_SIZE;
    discounts d = all_discounts(&t);
    double *p = workspace;
    float *logits = (float *)(workspace + vocab_size), *sampling = logits + vocab_size;
    *written = 0;
    *stopped = 0;
    while (*written < n && !*stopped) {
        int32_t window[MAX_ORDER], token;
        for (size_t m = 0; m < t.M; m++)
            window[m] = recent[(*position + L2C_RECENT - t.M + m) % L2C_RECENT];
        if (!contexts_fit(window, 1, t.M, t.M, vocab_size))
            return L2C_BAD_TOKEN;
        double Z = predict(p, NULL, &t, &d, window, vocab_size, known);
        for (size_t i = 0; i < vocab_size; i++)
            logits[i] = (float)log(p[i]);
        int status = l2c_sample(&token, logits, recent, sampler, seed, *position, vocab_size,
                                sampling, l2c_sample_workspace(vocab_size));
        if (status != L2C_OK)
            return status;
        recent[(*position)++ % L2C_RECENT] = token;
        *stopped = is_stop(sampler, token);
        if (*stopped)
            break;
        log_probabilities[*written] = (float)(log(p[token]) - log(Z));
        tokens[(*written)++] = token;
    }
    return L2C_OK;
}
