/* attention.h: attention in training, forwards and back: the queries of one text that share a key.
 *
 * Scores and attention are not kept but computed again on the way back, from the largest score and
 * the sum of every row (as in Dao et al. 2022, "FlashAttention"), so memory grows with T and not
 * with T^2. Queries go QUERY_ROWS at a time, as far as the last of them sees.
 *
 * Letters: T time, P past, n = P + T, D dim, H heads, G kv_heads, E head, Q = D + 2 G E.
 */
#ifndef L2C_LLAMA_ATTENTION_H
#define L2C_LLAMA_ATTENTION_H

#include "blocks.h"
#include "gemm.h"
#include "llama.h"

typedef struct llama_training training;

/* The rows of a pass, and a row's widths. */
static size_t rows_of(const training *s) { return s->B * s->T; }
static size_t head_of(const training *s) { return s->shape.dim / s->shape.heads; }
static size_t width_of(const training *s)
{
    return s->shape.dim + 2 * s->shape.kv_heads * head_of(s);
}

static void copy(float *to, const float *from, size_t n) { memcpy(to, from, n * sizeof *to); }
static void clear(float *x, size_t n) { memset(x, 0, n * sizeof *x); }

/* Attention to the n = P + T tokens of one text by the queries that share one key: its memory. */
typedef struct {
    size_t n, wide;         /* wide: n in whole panels */
    size_t b, g, first;     /* the text, the key's head, the first token that is real */
    float *keys, *values;   /* [n][E] */
    float *K, *V;           /* the same, packed for gemm */
    float *K_t, *V_t;       /* transposed and packed */
    float *dK_t, *dV_t;     /* [E][wide] their gradients */
    float *p, *dp;          /* [QUERY_ROWS][wide] */
    float *tn;              /* for gemm_tn */
} unit;

static float *take(float **memory, size_t n)
{
    float *piece = *memory;
    *memory += (n + 15) / 16 * 16;
    return piece;
}

static unit unit_of(const training *s, size_t number, float *memory)
{
    size_t E = head_of(s), n = s->past.length + s->T, wide = (n + 63) / 64 * 64;
    unit u = {.n = n, .wide = wide, .b = number / s->shape.kv_heads,
              .g = number % s->shape.kv_heads};
    u.first = s->past.length - (size_t)s->past.lengths[u.b];
    u.keys = take(&memory, n * E), u.values = take(&memory, n * E);
    u.K = take(&memory, packed_floats(n, E)), u.V = take(&memory, packed_floats(n, E));
    u.K_t = take(&memory, packed_floats(E, n)), u.V_t = take(&memory, packed_floats(E, n));
    u.dK_t = take(&memory, E * wide), u.dV_t = take(&memory, E * wide);
    u.p = take(&memory, QUERY_ROWS * wide), u.dp = take(&memory, QUERY_ROWS * wide);
    u.tn = take(&memory, TN_SCRATCH);
    return u;
}

/* Keys and values in one piece of memory, the past first. */
static void gather(const training *s, size_t l, const unit *u)
{
    size_t E = head_of(s), D = s->shape.dim, Q = width_of(s), KV = s->shape.kv_heads * E;
    size_t P = s->past.length;
    for (size_t j = 0; j < P; j++) {
        size_t at = ((l * s->A + s->first + u->b) * P + j) * KV + u->g * E;
        copy(u->keys + j * E, s->past.keys + at, E);
        copy(u->values + j * E, s->past.values + at, E);
    }
    for (size_t t = 0; t < s->T; t++) {
        const float *row = s->qkv[l] + (u->b * s->T + t) * Q + D + u->g * E;
        copy(u->keys + (P + t) * E, row, E);
        copy(u->values + (P + t) * E, row + KV, E);
    }
    pack_transposed(u->K_t, u->keys, E, E, u->n, 0, u->n);
}

/* The first token that the query at t sees. */
static size_t first_seen(const training *s, const unit *u, size_t t)
{
    size_t end = s->past.length + t + 1;
    size_t window = end > s->shape.context ? end - s->shape.context : 0;
    return window > u->first ? window : u->first;
}

/* Scores of `count` queries from t on: p [count][wide], as far as the last of them sees. Returns
 * how far that is, in whole panels. */
