/* lstm.c: the door of the LSTM's kernels. Arguments are checked here, memory is laid out, and the
 * work is handed to the code compiled for this machine. */

#include "lstm.h"

#include "gemm.h"
#include "isa.h"
#include "sampling.h"
#include "step.h"

enum {
    MAX_VOCAB = 65536,
    MAX_HIDDEN = 4096,
    MAX_ROWS = 65536,
    ALIGNMENT = 16 /* floats: a cache line, and the widest vector */
};

_Static_assert(MAX_HIDDEN * LANES <= TN_SCRATCH, "the sums of gemv_turned must fit in `scratch`");

/* -------------------------------------------------------------------------------- layouts */

static int shape_fits(const l2c_lstm_shape *s)
{
    return s->vocab_size >= 1 && s->vocab_size <= MAX_VOCAB && s->hidden_size >= 1
           && s->hidden_size <= MAX_HIDDEN && s->layers >= 1 && s->layers <= MAX_LAYERS
           && (s->layer_norm == 0 || s->layer_norm == 1);
}

struct lstm_offsets lstm_offsets(const l2c_lstm_shape *s)
{
    size_t H = s->hidden_size, V = s->vocab_size;
    struct lstm_offsets at = {0};
    for (size_t l = 0; l < s->layers; l++) {
        at.Wx[l] = at.count;
        at.Wh[l] = at.Wx[l] + (l == 0 ? V : H) * 4 * H;
        at.b[l] = at.Wh[l] + H * 4 * H;
        at.count = at.b[l] + 4 * H;
        at.ends[at.stretches++] = at.b[l];
        at.ends[at.stretches++] = at.count;
    }
    at.gain = at.count;
    at.out_W = at.gain + (s->layer_norm ? H : 0);
    at.out_b = at.out_W + V * H;
    at.count = at.out_b + V;
    at.ends[at.stretches - 1] = at.out_W;
    at.ends[at.stretches++] = at.out_b;
    at.ends[at.stretches++] = at.count;
    return at;
}

size_t l2c_lstm_parameter_count(const l2c_lstm_shape *shape)
{
    return shape_fits(shape) ? lstm_offsets(shape).count : 0;
}

/* Hands out the workspace piece by piece; without memory it only counts. */
struct allotment {
    float *memory;
    size_t used;
};

static float *allot(struct allotment *a, size_t n)
{
    float *piece = a->memory == NULL ? NULL : a->memory + a->used;
    a->used += (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return piece;
}

static struct allotment aligned(float *workspace)
{
    size_t past = (uintptr_t)workspace / sizeof(float) % ALIGNMENT;
    return (struct allotment){workspace + (past == 0 ? 0 : ALIGNMENT - past), 0};
}

/* Where everything of a training step lies; returns how many floats that takes. */
static size_t lay_out_training(struct lstm_training *s, struct allotment a, int threads)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size, rows = s->T * s->B;
    size_t top = s->shape.layers - 1;
    for (size_t l = 0; l <= top; l++) {
        s->h[l] = allot(&a, (rows + s->B) * H);
        s->c[l] = allot(&a, (rows + s->B) * H);
        s->tanh_c[l] = allot(&a, rows * H);
        s->g[l] = allot(&a, rows * 4 * H);
        if (s->dropout.recurrent > 0)
            s->thinned[l] = allot(&a, 4 * H * H);
        s->Wh[l] = allot(&a, packed_floats(H, 4 * H));
        s->Wh_t[l] = allot(&a, packed_floats(4 * H, H));
        s->Wx[l] = allot(&a, packed_floats(H, 4 * H));
        s->Wx_t[l] = allot(&a, packed_floats(4 * H, H));
    }
    s->dh = allot(&a, rows * H);
    s->dc = allot(&a, s->B * H);
    if (s->shape.layer_norm || s->dropout.output > 0) {
        s->normal = allot(&a, rows * H);
        s->scale = allot(&a, rows);
        s->y = allot(&a, rows * H);
        s->dy = allot(&a, rows * H);
    } else {
        s->y = s->h[top] == NULL ? NULL : s->h[top] + s->B * H;
        s->dy = s->dh;
    }
    s->logits = allot(&a, rows * V);
    s->losses = (double *)allot(&a, 2 * rows);
    s->squares = (double *)allot(&a, 2 * norm_blocks(s->at.count));
    s->out_W = allot(&a, packed_floats(V, H));
    s->out_W_t = allot(&a, packed_floats(H, V));
    s->scratch = allot(&a, (size_t)threads * TN_SCRATCH);
    if (s->w != NULL || a.memory == NULL)
        s->gradient = allot(&a, s->at.count);
    return a.used;
}

static int sizes_fit(const l2c_lstm_shape *shape, size_t batch, size_t time, int threads)
{
    return shape_fits(shape) && batch >= 1 && batch <= MAX_ROWS && time >= 1 && time <= MAX_ROWS
           && threads >= 1 && threads <= MAX_THREADS;
}

