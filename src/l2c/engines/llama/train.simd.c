/* train.simd.c: one training step of the Llama. Equations in blocks.h, the whole in reference.py.
 *
 * Every thread runs llama_train_work on its share, and all meet between phases. A share is rows
 * (tokens), heads of a text (in attention), or rows of a weight's gradient. No output is ever
 * computed by two threads together, and every sum has one order, so their number changes no bit.
 *
 * Letters: B batch, T time, P past, V vocabulary, D dim, H heads, G kv_heads, E head, F hidden,
 * L layers, Q = D + 2 G E.
 */

#include "attention.h"
#include "blocks.h"
#include "gemm.h"
#include "isa.h"
#include "llama.h"
#include "options.h"
#include "passes.h"
#include "softmax.h"
#include "update.h"

/* Whole panels, so that two threads never write the same one. */
static span panels(size_t columns, const member *me)
{
    span s = share((columns + PANEL - 1) / PANEL, me);
    return (span){s.begin * PANEL, least(s.end * PANEL, columns)};
}

/* C [M][N] = A [M][K] B, B packed. */
static void product(float *C, const float *A, const float *B, size_t M, size_t N, size_t K)
{
    gemm_from(C, N, NULL, 0, A, K, B, K, M, N, K);
}

/* --------------------------------------------------------------------------------- before */

static void pack_matrix(const training *s, const llama_matrix *m, float *forward, float *back,
                        const member *me)
{
    const float *w = s->parameters + m->at;
    span out = panels(m->outputs, me), in = panels(m->inputs, me);
    pack_transposed(forward, w, m->inputs, m->inputs, m->outputs, out.begin, out.end);
    pack(back, w, m->inputs, m->outputs, m->inputs, in.begin, in.end);
}

/* The token before that of row b at time t, -1 for none. */
static int32_t before(const training *s, size_t b, size_t t)
{
    return t > 0 ? s->tokens[b * (s->T + 1) + t - 1] : s->past.before[b];
}

static void prepare(const training *s, const member *me)
{
    span all = share(s->at.count, me);
    clear(s->gradient + all.begin, all.end - all.begin);
    for (size_t l = 0; l < s->shape.layers; l++)
        for (int i = 0; i < MATRICES; i++)
            pack_matrix(s, &s->at.matrix[l][i], s->forward[l][i], s->back[l][i], me);
    pack_matrix(s, &s->at.output, s->output_forward, s->output_back, me);
}

static void begin(const training *s, const member *me)
{
    size_t D = s->shape.dim, E = head_of(s);
    span rows = share(rows_of(s), me);
    for (size_t row = rows.begin; row < rows.end; row++) {
        size_t b = row / s->T, t = row % s->T;
        size_t token = (size_t)s->tokens[b * (s->T + 1) + t];
        copy(s->x[0] + row * D, s->parameters + s->at.embedding + token * D, D);
        if (s->shape.ngram_rows)
            add_ngram(s->x[0] + row * D, s->parameters + s->at.ngram, before(s, b, t),
                      (int32_t)token, s->shape.ngram_rows, D);
        turns_at(s->turns + row * E, s->frequencies, (uint64_t)s->past.positions[b] + t, E);
    }
}

/* ------------------------------------------------------------------------ a layer, forwards */

static void norm_rows(const training *s, float *n, float *scale, const float *x, size_t gain,
                      size_t from, size_t count)
{
    size_t D = s->shape.dim;
    for (size_t row = from; row < from + count; row++)
        scale[row] = rms_forward(n + (row - from) * D, x + row * D, s->parameters + gain,
                                 s->shape.norm_epsilon, D);
}

/* The queries and keys of one row, normalised; what they were is kept. */
static void normalise(const training *s, size_t l, float *qk, size_t row)
{
    size_t H = s->shape.heads, G = s->shape.kv_heads, E = head_of(s);
    float *scale = s->raw_scale[l] + row * (H + G);
    copy(s->raw[l] + row * (H + G) * E, qk, (H + G) * E);
    normalise_heads(qk, scale, s->parameters + s->at.q_norm[l], s->shape.norm_epsilon, H, E);
    normalise_heads(qk + H * E, scale + H, s->parameters + s->at.k_norm[l], s->shape.norm_epsilon,
                    G, E);
}

