/* read.simd.c: reading and writing one stream, with its keys and values in pages.
 *
 * Tokens go through the network in blocks of up to BLOCK. Every number is the same chain of fused
 * multiply-adds whether its token comes alone or in a block: that is what gemm promises, and
 * attention runs over positions in ascending order, in lanes counted from the beginning of a page.
 * So reading in pieces, reading at once and writing give the same bits.
 *
 * Letters: V vocabulary, D dim, H heads, G kv_heads, E head, F hidden, Q = D + 2 G E.
 */

#include "blocks.h"
#include "gemm.h"
#include "isa.h"
#include "llama.h"
#include "options.h"
#include "sampling.h"
#include "softmax.h"

typedef struct llama_stream stream;

llama_prepare_function ISA_NAME(llama_prepare);

void ISA_NAME(llama_prepare)(float *prepared, const float *parameters,
                             const struct llama_offsets *at, size_t layers, int storage)
{
    for (size_t l = 0; l <= layers; l++)
        for (int i = 0; i < (l < layers ? MATRICES : 1); i++) {
            const llama_matrix *m = l < layers ? &at->matrix[l][i] : &at->output;
            int own = l < layers ? storage : llama_output_storage(storage);
            store_matrix(prepared, parameters + m->at, m->outputs, m->inputs, own);
            prepared += stored_floats(own, m->outputs, m->inputs);
        }
}

static size_t head_of(const stream *s) { return s->shape.dim / s->shape.heads; }
static size_t width_of(const stream *s)
{
    return s->shape.dim + 2 * s->shape.kv_heads * head_of(s);
}

/* y [PANEL] += x [K] B, a whole panel. Memory is slow, so it is asked for early. */
static void multiply_panel(float *y, const float *x, const float *B, size_t K)
{
    enum { LINE = 64 / sizeof(float), EARLY = 1024 };
    vec sums[TILE_VECTORS];
    UNROLL for (int v = 0; v < TILE_VECTORS; v++)
        sums[v] = load(y + v * W);
    for (size_t k = 0; k < K; k++, B += PANEL) {
        UNROLL for (int at = 0; at < PANEL; at += LINE)
            __builtin_prefetch(B + EARLY + at);
        UNROLL for (int v = 0; v < TILE_VECTORS; v++)
            sums[v] = fma_(splat(x[k]), load(B + v * W), sums[v]);
    }
    UNROLL for (int v = 0; v < TILE_VECTORS; v++)
        store(y + v * W, sums[v]);
}

/* y [N] += x [K] B, B packed: the bits are those of gemm with one row, the panels are read from
 * one end to the other. */
static void multiply_row(float *y, const float *x, const float *B, size_t N, size_t K)
{
    size_t whole = N / PANEL * PANEL;
    for (size_t j = 0; j < whole; j += PANEL)
        multiply_panel(y + j, x, B + j * K, K);
    if (whole < N)
        gemm(y + whole, N - whole, x, K, B + whole * K, 1, N - whole, K);
}

/* y [count][outputs] += x [count][inputs] W^T. */
static void multiply(const stream *s, float *y, const float *x, const llama_matrix *m,
                     size_t ready, size_t count)
{
    const float *matrix = s->prepared + ready;
    int storage = m == &s->at.output ? llama_output_storage(s->storage) : s->storage;
    if (storage == L2C_F32 && count == 1) {
        multiply_row(y, x, matrix, m->outputs, m->inputs);
    } else if (storage == L2C_F32) {
        gemm(y, m->outputs, x, m->inputs, matrix, count, m->outputs, m->inputs);
    } else if (storage == L2C_F16 || storage == L2C_BF16) {
        multiply_sixteen(y, x, (const uint16_t *)(const void *)matrix, count, m->outputs,
                         m->inputs, storage, s->widened);
    } else {
        size_t blocks = m->inputs / STORED_BLOCK;
        for (size_t row = 0; row < count; row++)
            round_row(s->rounded.q + row * m->inputs, s->rounded.d + row * blocks,
                      s->rounded.total + row * blocks, x + row * m->inputs, m->inputs);
        multiply_blocks(y, &s->rounded, matrix, count, m->outputs, m->inputs, storage);
    }
}

static void product(const stream *s, float *y, const float *x, size_t l, int which, size_t count)
{
    const llama_matrix *m = &s->at.matrix[l][which];
    memset(y, 0, count * m->outputs * sizeof(float));
    multiply(s, y, x, m, s->ready[l][which], count);
}

/* ---------------------------------------------------------------------------------- attention */

