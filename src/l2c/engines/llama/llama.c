/* llama.c: the door of the Llama's kernels. Arguments are checked here, memory is laid out, and
 * the work is handed to the code compiled for this machine. */

#include "llama.h"

#include "blocks.h"
#include "gemm.h"
#include "isa.h"
#include "sampling.h"

enum {
    MAX_VOCAB = 262144,
    MAX_DIM = 16384,
    MAX_HEADS = 256,
    MAX_HIDDEN = 65536,
    MAX_CONTEXT = 1 << 20,
    MAX_ROWS = 65536,
    ALIGNMENT = 16 /* floats: a cache line, and the widest vector */
};

static const uint64_t MAX_POSITION = (uint64_t)1 << 48;

/* -------------------------------------------------------------------------------- layouts */

static int between(size_t x, size_t least_x, size_t most_x) { return x >= least_x && x <= most_x; }

static int shape_fits(const l2c_llama_shape *s)
{
    /* Written so that NaN fails. */
    return between(s->vocab_size, 1, MAX_VOCAB) && between(s->dim, 2, MAX_DIM)
           && between(s->layers, 1, MAX_LAYERS) && between(s->heads, 1, MAX_HEADS)
           && between(s->kv_heads, 1, MAX_HEADS) && between(s->hidden, 1, MAX_HIDDEN)
           && between(s->context, 1, MAX_CONTEXT) && s->dim % (2 * s->heads) == 0
           && s->heads % s->kv_heads == 0 && (s->tied == 0 || s->tied == 1)
           && s->rope_theta >= 1 && s->rope_theta <= 1e9 && s->norm_epsilon >= 1e-12
           && s->norm_epsilon <= 0.1;
}

static size_t head_of(const l2c_llama_shape *s) { return s->dim / s->heads; }
static size_t width_of(const l2c_llama_shape *s)
{
    return s->dim + 2 * s->kv_heads * head_of(s);
}

static void place(struct llama_offsets *at, llama_matrix *m, size_t outputs, size_t inputs)
{
    *m = (llama_matrix){at->count, outputs, inputs};
    at->count += outputs * inputs;
}

/* A norm, between two stretches of matrices. */
static size_t place_norm(struct llama_offsets *at, size_t D)
{
    size_t here = at->count;
    at->count += D;
    at->ends[at->stretches++] = here;
    at->ends[at->stretches++] = at->count;
    return here;
}

static struct llama_offsets offsets(const l2c_llama_shape *s)
{
    size_t D = s->dim, V = s->vocab_size;
    struct llama_offsets at = {.count = V * D, .output = {0, V, D}};
    for (size_t l = 0; l < s->layers; l++) {
        llama_matrix *m = at.matrix[l];
        at.attention_norm[l] = place_norm(&at, D);
        place(&at, &m[WQKV], width_of(s), D);
        place(&at, &m[WO], D, D);
        at.ffn_norm[l] = place_norm(&at, D);
        place(&at, &m[W1], s->hidden, D);
        place(&at, &m[W2], D, s->hidden);
        place(&at, &m[W3], s->hidden, D);
    }
    at.norm = place_norm(&at, D);
    if (!s->tied)
        place(&at, &at.output, V, D);
    at.ends[at.stretches++] = at.count;
    return at;
}

size_t l2c_llama_parameter_count(const l2c_llama_shape *shape)
{
    return shape_fits(shape) ? offsets(shape).count : 0;
}

/* Hands out the workspace piece by piece; without memory it only counts. */
struct allotment {
    float *memory;
    size_t used;
};

static size_t aligned_size(size_t n) { return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }

static float *allot(struct allotment *a, size_t n)
{
    float *piece = a->memory == NULL ? NULL : a->memory + a->used;
    a->used += aligned_size(n);
    return piece;
}

static struct allotment aligned(float *workspace)
{
    size_t past = (uintptr_t)workspace / sizeof(float) % ALIGNMENT;
    return (struct allotment){workspace + (past == 0 ? 0 : ALIGNMENT - past), 0};
}

/* Floats a thread needs for itself: for attention, or for a block of rows. */
static size_t scratch_size(const l2c_llama_shape *s, size_t past, size_t time)
{
    size_t E = head_of(s), n = past + time, wide = (n + 63) / 64 * 64;
    size_t attention = 2 * aligned_size(n * E) + 2 * aligned_size(packed_floats(n, E))
                       + 2 * aligned_size(packed_floats(E, n)) + 2 * aligned_size(E * wide)
                       + 2 * aligned_size(QUERY_ROWS * wide) + TN_SCRATCH;
    size_t block = BLOCK * (s->dim + s->hidden);
    return aligned_size(attention > block ? attention : block);
}

