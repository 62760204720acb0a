/* generate.simd.c: reading and writing one stream, a token at a time.
 *
 * A step is the forward pass of train.simd.c for one row and one moment, with the same bits:
 * every sum is the same chain of fused multiply-adds. What the state predicts depends on its top
 * hidden vector alone, so nothing but the state has to be carried from one call to the next. With
 * matrices in q8_0 it is another, nearby pass (see stored.h), with the same bits everywhere.
 *
 * Letters: V vocabulary, H hidden, L layers.
 */

#include "cells.h"
#include "gemm.h"
#include "isa.h"
#include "lstm.h"
#include "sampling.h"
#include "softmax.h"

typedef struct lstm_stream stream;

/* y [outputs] += x [inputs] W, W in strips; or in whole numbers. */
static void multiply(const stream *s, float *y, const float *x, const float *matrix,
                     size_t outputs, size_t inputs)
{
    if (s->storage == L2C_F32) {
        gemv_strips(y, x, matrix, inputs, outputs);
        return;
    }
    round_row(s->rounded.q, s->rounded.d, s->rounded.total, x, inputs);
    multiply_blocks(y, &s->rounded, matrix, 1, outputs, inputs, s->storage);
}

/* Move the state over one token. */
static void step(const stream *s, int32_t token)
{
    size_t H = s->shape.hidden_size;
    for (size_t l = 0; l < s->shape.layers; l++) {
        const float *b = s->parameters + s->at.b[l];
        float *h = s->hidden + l * H, *c = s->cell + l * H;
        if (l == 0) {
            const float *input = s->parameters + s->at.Wx[0] + (size_t)token * 4 * H;
            FOR_VECTORS(j, left, 4 * H)
                store_first(s->g + j, load_first(input + j, left, 0) + load_first(b + j, left, 0),
                            left);
        } else {
            memcpy(s->g, b, 4 * H * sizeof(float));
            multiply(s, s->g, h - H, s->ready.Wx[l], 4 * H, H);
        }
        multiply(s, s->g, h, s->ready.Wh[l], 4 * H, H);
        cell_forward(h, c, s->y, s->g, c, H);
    }
}

/* The logits [V] of what comes after the state. */
static void predict(const stream *s, float *logits)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size;
    const float *y = s->hidden + (s->shape.layers - 1) * H;
    if (s->shape.layer_norm) {
        norm_forward(s->y, s->g, y, s->parameters + s->at.gain, H);
        y = s->y;
    }
    memcpy(logits, s->parameters + s->at.out_b, V * sizeof(float));
    multiply(s, logits, y, s->ready.out_W, V, H);
}

lstm_read_function ISA_NAME(lstm_read);

void ISA_NAME(lstm_read)(const stream *s, float *logits, const int32_t *tokens, size_t time,
                         int every_step)
{
    for (size_t t = 0; t < time; t++) {
        step(s, tokens[t]);
        if (every_step)
            predict(s, logits + t * s->shape.vocab_size);
    }
    if (!every_step)
        predict(s, logits);
}

lstm_generate_function ISA_NAME(lstm_generate);

int ISA_NAME(lstm_generate)(const stream *s, const struct lstm_text *text)
{
    size_t V = s->shape.vocab_size;
    *text->written = 0;
    *text->stopped = 0;
    while (*text->written < text->n && !*text->stopped) {
        predict(s, s->logits);
        float normaliser = log_sum_exp(s->logits, s->p, V);
        if (!isfinite(normaliser))
            return L2C_NOT_FINITE;
        int32_t token = sample(s->logits, text->recent, text->sampler, text->seed,
                               *text->position, V, s->sampling);
        step(s, token);
        text->recent[(*text->position)++ % L2C_RECENT] = token;
        *text->stopped = is_stop(text->sampler, token);
        if (*text->stopped)
            break;
        text->log_probabilities[*text->written] = s->logits[token] - normaliser;
        text->tokens[(*text->written)++] = token;
    }
    return L2C_OK;
}
