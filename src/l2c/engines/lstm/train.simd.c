/* train.simd.c: one training step of the LSTM. Equations in cells.h, the whole in reference.py.
 *
 * Every thread runs lstm_train_work on its share, and all meet between phases. In the loops over
 * time, and at the output between them, a share is rows of the batch, which never meet each other;
 * elsewhere it is rows or columns of the result. No output is ever computed by two threads
 * together, so their number changes no bit. What does not depend on the step before is taken out of
 * the loops over time, where it is one large product instead of T small ones: the inputs of upper
 * layers, with one thread the logits, and the gradients of all weights.
 *
 * Letters: B batch, T time, V vocabulary, H hidden, L layers.
 */

#include "cells.h"
#include "dropout.h"
#include "gemm.h"
#include "isa.h"
#include "lstm.h"
#include "softmax.h"
#include "step.h"

typedef struct lstm_training training;

/* Whole panels, so that two threads never write the same one. */
static span panels(size_t columns, const member *me)
{
    span s = share((columns + PANEL - 1) / PANEL, me);
    return (span){s.begin * PANEL, least(s.end * PANEL, columns)};
}

static void copy(float *to, const float *from, size_t n) { memcpy(to, from, n * sizeof *to); }

/* --------------------------------------------------------------------------------- before */

/* Wh of layer l as this step has it. */
static const float *recurrent(const training *s, size_t l)
{
    return s->thinned[l] != NULL ? s->thinned[l] : s->parameters + s->at.Wh[l];
}

static struct mask recurrent_mask(const training *s, size_t l)
{
    return mask_of(s->dropout.recurrent, s->dropout.step, WEIGHT_STREAM + (uint32_t)l);
}

static struct mask output_mask(const training *s)
{
    return mask_of(s->dropout.output, s->dropout.step, OUTPUT_STREAM);
}

static void thin_weights(const training *s, const member *me)
{
    span part = share(4 * s->shape.hidden_size * s->shape.hidden_size, me);
    for (size_t l = 0; l < s->shape.layers; l++)
        thin_out(s->thinned[l] + part.begin, s->parameters + s->at.Wh[l] + part.begin,
                 part.end - part.begin, recurrent_mask(s, l), part.begin);
}

static void pack_weights(const training *s, const member *me)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size;
    const float *p = s->parameters;
    span strips = share((4 * H + STRIP - 1) / STRIP, me);
    span gates = panels(4 * H, me), hidden = panels(H, me), vocab = panels(V, me);
    for (size_t l = 0; l < s->shape.layers; l++) {
        if (s->B == 1) {
            store_strips(s->Wh[l], recurrent(s, l), 4 * H, 1, H, 4 * H, strips.begin * STRIP,
                         least(strips.end * STRIP, 4 * H));
        } else {
            pack(s->Wh[l], recurrent(s, l), 4 * H, H, 4 * H, gates.begin, gates.end);
            pack_transposed(s->Wh_t[l], recurrent(s, l), 4 * H, 4 * H, H, hidden.begin,
                            hidden.end);
        }
        if (l > 0) {
            pack(s->Wx[l], p + s->at.Wx[l], 4 * H, H, 4 * H, gates.begin, gates.end);
            pack_transposed(s->Wx_t[l], p + s->at.Wx[l], 4 * H, 4 * H, H, hidden.begin,
                            hidden.end);
        }
    }
    pack(s->out_W, p + s->at.out_W, H, V, H, hidden.begin, hidden.end);
    pack_transposed(s->out_W_t, p + s->at.out_W, H, H, V, vocab.begin, vocab.end);
}

/* -------------------------------------------------------------------------------- a layer */