/* Where keys (kind 0, [E][PAGE]) or values (kind 1, [PAGE][E]) of one head lie in a page. */
static float *in_page(const stream *s, uint64_t page, size_t l, size_t kind, size_t g)
{
    size_t G = s->shape.kv_heads, size = PAGE * head_of(s);
    return s->pages[page - s->first_page] + ((l * 2 + kind) * G + g) * size;
}

static void remember(const stream *s, size_t l, uint64_t position, const float *keys)
{
    size_t E = head_of(s), G = s->shape.kv_heads, place = position % PAGE;
    for (size_t g = 0; g < G; g++) {
        float *k = in_page(s, position / PAGE, l, 0, g);
        for (size_t i = 0; i < E; i++)
            k[i * PAGE + place] = keys[g * E + i];
        memcpy(in_page(s, position / PAGE, l, 1, g) + place * E, keys + (G + g) * E,
               E * sizeof(float));
    }
}

static uint64_t first_seen(const stream *s, uint64_t position)
{
    return position + 1 > s->shape.context ? position + 1 - s->shape.context : 0;
}

/* What the heads that share keys [first, first + keys) fetch for `count` queries, the first one at
 * `position`. A page holds its keys side by side, so several are read in one go. */
static void fetch(const stream *s, size_t l, size_t first, size_t keys, uint64_t position,
                  size_t count)
{
    size_t E = head_of(s), D = s->shape.dim, Q = width_of(s);
    size_t shared = s->shape.heads / s->shape.kv_heads, heads = keys * shared;
    float scale = (float)(1 / sqrt((double)E)), most, part;
    const float *queries = s->qkv + first * shared * E;
    float *fetched = s->fetched + first * shared * E;
    uint64_t from = first_seen(s, position) / PAGE, to = (position + count - 1) / PAGE + 1;
    size_t n = (size_t)(to - from) * PAGE;
    memset(s->scores, 0, heads * count * n * sizeof(float));
    for (uint64_t page = from; page < to; page++)
        for (size_t h = 0; h < heads; h++) {
            const float *key = in_page(s, page, l, 0, first + h / shared);
            float *scores = s->scores + h * count * n + (page - from) * PAGE;
            if (count > 1 && h % shared == 0)
                pack(s->packed, key, PAGE, E, PAGE, 0, PAGE);
            if (count > 1)
                gemm(scores, n, queries + h * E, Q, s->packed, count, PAGE, E);
            else
                gemv(scores, queries + h * E, key, PAGE, E, PAGE);
        }
    for (size_t h = 0; h < heads; h++)
        for (size_t row = 0; row < count; row++) {
            uint64_t seen = first_seen(s, position + row);
            softmax_forward(s->scores + (h * count + row) * n, (size_t)(seen - from * PAGE),
                            (size_t)(position + row + 1 - from * PAGE), n, scale, &most, &part);
            memset(fetched + row * D + h * E, 0, E * sizeof(float));
        }
    for (uint64_t page = from; page < to; page++)
        for (size_t h = 0; h < heads; h++) {
            const float *value = in_page(s, page, l, 1, first + h / shared);
            const float *p = s->scores + h * count * n + (page - from) * PAGE;
            if (count > 1 && h % shared == 0)
                pack(s->packed, value, E, PAGE, E, 0, E);
            if (count > 1)
                gemm(fetched + h * E, D, p, n, s->packed, count, E, PAGE);
            else
                gemv(fetched + h * E, p, value, E, PAGE, E);
        }
}

/* What every head fetches. Alone, a query goes through all keys of a page before the next page;
 * `scores` has room for BLOCK rows of the heads that share one. */
static void attend(const stream *s, size_t l, uint64_t position, size_t count)
{
    size_t G = s->shape.kv_heads, at_once = count == 1 ? BLOCK : 1;
    for (size_t g = 0; g < G; g += at_once)
        fetch(s, l, g, least(at_once, G - g), position, count);
}

/* ---------------------------------------------------------------------------------- the network */

/* Queries and keys of one row, a head at a time. */
static void normalise(const stream *s, size_t l, float *qk)
{
    size_t H = s->shape.heads, G = s->shape.kv_heads, E = head_of(s);
    normalise_heads(qk, s->scores, s->parameters + s->at.q_norm[l], s->shape.norm_epsilon, H, E);
    normalise_heads(qk + H * E, s->scores, s->parameters + s->at.k_norm[l],
                    s->shape.norm_epsilon, G, E);
}

