/* train.c: the door of the Llama's training, where arguments are checked and memory is laid out. */

#include "blocks.h"
#include "isa.h"
#include "llama.h"
#include "step.h"

enum { MAX_ROWS = 65536, MAX_PAST = 1 << 20 };

/* -------------------------------------------------------------------------------- layouts */

/* What Muon needs for a matrix of these sides, the smaller first: see muon.h. */
static size_t muon_floats(size_t small, size_t large)
{
    return 2 * aligned_size(small * large) + 2 * aligned_size(small * small)
           + packed_floats(large, small) + packed_floats(small, large)
           + packed_floats(small, small);
}

/* Floats a thread needs for itself: for attention, or for a block of rows. */
static size_t scratch_size(const l2c_llama_shape *s, int muon, size_t past, size_t time)
{
    size_t E = llama_head(s), n = past + time, wide = (n + 63) / 64 * 64;
    size_t attention = 2 * aligned_size(n * E) + 2 * aligned_size(packed_floats(n, E))
                       + 2 * aligned_size(packed_floats(E, n)) + 2 * aligned_size(E * wide)
                       + 2 * aligned_size(QUERY_ROWS * wide) + TN_SCRATCH;
    size_t block = BLOCK * (s->dim + s->hidden), capped = s->softcap > 0 ? s->vocab_size : 0;
    size_t small = s->dim < s->hidden ? s->dim : s->hidden;
    size_t large = s->dim < s->hidden ? s->hidden : s->dim;
    size_t matrix = muon ? muon_floats(s->dim, s->dim) : 0;
    if (muon && muon_floats(small, large) > matrix)
        matrix = muon_floats(small, large);
    size_t most = attention > block ? attention : block;
    most = most > capped ? most : capped;
    return aligned_size(most > matrix ? most : matrix);
}

static void allot_layer(struct llama_training *s, struct allotment *a, size_t l)
{
    size_t D = s->shape.dim, F = s->shape.hidden, H = s->shape.heads, rows = s->T * s->B;
    s->x[l] = allot(a, rows * D);
    s->between[l] = allot(a, rows * D);
    s->qkv[l] = allot(a, rows * llama_width(&s->shape));
    if (s->shape.qk_norm) {
        s->raw[l] = allot(a, rows * (D + s->shape.kv_heads * llama_head(&s->shape)));
        s->raw_scale[l] = allot(a, rows * (H + s->shape.kv_heads));
    }
    s->most[l] = allot(a, rows * H);
    s->share[l] = allot(a, rows * H);
    s->fetched[l] = allot(a, rows * D);
    s->gate[l] = allot(a, rows * F);
    s->up[l] = allot(a, rows * F);
    s->scale[2 * l] = allot(a, rows);
    s->scale[2 * l + 1] = allot(a, rows);
    for (int i = 0; i < MATRICES; i++) {
        const llama_matrix *m = &s->at.matrix[l][i];
        s->forward[l][i] = allot(a, packed_floats(m->inputs, m->outputs));
        s->back[l][i] = allot(a, packed_floats(m->outputs, m->inputs));
    }
}

/* Where everything of a training step lies; returns how many floats that takes. */
static size_t lay_out_training(struct llama_training *s, struct allotment a, int threads)
{
    size_t D = s->shape.dim, F = s->shape.hidden, V = s->shape.vocab_size, rows = s->T * s->B;
    for (size_t l = 0; l < s->shape.layers; l++)
        allot_layer(s, &a, l);
    s->x[s->shape.layers] = allot(&a, rows * D);
    s->scale[2 * s->shape.layers] = allot(&a, rows);
    s->frequencies = (double *)allot(&a, llama_head(&s->shape));
    s->turns = allot(&a, rows * llama_head(&s->shape));
    s->logits = allot(&a, rows * V);
    s->n = allot(&a, rows * D);
    s->dn = allot(&a, rows * D);
    s->dx = allot(&a, s->A * s->T * D);
    s->dfetched = allot(&a, rows * D);
    s->dqkv = allot(&a, rows * llama_width(&s->shape));
    s->inner = allot(&a, rows * F);
    s->losses = (double *)allot(&a, 2 * s->A * s->T);
    s->squares = (double *)allot(&a, 2 * norm_blocks(s->at.count));
    s->output_forward = allot(&a, packed_floats(D, V));
    s->output_back = allot(&a, packed_floats(V, D));
    s->scratch_size = scratch_size(&s->shape, s->muon > 0, s->past.length, s->T);
    s->scratch = allot(&a, (size_t)threads * s->scratch_size);
    if (s->w != NULL || a.memory == NULL)
        s->gradient = allot(&a, s->at.count);
    return a.used;
}