/* The sums begin with what does not depend on the step before: input and bias. */
static void input_forward(const training *s, size_t l, const member *me)
{
    size_t H = s->shape.hidden_size, B = s->B, T = s->T;
    const float *b = s->parameters + s->at.b[l];
    span rows = share(T * B, me);
    for (size_t row = rows.begin; row < rows.end; row++) {
        float *g = s->g[l] + row * 4 * H;
        if (l > 0) {
            copy(g, b, 4 * H);
            continue;
        }
        size_t token = (size_t)s->tokens[row % B * (T + 1) + row / B];
        const float *input = s->parameters + s->at.Wx[0] + token * 4 * H;
        FOR_VECTORS(j, left, 4 * H)
            store_first(g + j, load_first(input + j, left, 0) + load_first(b + j, left, 0), left);
    }
    if (l > 0)
        gemm(s->g[l] + rows.begin * 4 * H, 4 * H, s->h[l - 1] + (B + rows.begin) * H, H, s->Wx[l],
             rows.end - rows.begin, 4 * H, H);
}

/* Through time: a = input + b + h Wh, then the cells. */
static void layer_forward(const training *s, size_t l, const member *me)
{
    size_t H = s->shape.hidden_size, B = s->B;
    span rows = share(B, me);
    size_t count = rows.end - rows.begin, first = rows.begin;
    copy(s->h[l] + first * H, s->hidden + (l * B + first) * H, count * H);
    copy(s->c[l] + first * H, s->cell + (l * B + first) * H, count * H);
    for (size_t t = 0; t < s->T && count > 0; t++) {
        size_t now = t * B + first, next = now + B;
        float *h = s->h[l], *c = s->c[l], *g = s->g[l] + now * 4 * H;
        if (B == 1)
            gemv_strips(g, h + now * H, s->Wh[l], H, 4 * H);
        else
            gemm(g, 4 * H, h + now * H, H, s->Wh[l], count, 4 * H, H);
        for (size_t r = 0; r < count; r++)
            cell_forward(h + (next + r) * H, c + (next + r) * H, s->tanh_c[l] + (now + r) * H,
                         g + r * 4 * H, c + (now + r) * H, H);
    }
}

/* Back through time: dh [T][B][H] holds what comes from above; what comes from the next step is
 * dh += da Wh^T. */
static void layer_backward(const training *s, size_t l, const member *me)
{
    size_t H = s->shape.hidden_size, B = s->B;
    span rows = share(B, me);
    size_t count = rows.end - rows.begin, first = rows.begin;
    float *lanes = s->scratch + (size_t)me->index * TN_SCRATCH;
    memset(s->dc + first * H, 0, count * H * sizeof(float));
    for (size_t t = s->T; t-- > 0 && count > 0;) {
        size_t now = t * B + first;
        float *dh = s->dh + now * H, *g = s->g[l] + now * 4 * H;
        const float *next = g + B * 4 * H;
        if (t + 1 < s->T && B == 1)
            gemv_turned(dh, s->Wh[l], next, H, 4 * H, lanes);
        else if (t + 1 < s->T)
            gemm(dh, H, next, 4 * H, s->Wh_t[l], count, H, 4 * H);
        for (size_t r = 0; r < count; r++)
            cell_backward(g + r * 4 * H, s->dc + (first + r) * H, dh + r * H,
                          s->c[l] + (now + r) * H, s->tanh_c[l] + (now + r) * H, H);
    }
}

/* dh of the layer below, from the gradients of this layer's sums. */
static void input_backward(const training *s, size_t l, const member *me)
{
    size_t H = s->shape.hidden_size;
    span rows = share(s->T * s->B, me);
    size_t count = rows.end - rows.begin;
    memset(s->dh + rows.begin * H, 0, count * H * sizeof(float));
    gemm(s->dh + rows.begin * H, H, s->g[l] + rows.begin * 4 * H, 4 * H, s->Wx_t[l], count, H,
         4 * H);
}

/* ----------------------------------------------------------------------- output and loss */