static void allot_layer(struct llama_training *s, struct allotment *a, size_t l)
{
    size_t D = s->shape.dim, F = s->shape.hidden, H = s->shape.heads, rows = s->T * s->B;
    s->x[l] = allot(a, rows * D);
    s->between[l] = allot(a, rows * D);
    s->qkv[l] = allot(a, rows * width_of(&s->shape));
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
    s->frequencies = (double *)allot(&a, head_of(&s->shape));
    s->turns = allot(&a, rows * head_of(&s->shape));
    s->logits = allot(&a, rows * V);
    s->n = allot(&a, rows * D);
    s->dn = allot(&a, rows * D);
    s->dx = allot(&a, rows * D);
    s->dfetched = allot(&a, rows * D);
    s->dqkv = allot(&a, rows * width_of(&s->shape));
    s->inner = allot(&a, rows * F);
    s->losses = (double *)allot(&a, 2 * rows);
    s->squares = (double *)allot(&a, 2 * (s->at.count / NORM_BLOCK + 1));
    s->output_forward = allot(&a, packed_floats(D, V));
    s->output_back = allot(&a, packed_floats(V, D));
    s->scratch_size = scratch_size(&s->shape, s->past.length, s->T);
    s->scratch = allot(&a, (size_t)threads * s->scratch_size);
    if (s->w != NULL || a.memory == NULL)
        s->gradient = allot(&a, s->at.count);
    return a.used;
}

static int sizes_fit(const l2c_llama_shape *shape, size_t past, size_t batch, size_t time,
                     int threads)
{
    return shape_fits(shape) && past <= MAX_CONTEXT && between(batch, 1, MAX_ROWS)
           && between(time, 1, MAX_ROWS) && batch * time <= (size_t)1 << 24 && threads >= 1
           && threads <= MAX_THREADS;
}

size_t l2c_llama_train_workspace(const l2c_llama_shape *shape, size_t past, size_t batch,
                                 size_t time, int threads)
{
    if (!sizes_fit(shape, past, batch, time, threads))
        return 0;
    struct llama_training s = {.shape = *shape, .at = offsets(shape), .past = {.length = past},
                               .B = batch, .T = time};
    return lay_out_training(&s, (struct allotment){NULL, 0}, threads) + ALIGNMENT;
}

/* Pages that can be seen from a block of tokens. */
static size_t pages_seen(const l2c_llama_shape *s)
{
    return (s->context + BLOCK - 2) / PAGE + 2;
}

static size_t lay_out_stream(struct llama_stream *s, struct allotment a)
{
    const l2c_llama_shape *shape = &s->shape;
    size_t D = shape->dim, E = head_of(shape), V = shape->vocab_size;
    s->frequencies = (double *)allot(&a, E);
    s->turns = allot(&a, BLOCK * E);
    s->x = allot(&a, BLOCK * D);
    s->n = allot(&a, BLOCK * D);
    s->qkv = allot(&a, BLOCK * width_of(shape));
    s->fetched = allot(&a, BLOCK * D);
    s->gate = allot(&a, BLOCK * shape->hidden);
    s->up = allot(&a, BLOCK * shape->hidden);
    s->scores = allot(&a, shape->heads / shape->kv_heads * BLOCK * pages_seen(shape) * PAGE);
    s->packed = allot(&a, PAGE * packed_floats(1, E));
    s->logits = allot(&a, V);
    s->p = allot(&a, V);
    s->sampling = allot(&a, sample_floats(V));
    return a.used;
}