/* `count` tokens, the first one at `position`, through all layers: their streams in x. */
static void step(const stream *s, const int32_t *tokens, int32_t before, uint64_t position,
                 size_t count)
{
    size_t D = s->shape.dim, E = head_of(s), F = s->shape.hidden, Q = width_of(s);
    for (size_t row = 0; row < count; row++) {
        memcpy(s->x + row * D, s->parameters + s->at.embedding + (size_t)tokens[row] * D,
               D * sizeof(float));
        if (s->shape.ngram_rows)
            add_ngram(s->x + row * D, s->parameters + s->at.ngram, row ? tokens[row - 1] : before,
                      tokens[row], s->shape.ngram_rows, D);
        turns_at(s->turns + row * E, s->frequencies, position + row, E);
    }
    for (size_t l = 0; l < s->shape.layers; l++) {
        const llama_matrix *m = s->at.matrix[l];
        for (size_t row = 0; row < count; row++)
            rms_forward(s->n + row * D, s->x + row * D, s->parameters + s->at.attention_norm[l],
                        s->shape.norm_epsilon, D);
        product(s, s->qkv, s->n, l, WQKV, count);
        for (size_t row = 0; row < count; row++) {
            if (s->shape.qk_norm)
                normalise(s, l, s->qkv + row * Q);
            rotate(s->qkv + row * Q, s->turns + row * E, s->shape.heads + s->shape.kv_heads, E);
            remember(s, l, position + row, s->qkv + row * Q + D);
        }
        attend(s, l, position, count);
        multiply(s, s->x, s->fetched, &m[WO], s->ready[l][WO], count);
        for (size_t row = 0; row < count; row++)
            rms_forward(s->n + row * D, s->x + row * D, s->parameters + s->at.ffn_norm[l],
                        s->shape.norm_epsilon, D);
        product(s, s->gate, s->n, l, W1, count);
        product(s, s->up, s->n, l, W3, count);
        swiglu_forward(s->gate, s->gate, s->up, count * F);
        multiply(s, s->x, s->gate, &m[W2], s->ready[l][W2], count);
    }
    for (size_t row = 0; row < count; row++)
        rms_forward(s->n + row * D, s->x + row * D, s->parameters + s->at.norm,
                    s->shape.norm_epsilon, D);
    memcpy(s->output, s->n + (count - 1) * D, D * sizeof(float));
}

/* logits [count][V] of what comes after outputs y [count][D]. */
static void predict(const stream *s, float *logits, const float *y, size_t count)
{
    memset(logits, 0, count * s->shape.vocab_size * sizeof(float));
    multiply(s, logits, y, &s->at.output, s->ready_output, count);
    if (s->shape.softcap > 0)
        for (size_t row = 0; row < count; row++, logits += s->shape.vocab_size)
            softcap_forward(logits, s->p, (float)s->shape.softcap, s->shape.vocab_size);
}

llama_read_function ISA_NAME(llama_read);

void ISA_NAME(llama_read)(const stream *s, float *logits, const int32_t *tokens, int32_t before,
                          uint64_t position, size_t time, int every_step)
{
    for (size_t t = 0; t < time; t += BLOCK) {
        size_t count = least(BLOCK, time - t);
        step(s, tokens + t, t > 0 ? tokens[t - 1] : before, position + t, count);
        if (every_step)
            predict(s, logits + t * s->shape.vocab_size, s->n, count);
    }
    if (!every_step)
        predict(s, logits, s->output, 1);
}

llama_generate_function ISA_NAME(llama_generate);

int ISA_NAME(llama_generate)(const stream *s, const struct llama_text *text)
{
    size_t V = s->shape.vocab_size;
    *text->written = 0;
    *text->stopped = 0;
    while (*text->written < text->n && !*text->stopped) {
        predict(s, s->logits, s->output, 1);
        float normaliser = log_sum_exp(s->logits, s->p, V);
        if (!isfinite(normaliser))
            return L2C_NOT_FINITE;
        int32_t token = sample(s->logits, text->recent, text->sampler, text->seed,
                               *text->position, V, s->sampling);
        uint64_t at = *text->position;
        step(s, &token, at > 0 ? text->recent[(at - 1) % L2C_RECENT] : -1, at, 1);
        text->recent[(*text->position)++ % L2C_RECENT] = token;
        *text->stopped = is_stop(text->sampler, token);
        if (*text->stopped)
            break;
        text->log_probabilities[*text->written] = s->logits[token] - normaliser;
        text->tokens[(*text->written)++] = token;
    }
    return L2C_OK;
}