/* y, logits, losses, and dh of the top layer, for these of the rows [T][B]. */
static void output_rows(const training *s, span rows)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size, B = s->B, T = s->T;
    size_t top = s->shape.layers - 1;
    const float *gain = s->parameters + s->at.gain;
    size_t count = rows.end - rows.begin;
    float *logits = s->logits + rows.begin * V;
    for (size_t row = rows.begin; row < rows.end; row++) {
        if (s->shape.layer_norm)
            s->scale[row] = norm_forward(s->y + row * H, s->normal + row * H,
                                         s->h[top] + (B + row) * H, gain, H);
        if (s->dropout.output > 0)
            thin_out(s->y + row * H, s->shape.layer_norm ? s->y + row * H : s->h[top] + (B + row) * H,
                     H, output_mask(s), row * H);
        copy(s->logits + row * V, s->parameters + s->at.out_b, V);
    }
    gemm(logits, V, s->y + rows.begin * H, H, s->out_W_t, count, V, H);
    for (size_t row = rows.begin; row < rows.end; row++) {
        size_t t = row / B, b = row % B;
        s->losses[row] = softmax_loss(s->logits + row * V, (size_t)s->tokens[b * (T + 1) + t + 1],
                                      s->weights[b * T + t], s->total_weight, V);
    }
    memset(s->dy + rows.begin * H, 0, count * H * sizeof(float));
    gemm(s->dy + rows.begin * H, H, logits, V, s->out_W, count, H, V);
    if (s->dropout.output > 0)
        thin_out((s->shape.layer_norm ? s->dy : s->dh) + rows.begin * H, s->dy + rows.begin * H,
                 count * H, output_mask(s), rows.begin * H);
    for (size_t row = rows.begin; row < rows.end && s->shape.layer_norm; row++)
        norm_backward(s->dh + row * H, s->dy + row * H, s->normal + row * H, gain, s->scale[row],
                      H);
}

/* A thread takes the rows of the batch that it read itself, and so waits for no other before it
 * goes back through time with them. */
static void output_forward_backward(const training *s, const member *me)
{
    span own = share(s->B, me);
    if (me->count == 1)
        output_rows(s, (span){0, s->T * s->B});
    else
        for (size_t t = 0; t < s->T; t++)
            output_rows(s, (span){t * s->B + own.begin, t * s->B + own.end});
}

/* ------------------------------------------------------------- the gradients of the weights */

/* to [columns] += the sum of rows [count][stride], in ascending order. */
static void add_rows(float *to, const float *rows, size_t stride, size_t count, span columns)
{
    for (size_t row = 0; row < count; row++)
        FOR_VECTORS(j, left, columns.end - columns.begin) {
            size_t at = columns.begin + j;
            vec added = load_first(to + at, left, 0) + load_first(rows + row * stride + at, left, 0);
            store_first(to + at, added, left);
        }
}

/* to [columns] += the sum of rows of x times rows of y, element by element. */
static void add_products(float *to, const float *x, const float *y, size_t stride, size_t count,
                         span columns)
{
    for (size_t row = 0; row < count; row++)
        FOR_VECTORS(j, left, columns.end - columns.begin) {
            size_t at = columns.begin + j, from = row * stride + at;
            vec added = fma_(load_first(x + from, left, 0), load_first(y + from, left, 0),
                             load_first(to + at, left, 0));
            store_first(to + at, added, left);
        }
}

/* The first layer's inputs are characters: its Wx gradient is the rows of da, each added where
 * its character is; the bias gradient is the sum of them all. */
static void embedding_backward(const training *s, const member *me)
{
    size_t H = s->shape.hidden_size, B = s->B, T = s->T;
    span columns = share(4 * H, me);
    float *dWx = s->gradient + s->at.Wx[0];
    for (size_t row = 0; row < T * B; row++) {
        size_t token = (size_t)s->tokens[row % B * (T + 1) + row / B];
        add_rows(dWx + token * 4 * H, s->g[0] + row * 4 * H, 0, 1, columns);
    }
    add_rows(s->gradient + s->at.b[0], dWx, 4 * H, s->shape.vocab_size, columns);
}