size_t l2c_lstm_train_workspace(const l2c_lstm_shape *shape, size_t batch, size_t time,
                                int threads)
{
    if (!sizes_fit(shape, batch, time, threads))
        return 0;
    struct lstm_training s = {.shape = *shape, .at = lstm_offsets(shape), .B = batch, .T = time,
                              .dropout = {.output = 1, .recurrent = 1}}; /* the most it can be */
    return lay_out_training(&s, (struct allotment){NULL, 0}, threads) + ALIGNMENT;
}

static size_t lay_out_stream(struct lstm_stream *s, struct allotment a)
{
    size_t H = s->shape.hidden_size, V = s->shape.vocab_size;
    s->g = allot(&a, 4 * H);
    s->y = allot(&a, H);
    s->logits = allot(&a, V);
    s->p = allot(&a, V);
    s->sampling = allot(&a, sample_floats(V));
    s->rounded.d = allot(&a, H / STORED_BLOCK);
    s->rounded.total = (int32_t *)(void *)allot(&a, H / STORED_BLOCK);
    s->rounded.q = (int8_t *)allot(&a, H / sizeof(float));
    return a.used;
}

size_t l2c_lstm_read_workspace(const l2c_lstm_shape *shape)
{
    if (!shape_fits(shape))
        return 0;
    struct lstm_stream s = {.shape = *shape};
    return lay_out_stream(&s, (struct allotment){NULL, 0}) + ALIGNMENT;
}

/* ------------------------------------------------------------------------------- training */

static int tokens_fit(const int32_t *tokens, size_t n, size_t vocab_size)
{
    for (size_t i = 0; i < n; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= vocab_size)
            return 0;
    return 1;
}

static int adam_fits(const l2c_adam *a)
{
    /* Written so that NaN fails. */
    return a->rate >= 0 && a->rate <= 100 && a->beta1 >= 0 && a->beta1 < 1 && a->beta2 >= 0
           && a->beta2 < 1 && a->weight_decay >= 0 && a->weight_decay <= 1 && a->clip_norm > 0
           && a->step >= 1;
}

static int dropout_fits(const l2c_lstm_dropout *d)
{
    return d->output >= 0 && d->output <= 0.95 && d->recurrent >= 0 && d->recurrent <= 0.95;
}

ISA_TABLE(team_work, lstm_train_work);

static int run_training(struct lstm_training *s, double *loss, int threads, float *workspace,
                        size_t workspace_size)
{
    if (!sizes_fit(&s->shape, s->B, s->T, threads)
        || workspace_size < l2c_lstm_train_workspace(&s->shape, s->B, s->T, threads))
        return L2C_BAD_SIZE;
    if (!dropout_fits(&s->dropout))
        return L2C_BAD_OPTION;
    if (!tokens_fit(s->tokens, s->B * (s->T + 1), s->shape.vocab_size))
        return L2C_BAD_TOKEN;
    s->at = lstm_offsets(&s->shape);
    for (size_t i = 0; i < s->B * s->T; i++) {
        if (s->weights[i] < 0)
            return L2C_BAD_OPTION;
        s->total_weight += (double)s->weights[i];
    }
    lay_out_training(s, aligned(workspace), threads);
    team_run(lstm_train_work[l2c_isa()], s, threads);
    if (s->status == L2C_OK)
        *loss = s->loss;
    return s->status;
}

int l2c_lstm_train(float *parameters, float *m, float *v, float *hidden, float *cell,
                   double *loss, const int32_t *tokens, const float *weights,
                   const l2c_lstm_shape *shape, const l2c_adam *adam,
                   const l2c_lstm_dropout *dropout, size_t batch, size_t time, int threads,
                   float *workspace, size_t workspace_size)
{
    if (!adam_fits(adam))
        return L2C_BAD_OPTION;
    struct lstm_training s = {.shape = *shape, .B = batch, .T = time, .parameters = parameters,
                              .tokens = tokens, .weights = weights, .hidden = hidden,
                              .cell = cell, .w = parameters, .m = m, .v = v, .adam = *adam,
                              .dropout = *dropout};
    return run_training(&s, loss, threads, workspace, workspace_size);
}

int l2c_lstm_gradient(float *gradient, float *hidden, float *cell, double *loss,
                      const float *parameters, const int32_t *tokens, const float *weights,
                      const l2c_lstm_shape *shape, const l2c_lstm_dropout *dropout, size_t batch,
                      size_t time, int threads, float *workspace, size_t workspace_size)
{
    struct lstm_training s = {.shape = *shape, .B = batch, .T = time, .parameters = parameters,
                              .tokens = tokens, .weights = weights, .hidden = hidden,
                              .cell = cell, .gradient = gradient, .dropout = *dropout};
    return run_training(&s, loss, threads, workspace, workspace_size);
}