static void project(const training *s, size_t l, const member *me, float *scratch)
{
    size_t D = s->shape.dim, E = head_of(s), Q = width_of(s);
    span rows = share(rows_of(s), me);
    for (size_t from = rows.begin; from < rows.end; from += BLOCK) {
        size_t count = least(BLOCK, rows.end - from);
        float *qkv = s->qkv[l] + from * Q;
        norm_rows(s, scratch, s->scale[2 * l], s->x[l], s->at.attention_norm[l], from, count);
        product(qkv, scratch, s->forward[l][WQKV], count, Q, D);
        for (size_t row = 0; row < count; row++) {
            if (s->shape.qk_norm)
                normalise(s, l, qkv + row * Q, from + row);
            rotate(qkv + row * Q, s->turns + (from + row) * E,
                   s->shape.heads + s->shape.kv_heads, E);
        }
    }
}

static void feed_forward(const training *s, size_t l, const member *me, float *scratch)
{
    size_t D = s->shape.dim, F = s->shape.hidden;
    float *n = scratch, *inner = scratch + BLOCK * D;
    span rows = share(rows_of(s), me);
    for (size_t from = rows.begin; from < rows.end; from += BLOCK) {
        size_t count = least(BLOCK, rows.end - from);
        float *between = s->between[l] + from * D, *after = s->x[l + 1] + from * D;
        float *gate = s->gate[l] + from * F, *up = s->up[l] + from * F;
        gemm_from(between, D, s->x[l] + from * D, D, s->fetched[l] + from * D, D,
                  s->forward[l][WO], D, count, D, D);
        norm_rows(s, n, s->scale[2 * l + 1], s->between[l], s->at.ffn_norm[l], from, count);
        product(gate, n, s->forward[l][W1], count, F, D);
        product(up, n, s->forward[l][W3], count, F, D);
        swiglu_forward(inner, gate, up, count * F);
        gemm_from(after, D, between, D, inner, F, s->forward[l][W2], F, count, D, F);
    }
}

/* ------------------------------------------------------------------- the gradients of weights */

/* dW [outputs][inputs] += dy^T x over all rows, dy having `stride` columns. */
static void weight_gradient(const training *s, const llama_matrix *m, const float *dy,
                            const float *x, const member *me, float *scratch)
{
    span part = share(m->outputs, me);
    gemm_tn(s->gradient + m->at + part.begin * m->inputs, m->inputs, dy + part.begin, m->outputs,
            x, m->inputs, part.end - part.begin, m->inputs, rows_of(s), scratch);
}

/* The gain's gradient: the sum of dn x scale over all rows. */
static void norm_gradient(const training *s, size_t gain, const float *x, const float *scale,
                          const member *me)
{
    size_t D = s->shape.dim;
    span columns = share(D, me);
    float *to = s->gradient + gain;
    for (size_t row = 0; row < rows_of(s); row++)
        FOR_VECTORS(j, left, columns.end - columns.begin) {
            size_t at = columns.begin + j;
            vec normal = load_first(x + row * D + at, left, 0) * splat(scale[row]);
            vec d = load_first(s->dn + row * D + at, left, 0);
            store_first(to + at, fma_(d, normal, load_first(to + at, left, 0)), left);
        }
}

/* ---------------------------------------------------------------------------- output and loss */

/* Logits, losses and their gradients; n and dn are those of the output's matrix. */
static void output_forward_backward(const training *s, const member *me, float *kept)
{
    size_t D = s->shape.dim, V = s->shape.vocab_size, L = s->shape.layers;
    span rows = share(rows_of(s), me);
    for (size_t from = rows.begin; from < rows.end; from += BLOCK) {
        size_t count = least(BLOCK, rows.end - from);
        float *logits = s->logits + from * V, *n = s->n + from * D;
        norm_rows(s, n, s->scale[2 * L], s->x[L], s->at.norm, from, count);
        product(logits, n, s->output_forward, count, V, D);
        for (size_t row = from; row < from + count; row++) {
            size_t b = row / s->T, t = row % s->T;
            size_t target = (size_t)s->tokens[b * (s->T + 1) + t + 1];
            float *own = s->logits + row * V;
            if (s->shape.softcap > 0)
                softcap_forward(own, kept, (float)s->shape.softcap, V);
            s->losses[row] = softmax_loss(own, target, s->weights[row], s->total_weight, V);
            if (s->shape.softcap > 0)
                softcap_backward(own, kept, V);
        }
        product(s->dn + from * D, logits, s->output_back, count, D, V);
    }
}