static int sizes_fit(const l2c_llama_shape *shape, size_t past, size_t batch, size_t at_once,
                     size_t time, int threads)
{
    return llama_shape_fits(shape) && past <= MAX_PAST && batch >= 1 && batch <= MAX_ROWS
           && at_once >= 1 && at_once <= batch && time >= 1 && time <= MAX_ROWS
           && batch * time <= (size_t)1 << 24 && threads >= 1 && threads <= MAX_THREADS;
}

size_t l2c_llama_train_workspace(const l2c_llama_shape *shape, int muon, size_t past,
                                 size_t batch, size_t at_once, size_t time, int threads)
{
    if (!sizes_fit(shape, past, batch, at_once, time, threads))
        return 0;
    struct llama_training s = {.shape = *shape, .at = llama_offsets_of(shape),
                               .past = {.length = past}, .A = batch, .B = at_once, .T = time,
                               .muon = muon};
    return lay_out_training(&s, (struct allotment){NULL, 0}, threads) + ALIGNMENT;
}

/* ------------------------------------------------------------------------------- training */

static int adam_fits(const l2c_adam *a)
{
    /* Written so that NaN fails. */
    return a->rate >= 0 && a->rate <= 100 && a->beta1 >= 0 && a->beta1 < 1 && a->beta2 >= 0
           && a->beta2 < 1 && a->weight_decay >= 0 && a->weight_decay <= 1 && a->clip_norm > 0
           && a->step >= 1;
}

static int past_fits(const l2c_llama_past *past, const l2c_llama_shape *shape, size_t batch)
{
    for (size_t b = 0; b < batch; b++) {
        if (shape->ngram_rows && !llama_before_fits(past->before[b], shape->vocab_size))
            return 0;
        int64_t length = past->lengths[b], position = past->positions[b];
        if (length < 0 || (uint64_t)length > past->length || position < length
            || (uint64_t)position >= MAX_POSITION)
            return 0;
    }
    return 1;
}

ISA_TABLE(team_work, llama_train_work);

static int run_training(struct llama_training *s, double *loss, int threads, float *workspace,
                        size_t workspace_size)
{
    size_t needed = l2c_llama_train_workspace(&s->shape, s->muon > 0, s->past.length, s->A, s->B,
                                              s->T, threads);
    if (needed == 0 || workspace_size < needed || !past_fits(&s->past, &s->shape, s->A))
        return L2C_BAD_SIZE;
    if (!llama_tokens_fit(s->tokens, s->A * (s->T + 1), s->shape.vocab_size))
        return L2C_BAD_TOKEN;
    s->at = llama_offsets_of(&s->shape);
    for (size_t i = 0; i < s->A * s->T; i++) {
        if (s->weights[i] < 0)
            return L2C_BAD_OPTION;
        s->total_weight += (double)s->weights[i];
    }
    lay_out_training(s, aligned(workspace), threads);
    rotation_frequencies(s->frequencies, s->shape.rope_theta, llama_head(&s->shape));
    team_run(llama_train_work[l2c_isa()], s, threads);
    if (s->status == L2C_OK)
        *loss = s->loss;
    return s->status;
}

int l2c_llama_train(float *parameters, float *m, float *v, float *keys, float *values,
                    float *outputs, double *loss, const int32_t *tokens, const float *weights,
                    const l2c_llama_past *past, const l2c_llama_shape *shape,
                    const l2c_adam *adam, double muon, size_t batch, size_t at_once, size_t time,
                    int threads, float *workspace, size_t workspace_size)
{
    if (!adam_fits(adam) || !(muon >= 0 && muon <= 100))
        return L2C_BAD_OPTION;
    struct llama_training s = {.shape = *shape, .past = *past, .A = batch, .B = at_once,
                               .T = time, .parameters = parameters, .tokens = tokens, .weights = weights,
                               .keys = keys, .values = values, .outputs = outputs,
                               .w = parameters, .m = m, .v = v, .adam = *adam, .muon = muon};
    return run_training(&s, loss, threads, workspace, workspace_size);
}

int l2c_llama_gradient(float *gradient, float *keys, float *values, float *outputs, double *loss,
                       const float *parameters, const int32_t *tokens, const float *weights,
                       const l2c_llama_past *past, const l2c_llama_shape *shape, size_t batch,
                       size_t at_once, size_t time, int threads, float *workspace,
                       size_t workspace_size)
{
    struct llama_training s = {.shape = *shape, .past = *past, .A = batch, .B = at_once,
                               .T = time, .parameters = parameters, .tokens = tokens, .weights = weights,
                               .keys = keys, .values = values, .outputs = outputs,
                               .gradient = gradient};
    return run_training(&s, loss, threads, workspace, workspace_size);
}