/* -------------------------------------------------------------------- reading and writing */

ISA_TABLE(lstm_read_function, lstm_read);
ISA_TABLE(lstm_generate_function, lstm_generate);

static int storage_fits(const l2c_lstm_shape *shape, int storage)
{
    return shape_fits(shape)
           && (storage == L2C_F32
               || (storage == L2C_Q8_0 && shape->hidden_size % STORED_BLOCK == 0));
}

static size_t prepared_floats(int storage, size_t outputs, size_t inputs)
{
    return storage == L2C_F32 ? outputs * inputs : stored_floats(storage, outputs, inputs);
}

/* Where the matrices are read from, and how many floats of `prepared` they take. */
static size_t lay_out_ready(struct lstm_ready *ready, const float *prepared,
                            const l2c_lstm_shape *shape, int storage)
{
    size_t H = shape->hidden_size, V = shape->vocab_size, used = 0;
    size_t gates = prepared_floats(storage, 4 * H, H);
    for (size_t l = 0; l < shape->layers; l++) {
        ready->Wh[l] = prepared + used;
        used += gates;
        if (l > 0) {
            ready->Wx[l] = prepared + used;
            used += gates;
        }
    }
    ready->out_W = prepared + used;
    return used + prepared_floats(storage, V, H);
}

size_t l2c_lstm_prepared_size(const l2c_lstm_shape *shape, int storage)
{
    struct lstm_ready ready;
    return storage_fits(shape, storage) ? lay_out_ready(&ready, NULL, shape, storage) : 0;
}

/* One matrix, W[output * by_output + input * by_input]; returns where the next one goes. */
static float *prepare_matrix(float *prepared, const float *W, size_t by_output, size_t by_input,
                             size_t outputs, size_t inputs, int storage)
{
    if (storage == L2C_F32)
        store_strips(prepared, W, by_input, by_output, inputs, outputs, 0, outputs);
    else
        store_blocks(prepared, W, by_output, by_input, outputs, inputs, storage);
    return prepared + prepared_floats(storage, outputs, inputs);
}

int l2c_lstm_prepare(float *prepared, const float *parameters, const l2c_lstm_shape *shape,
                     int storage)
{
    if (!storage_fits(shape, storage))
        return L2C_BAD_SIZE;
    struct lstm_offsets at = lstm_offsets(shape);
    size_t H = shape->hidden_size, V = shape->vocab_size, G = 4 * H;
    for (size_t l = 0; l < shape->layers; l++) {
        prepared = prepare_matrix(prepared, parameters + at.Wh[l], 1, G, G, H, storage);
        if (l > 0)
            prepared = prepare_matrix(prepared, parameters + at.Wx[l], 1, G, G, H, storage);
    }
    prepare_matrix(prepared, parameters + at.out_W, H, 1, V, H, storage);
    return L2C_OK;
}

int l2c_lstm_read(float *logits, float *hidden, float *cell, const float *parameters,
                  const float *prepared, int storage, const int32_t *tokens,
                  const l2c_lstm_shape *shape, size_t time, int every_step, float *workspace,
                  size_t workspace_size)
{
    if (!storage_fits(shape, storage) || workspace_size < l2c_lstm_read_workspace(shape))
        return L2C_BAD_SIZE;
    if (!tokens_fit(tokens, time, shape->vocab_size))
        return L2C_BAD_TOKEN;
    struct lstm_stream s = {.shape = *shape, .at = lstm_offsets(shape), .parameters = parameters,
                            .storage = storage, .hidden = hidden, .cell = cell};
    lay_out_ready(&s.ready, prepared, shape, storage);
    lay_out_stream(&s, aligned(workspace));
    lstm_read[l2c_isa()](&s, logits, tokens, time, every_step);
    return L2C_OK;
}

int l2c_lstm_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                      float *hidden, float *cell, int32_t *recent, uint64_t *position,
                      const float *parameters, const float *prepared, int storage,
                      const l2c_lstm_shape *shape, const l2c_sampler *sampler, uint64_t seed,
                      size_t n, float *workspace, size_t workspace_size)
{
    if (!storage_fits(shape, storage) || workspace_size < l2c_lstm_read_workspace(shape))
        return L2C_BAD_SIZE;
    int status = sampler_status(sampler, shape->vocab_size);
    if (status != L2C_OK)
        return status;
    struct lstm_stream s = {.shape = *shape, .at = lstm_offsets(shape), .parameters = parameters,
                            .storage = storage, .hidden = hidden, .cell = cell};
    lay_out_ready(&s.ready, prepared, shape, storage);
    struct lstm_text text = {.tokens = tokens, .log_probabilities = log_probabilities,
                             .written = written, .stopped = stopped, .recent = recent,
                             .position = position, .sampler = sampler, .seed = seed, .n = n};
    lay_out_stream(&s, aligned(workspace));
    return lstm_generate[l2c_isa()](&s, &text);
}