static void layer_weights(const training *s, size_t l, const member *me, float *scratch)
{
    size_t H = s->shape.hidden_size, B = s->B, rows = s->T * B;
    span part = share(H, me);
    size_t count = part.end - part.begin, offset = part.begin * 4 * H;
    float *dWh = s->gradient + s->at.Wh[l] + offset;
    gemm_tn(dWh, 4 * H, s->h[l] + part.begin, H, s->g[l], 4 * H, count, 4 * H, rows, scratch);
    if (s->thinned[l] != NULL)
        thin_out(dWh, dWh, count * 4 * H, recurrent_mask(s, l), offset);
    if (l == 0) {
        embedding_backward(s, me);
        return;
    }
    gemm_tn(s->gradient + s->at.Wx[l] + offset, 4 * H, s->h[l - 1] + B * H + part.begin, H,
            s->g[l], 4 * H, count, 4 * H, rows, scratch);
    add_rows(s->gradient + s->at.b[l], s->g[l], 4 * H, rows, share(4 * H, me));
}

static void weight_gradients(const training *s, const member *me)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size, rows = s->T * s->B;
    float *scratch = s->scratch + (size_t)me->index * TN_SCRATCH;
    for (size_t l = 0; l < s->shape.layers; l++)
        layer_weights(s, l, me, scratch);
    span part = share(V, me), columns = share(H, me);
    gemm_tn(s->gradient + s->at.out_W + part.begin * H, H, s->logits + part.begin, V, s->y, H,
            part.end - part.begin, H, rows, scratch);
    add_rows(s->gradient + s->at.out_b, s->logits, V, rows, part);
    if (s->shape.layer_norm)
        add_products(s->gradient + s->at.gain, s->dy, s->normal, H, rows, columns);
}

/* --------------------------------------------------------------------------------- the step */

static void update(const training *s, double norm, const member *me)
{
    learning all = {s->w, s->m, s->v, s->gradient};
    struct adam_factors f = clipped_factors(&s->adam, norm);
    for (size_t i = 0, from = 0; i < s->at.stretches; from = s->at.ends[i++])
        adam_stretch(&all, &f, i, from, s->at.ends[i], me);
}

/* The state after the batch goes back to the caller. */
static void carry_on(const training *s)
{
    size_t size = s->B * s->shape.hidden_size;
    for (size_t l = 0; l < s->shape.layers; l++) {
        copy(s->hidden + l * size, s->h[l] + s->T * size, size);
        copy(s->cell + l * size, s->c[l] + s->T * size, size);
    }
}

static void forward_backward(const training *s, const member *me)
{
    span all = share(s->at.count, me);
    memset(s->gradient + all.begin, 0, (all.end - all.begin) * sizeof(float));
    if (s->dropout.recurrent > 0) {
        thin_weights(s, me);
        team_meet(me);
    }
    pack_weights(s, me);
    for (size_t l = 0; l < s->shape.layers; l++) {
        input_forward(s, l, me);
        team_meet(me);
        layer_forward(s, l, me);
        if (l + 1 < s->shape.layers)
            team_meet(me);
    }
    if (s->total_weight == 0) {
        team_meet(me);
        return;
    }
    output_forward_backward(s, me);
    for (size_t l = s->shape.layers; l-- > 0;) {
        layer_backward(s, l, me);
        team_meet(me);
        if (l > 0) {
            input_backward(s, l, me);
            team_meet(me);
        }
    }
    weight_gradients(s, me);
    team_meet(me);
    sum_squares(s->squares, s->gradient, s->at.count, me);
    team_meet(me);
}

team_work ISA_NAME(lstm_train_work);

void ISA_NAME(lstm_train_work)(void *task, const member *me)
{
    training *s = task;
    int first = me->index == 0;
    forward_backward(s, me);
    if (s->total_weight == 0) {
        if (first)
            carry_on(s);
        return;
    }
    /* Every member comes to the same numbers, hence to the same verdict. */
    double loss = ordered_sum(s->losses, s->T * s->B) / s->total_weight;
    double norm = sqrt(ordered_sum(s->squares, norm_blocks(s->at.count)));
    if (!isfinite(loss) || !isfinite(norm)) {
        if (first)
            s->status = L2C_NOT_FINITE;
        return;
    }
    if (s->w != NULL)
        update(s, norm, me);
    if (first) {
        s->loss = loss;
        carry_on(s);
    }
}