/* The stream's gradient, from that of what was normalised. */
static void norm_backward(const training *s, const float *x, const float *scale, size_t gain,
                          const member *me)
{
    size_t D = s->shape.dim;
    span rows = share(rows_of(s), me);
    for (size_t row = rows.begin; row < rows.end; row++)
        rms_backward(s->dx + row * D, s->dn + row * D, x + row * D, s->parameters + gain,
                     scale[row], D);
}

/* --------------------------------------------------------------------- a layer, on the way back */

static void feed_forward_backward(const training *s, size_t l, const member *me)
{
    size_t D = s->shape.dim, F = s->shape.hidden;
    span rows = share(rows_of(s), me);
    for (size_t from = rows.begin; from < rows.end; from += BLOCK) {
        size_t count = least(BLOCK, rows.end - from);
        float *gate = s->gate[l] + from * F, *up = s->up[l] + from * F;
        float *inner = s->inner + from * F, *dn = s->dn + from * D;
        product(inner, s->dx + from * D, s->back[l][W2], count, F, D);
        swiglu_backward(inner, gate, up, count * F);
        product(dn, gate, s->back[l][W1], count, D, F);
        gemm(dn, D, up, F, s->back[l][W3], count, D, F);
        norm_rows(s, s->n + from * D, s->scale[2 * l + 1], s->between[l], s->at.ffn_norm[l], from,
                  count);
    }
}

/* The gradient of one gain of queries or keys, `heads` of them from `first` on. */
static void head_gradient(const training *s, size_t l, size_t gain, size_t first, size_t heads,
                          const member *me)
{
    size_t E = head_of(s), Q = width_of(s), all = s->shape.heads + s->shape.kv_heads;
    span columns = share(E, me);
    for (size_t row = 0; row < rows_of(s); row++)
        for (size_t h = first; h < first + heads; h++)
            for (size_t j = columns.begin; j < columns.end; j++) {
                float normal = s->raw[l][(row * all + h) * E + j] * s->raw_scale[l][row * all + h];
                s->gradient[gain + j] += s->dqkv[row * Q + h * E + j] * normal;
            }
}

static void normalise_backward(const training *s, size_t l, const member *me, float *scratch)
{
    size_t H = s->shape.heads, G = s->shape.kv_heads, E = head_of(s), Q = width_of(s);
    head_gradient(s, l, s->at.q_norm[l], 0, H, me);
    head_gradient(s, l, s->at.k_norm[l], H, G, me);
    team_meet(me);
    span rows = share(rows_of(s), me);
    for (size_t row = rows.begin; row < rows.end; row++) {
        const float *raw = s->raw[l] + row * (H + G) * E, *scale = s->raw_scale[l] + row * (H + G);
        float *d = s->dqkv + row * Q;
        normalise_heads_backward(d, scratch, raw, scale, s->parameters + s->at.q_norm[l], H, E);
        normalise_heads_backward(d + H * E, scratch, raw + H * E, scale + H,
                                 s->parameters + s->at.k_norm[l], G, E);
    }
}

static void project_backward(const training *s, size_t l, const member *me)
{
    size_t D = s->shape.dim, Q = width_of(s);
    span rows = share(rows_of(s), me);
    for (size_t from = rows.begin; from < rows.end; from += BLOCK) {
        size_t count = least(BLOCK, rows.end - from);
        product(s->dn + from * D, s->dqkv + from * Q, s->back[l][WQKV], count, D, Q);
        norm_rows(s, s->n + from * D, s->scale[2 * l], s->x[l], s->at.attention_norm[l], from,
                  count);
    }
}

static void layer_forward(const training *s, size_t l, const member *me, float *scratch)
{
    project(s, l, me, scratch);
    team_meet(me);
    span units = share(s->B * s->shape.kv_heads, me);
    for (size_t number = units.begin; number < units.end; number++)
        attention_forward(s, l, number, scratch);
    team_meet(me);
    feed_forward(s, l, me, scratch);
}