static size_t scores(const training *s, size_t l, const unit *u, size_t h, size_t t, size_t count)
{
    size_t E = head_of(s), Q = width_of(s), last = s->past.length + t + count;
    size_t width = least((last + PANEL - 1) / PANEL * PANEL, u->n);
    gemm_from(u->p, u->wide, NULL, 0, s->qkv[l] + (u->b * s->T + t) * Q + h * E, Q, u->K_t, E,
              count, width, E);
    return width;
}

static void attention_forward(const training *s, size_t l, size_t number, float *memory)
{
    size_t E = head_of(s), D = s->shape.dim, H = s->shape.heads, shared = H / s->shape.kv_heads;
    float scale = (float)(1 / sqrt((double)E));
    unit u = unit_of(s, number, memory);
    gather(s, l, &u);
    pack(u.V, u.values, E, u.n, E, 0, E);
    for (size_t h = u.g * shared; h < (u.g + 1) * shared; h++)
        for (size_t t = 0; t < s->T; t += QUERY_ROWS) {
            size_t count = least(QUERY_ROWS, s->T - t), row = u.b * s->T + t;
            size_t width = scores(s, l, &u, h, t, count);
            float *fetched = s->fetched[l] + row * D + h * E;
            for (size_t r = 0; r < count; r++)
                softmax_forward(u.p + r * u.wide, first_seen(s, &u, t + r),
                                s->past.length + t + r + 1, width, scale,
                                s->most[l] + (row + r) * H + h, s->share[l] + (row + r) * H + h);
            gemm_from(fetched, D, NULL, 0, u.p, u.wide, u.V, u.n, count, E, width);
        }
}

/* One key's gradients, and those of the queries that share it. */
static void attention_backward(const training *s, size_t l, size_t number, float *memory)
{
    size_t E = head_of(s), D = s->shape.dim, Q = width_of(s), H = s->shape.heads;
    size_t shared = H / s->shape.kv_heads, KV = s->shape.kv_heads * E;
    float scale = (float)(1 / sqrt((double)E));
    unit u = unit_of(s, number, memory);
    gather(s, l, &u);
    pack(u.K, u.keys, E, u.n, E, 0, E);
    pack_transposed(u.V_t, u.values, E, E, u.n, 0, u.n);
    clear(u.dK_t, E * u.wide);
    clear(u.dV_t, E * u.wide);
    for (size_t h = u.g * shared; h < (u.g + 1) * shared; h++)
        for (size_t t = 0; t < s->T; t += QUERY_ROWS) {
            size_t count = least(QUERY_ROWS, s->T - t), row = u.b * s->T + t;
            size_t width = scores(s, l, &u, h, t, count);
            const float *q = s->qkv[l] + row * Q + h * E;
            const float *d_fetched = s->dfetched + row * D + h * E;
            float *dq = s->dqkv + row * Q + h * E;
            for (size_t r = 0; r < count; r++)
                attention(u.p + r * u.wide, first_seen(s, &u, t + r),
                          s->past.length + t + r + 1, width, scale,
                          s->most[l][(row + r) * H + h], s->share[l][(row + r) * H + h]);
            gemm_from(u.dp, u.wide, NULL, 0, d_fetched, D, u.V_t, E, count, width, E);
            gemm_tn(u.dV_t, u.wide, d_fetched, D, u.p, u.wide, E, width, count, u.tn);
            for (size_t r = 0; r < count; r++) {
                float along = dot(d_fetched + r * D, s->fetched[l] + (row + r) * D + h * E, E);
                softmax_backward(u.dp + r * u.wide, u.p + r * u.wide, along, scale, width);
            }
            gemm_from(dq, Q, NULL, 0, u.dp, u.wide, u.K, u.n, count, E, width);
            gemm_tn(u.dK_t, u.wide, q, Q, u.dp, u.wide, E, width, count, u.tn);
        }
    for (size_t t = 0; t < s->T; t++) {
        float *d = s->dqkv + (u.b * s->T + t) * Q + D + u.g * E;
        for (size_t k = 0; k < E; k++) {
            d[k] = u.dK_t[k * u.wide + s->past.length + t];
            d[KV + k] = u.dV_t[k * u.wide + s->past.length + t];
        }
        const float *turns = s->turns + (u.b * s->T + t) * E;
        rotate_back(d, turns, 1, E);
        rotate_back(d - D - u.g * E + u.g * shared * E, turns, shared, E);
    }
}

#endif