size_t l2c_llama_read_workspace(const l2c_llama_shape *shape)
{
    if (!shape_fits(shape))
        return 0;
    struct llama_stream s = {.shape = *shape};
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

static int past_fits(const l2c_llama_past *past, size_t batch)
{
    for (size_t b = 0; b < batch; b++) {
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
    size_t needed = l2c_llama_train_workspace(&s->shape, s->past.length, s->B, s->T, threads);
    if (needed == 0 || workspace_size < needed || !past_fits(&s->past, s->B))
        return L2C_BAD_SIZE;
    if (!tokens_fit(s->tokens, s->B * (s->T + 1), s->shape.vocab_size))
        return L2C_BAD_TOKEN;
    s->at = offsets(&s->shape);
    for (size_t i = 0; i < s->B * s->T; i++) {
        if (s->weights[i] < 0)
            return L2C_BAD_OPTION;
        s->total_weight += (double)s->weights[i];
    }
    lay_out_training(s, aligned(workspace), threads);
    rotation_frequencies(s->frequencies, s->shape.rope_theta, head_of(&s->shape));
    team_run(llama_train_work[l2c_isa()], s, threads);
    if (s->status == L2C_OK)
        *loss = s->loss;
    return s->status;
}

int l2c_llama_train(float *parameters, float *m, float *v, float *keys, float *values,
                    float *outputs, double *loss, const int32_t *tokens, const float *weights,
                    const l2c_llama_past *past, const l2c_llama_shape *shape,
                    const l2c_adam *adam, size_t batch, size_t time, int threads,
                    float *workspace, size_t workspace_size)
{
    if (!adam_fits(adam))
        return L2C_BAD_OPTION;
    struct llama_training s = {.shape = *shape, .past = *past, .B = batch, .T = time,
                               .parameters = parameters, .tokens = tokens, .weights = weights,
                               .keys = keys, .values = values, .outputs = outputs,
                               .w = parameters, .m = m, .v = v, .adam = *adam};
    return run_training(&s, loss, threads, workspace, workspace_size);
}

int l2c_llama_gradient(float *gradient, float *keys, float *values, float *outputs, double *loss,
                       const float *parameters, const int32_t *tokens, const float *weights,
                       const l2c_llama_past *past, const l2c_llama_shape *shape, size_t batch,
                       size_t time, int threads, float *workspace, size_t workspace_size)
{
    struct llama_training s = {.shape = *shape, .past = *past, .B = batch, .T = time,
                               .parameters = parameters, .tokens = tokens, .weights = weights,
                               .keys = keys, .values = values, .outputs = outputs,
                               .gradient = gradient};
    return run_training(&s, loss, threads, workspace, workspace_size);
}

/* -------------------------------------------------------------------- reading and writing */

ISA_TABLE(llama_prepare_function, llama_prepare);
ISA_TABLE(llama_read_function, llama_read);
ISA_TABLE(llama_generate_function, llama_generate);

static size_t lay_out_prepared(struct llama_stream *s)
{
    size_t used = 0;
    for (size_t l = 0; l < s->shape.layers; l++)
        for (int i = 0; i < MATRICES; i++) {
            s->ready[l][i] = used;
            used += packed_floats(s->at.matrix[l][i].inputs, s->at.matrix[l][i].outputs);
        }
    s->ready_output = used;
    return used + packed_floats(s->at.output.inputs, s->at.output.outputs);
}

size_t l2c_llama_prepared_size(const l2c_llama_shape *shape)
{
    if (!shape_fits(shape))
        return 0;
    struct llama_stream s = {.shape = *shape, .at = offsets(shape)};
    return lay_out_prepared(&s);
}

int l2c_llama_prepare(float *prepared, const float *parameters, const l2c_llama_shape *shape)
{
    if (!shape_fits(shape))
        return L2C_BAD_SIZE;
    struct llama_offsets at = offsets(shape);
    llama_prepare[l2c_isa()](prepared, parameters, &at, shape->layers);
    return L2C_OK;
}

/* The stream with its memory laid out; L2C_BAD_SIZE when its pages do not hold what is seen on
 * the way from `position` over `time` tokens. */
static int begin_stream(struct llama_stream *s, const l2c_llama_pages *pages, uint64_t position,
                        size_t time, float *workspace, size_t workspace_size)
{
    if (!shape_fits(&s->shape) || workspace_size < l2c_llama_read_workspace(&s->shape)
        || position >= MAX_POSITION || time > MAX_POSITION)
        return L2C_BAD_SIZE;
    uint64_t context = s->shape.context;
    uint64_t oldest = position + 1 > context ? position + 1 - context : 0;
    uint64_t needed = time == 0 ? 0 : (position + time + PAGE - 1) / PAGE;
    if (time > 0 && (pages->first > oldest / PAGE || pages->first + pages->count < needed))
        return L2C_BAD_SIZE;
    s->pages = pages->pages, s->first_page = pages->first, s->page_count = pages->count;
    s->at = offsets(&s->shape);
    lay_out_prepared(s);
    lay_out_stream(s, aligned(workspace));
    rotation_frequencies(s->frequencies, s->shape.rope_theta, head_of(&s->shape));
    return L2C_OK;
}

int l2c_llama_read(float *logits, float *output, const l2c_llama_pages *pages,
                   const float *parameters, const float *prepared, const int32_t *tokens,
                   const l2c_llama_shape *shape, uint64_t position, size_t time, int every_step,
                   float *workspace, size_t workspace_size)
{
    struct llama_stream s = {.shape = *shape, .parameters = parameters, .prepared = prepared,
                             .output = output};
    int status = begin_stream(&s, pages, position, time, workspace, workspace_size);
    if (status != L2C_OK)
        return status;
    if (!tokens_fit(tokens, time, shape->vocab_size))
        return L2C_BAD_TOKEN;
    llama_read[l2c_isa()](&s, logits, tokens, position, time, every_step);
    return L2C_OK;
}

int l2c_llama_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                       float *output, const l2c_llama_pages *pages, int32_t *recent,
                       uint64_t *position, const float *parameters, const float *prepared,
                       const l2c_llama_shape *shape, const l2c_sampler *sampler, uint64_t seed,
                       size_t n, float *workspace, size_t workspace_size)
{
    struct llama_stream s = {.shape = *shape, .parameters = parameters, .prepared = prepared,
                             .output = output};
    int status = begin_stream(&s, pages, *position, n, workspace, workspace_size);
    if (status == L2C_OK)
        status = sampler_status(sampler, shape->vocab_size);
    if (status != L2C_OK)
        return status;
    struct llama_text text = {.tokens = tokens, .log_probabilities = log_probabilities,
                              .written = written, .stopped = stopped, .recent = recent,
                              .position = position, .sampler = sampler, .seed = seed, .n = n};
    return llama_generate[l2c_isa()](&s, &text);
}