static void layer_backward(const training *s, size_t l, const member *me, float *scratch)
{
    const llama_matrix *m = s->at.matrix[l];
    size_t D = s->shape.dim;
    feed_forward_backward(s, l, me);
    team_meet(me);
    weight_gradient(s, &m[W2], s->dx, s->inner, me, scratch);
    weight_gradient(s, &m[W1], s->gate[l], s->n, me, scratch);
    weight_gradient(s, &m[W3], s->up[l], s->n, me, scratch);
    norm_gradient(s, s->at.ffn_norm[l], s->between[l], s->scale[2 * l + 1], me);
    team_meet(me);
    norm_backward(s, s->between[l], s->scale[2 * l + 1], s->at.ffn_norm[l], me);
    span rows = share(rows_of(s), me);
    product(s->dfetched + rows.begin * D, s->dx + rows.begin * D, s->back[l][WO],
            rows.end - rows.begin, D, D);
    team_meet(me);
    weight_gradient(s, &m[WO], s->dx, s->fetched[l], me, scratch);
    span units = share(s->B * s->shape.kv_heads, me);
    for (size_t number = units.begin; number < units.end; number++)
        attention_backward(s, l, number, scratch);
    team_meet(me);
    if (s->shape.qk_norm)
        normalise_backward(s, l, me, scratch);
    project_backward(s, l, me);
    team_meet(me);
    weight_gradient(s, &m[WQKV], s->dqkv, s->n, me, scratch);
    norm_gradient(s, s->at.attention_norm[l], s->x[l], s->scale[2 * l], me);
    team_meet(me);
    norm_backward(s, s->x[l], s->scale[2 * l], s->at.attention_norm[l], me);
}

/* --------------------------------------------------------------------------------- the step */

static void add_columns(float *to, const float *x, span columns)
{
    size_t count = columns.end - columns.begin;
    to += columns.begin, x += columns.begin;
    FOR_VECTORS(j, left, count)
        store_first(to + j, load_first(to + j, left, 0) + load_first(x + j, left, 0), left);
}

/* The rows of the embedding, and of the table, are what the stream begins with: for the whole batch
 * at its end, so that what an embedding learns as the output's matrix comes first in any passes. */
static void embedding_backward(const training *s, const member *me)
{
    size_t D = s->shape.dim;
    span columns = share(D, me);
    for (size_t row = 0; row < s->A * s->T; row++) {
        size_t b = row / s->T, t = row % s->T;
        int32_t token = s->tokens[b * (s->T + 1) + t];
        add_columns(s->gradient + s->at.embedding + (size_t)token * D, s->dx + row * D, columns);
        if (s->shape.ngram_rows)
            add_columns(s->gradient + s->at.ngram
                            + llama_ngram_row(before(s, b, t), token, s->shape.ngram_rows) * D,
                        s->dx + row * D, columns);
    }
}

static void forward_backward(const training *s, const member *me)
{
    size_t L = s->shape.layers;
    float *scratch = s->scratch + (size_t)me->index * s->scratch_size;
    begin(s, me);
    team_meet(me);
    for (size_t l = 0; l < L; l++)
        layer_forward(s, l, me, scratch);
    team_meet(me);
    carry_on(s, me);
    if (s->total_weight == 0)
        return;
    output_forward_backward(s, me, scratch);
    team_meet(me);
    weight_gradient(s, &s->at.output, s->logits, s->n, me, scratch);
    norm_gradient(s, s->at.norm, s->x[L], s->scale[2 * L], me);
    span rows = share(rows_of(s), me);
    clear(s->dx + rows.begin * s->shape.dim, (rows.end - rows.begin) * s->shape.dim);
    team_meet(me);
    norm_backward(s, s->x[L], s->scale[2 * L], s->at.norm, me);
    for (size_t l = L; l-- > 0;)
        layer_backward(s, l, me, scratch);
}

team_work ISA_NAME(llama_train_work);

void ISA_NAME(llama_train_work)(void *task, const member *me)
{
    training *s = task;
    prepare(s, me);
    for (size_t first = 0; first < s->A; first += s->B) {
        training pass = pass_from(s, first);
        forward_backward(&pass, me);
        team_meet(me);
    }
    if (s->total_weight == 0)
        return;
    embedding_backward(s, me);
    team_meet(me);
    sum_squares(s->squares, s->gradient, s->at.count, me);
    team_meet(me);
    /* Every member comes to the same numbers, hence to the same verdict. */
    double loss = ordered_sum(s->losses, s->A * s->T) / s->total_weight;
    double norm = sqrt(ordered_sum(s->squares, norm_blocks(s->at.count)));
    if (me->index == 0) {
        s->loss = loss;
        s->status = isfinite(loss) && isfinite(norm) ? L2C_OK : L2C_NOT_FINITE;
    }
    if (s->w != NULL && isfinite(loss) && isfinite(norm))
        update(s, norm, me);
}
