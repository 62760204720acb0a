/* llama.c: the door of the Llama's kernels for reading and writing, and where weights lie. Arguments
 * are checked here, memory is laid out, and the work is handed to the code compiled for this machine.
 * That of training is train.c. */

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
    MAX_NGRAM_ROWS = 1 << 24
};

/* -------------------------------------------------------------------------------- layouts */

static int between(size_t x, size_t least_x, size_t most_x) { return x >= least_x && x <= most_x; }

int llama_shape_fits(const l2c_llama_shape *s)
{
    /* Written so that NaN fails. */
    return between(s->vocab_size, 1, MAX_VOCAB) && between(s->dim, 2, MAX_DIM)
           && between(s->layers, 1, MAX_LAYERS) && between(s->heads, 1, MAX_HEADS)
           && between(s->kv_heads, 1, MAX_HEADS) && between(s->hidden, 1, MAX_HIDDEN)
           && between(s->context, 1, MAX_CONTEXT) && s->dim % (2 * s->heads) == 0
           && s->heads % s->kv_heads == 0 && (s->tied == 0 || s->tied == 1)
           && s->rope_theta >= 1 && s->rope_theta <= 1e9 && s->norm_epsilon >= 1e-12
           && s->norm_epsilon <= 0.1 && (s->qk_norm == 0 || s->qk_norm == 1) && s->softcap >= 0
           && s->softcap <= 1e6 && s->ngram_rows <= MAX_NGRAM_ROWS;
}

static void place(struct llama_offsets *at, llama_matrix *m, size_t outputs, size_t inputs)
{
    *m = (llama_matrix){at->count, outputs, inputs};
    at->count += outputs * inputs;
}

/* A norm, between two stretches of matrices. */
static size_t place_norm(struct llama_offsets *at, size_t size)
{
    size_t here = at->count;
    at->count += size;
    at->ends[at->stretches++] = here;
    at->ends[at->stretches++] = at->count;
    return here;
}

struct llama_offsets llama_offsets_of(const l2c_llama_shape *s)
{
    size_t D = s->dim, V = s->vocab_size;
    size_t first = (V + s->ngram_rows) * D;
    struct llama_offsets at = {.ngram = V * D, .count = first, .output = {0, V, D}};
    for (size_t l = 0; l < s->layers; l++) {
        llama_matrix *m = at.matrix[l];
        at.attention_norm[l] = place_norm(&at, D);
        place(&at, &m[WQKV], llama_width(s), D);
        if (s->qk_norm) {
            at.q_norm[l] = place_norm(&at, llama_head(s));
            at.k_norm[l] = place_norm(&at, llama_head(s));
        }
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
    return llama_shape_fits(shape) ? llama_offsets_of(shape).count : 0;
}

int llama_tokens_fit(const int32_t *tokens, size_t n, size_t vocab_size)
{
    for (size_t i = 0; i < n; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= vocab_size)
            return 0;
    return 1;
}

int llama_before_fits(int32_t before, size_t vocab_size)
{
    return before >= -1 && (before < 0 || (size_t)before < vocab_size);
}

/* -------------------------------------------------------------------- reading and writing */

/* Pages that can be seen from a block of tokens. */
static size_t pages_seen(const l2c_llama_shape *s)
{
    return (s->context + BLOCK - 2) / PAGE + 2;
}

static size_t lay_out_stream(struct llama_stream *s, struct allotment a)
{
    const l2c_llama_shape *shape = &s->shape;
    size_t D = shape->dim, E = llama_head(shape), V = shape->vocab_size;
    s->frequencies = (double *)allot(&a, E);
    s->turns = allot(&a, BLOCK * E);
    s->x = allot(&a, BLOCK * D);
    s->n = allot(&a, BLOCK * D);
    s->qkv = allot(&a, BLOCK * llama_width(shape));
    s->fetched = allot(&a, BLOCK * D);
    s->gate = allot(&a, BLOCK * shape->hidden);
    s->up = allot(&a, BLOCK * shape->hidden);
    s->scores = allot(&a, shape->heads / shape->kv_heads * BLOCK * pages_seen(shape) * PAGE);
    s->packed = allot(&a, PAGE * packed_floats(1, E));
    size_t widest = D > shape->hidden ? D : shape->hidden;
    s->rounded.q = (int8_t *)allot(&a, BLOCK * widest / sizeof(float) + 1);
    s->rounded.d = allot(&a, BLOCK * (widest / STORED_BLOCK));
    s->rounded.total = (int32_t *)allot(&a, BLOCK * (widest / STORED_BLOCK));
    s->widened = allot(&a, STORED_ROWS * K_BLOCK);
    s->logits = allot(&a, V);
    s->p = allot(&a, V);
    s->sampling = allot(&a, sample_floats(V));
    return a.used;
}

size_t l2c_llama_read_workspace(const l2c_llama_shape *shape)
{
    if (!llama_shape_fits(shape))
        return 0;
    struct llama_stream s = {.shape = *shape};
    return lay_out_stream(&s, (struct allotment){NULL, 0}) + ALIGNMENT;
}

ISA_TABLE(llama_prepare_function, llama_prepare);
ISA_TABLE(llama_read_function, llama_read);
ISA_TABLE(llama_generate_function, llama_generate);

static size_t lay_out_prepared(struct llama_stream *s)
{
    size_t used = 0;
    for (size_t l = 0; l < s->shape.layers; l++)
        for (int i = 0; i < MATRICES; i++) {
            s->ready[l][i] = used;
            used += stored_floats(s->storage, s->at.matrix[l][i].outputs,
                                  s->at.matrix[l][i].inputs);
        }
    s->ready_output = used;
    return used + stored_floats(llama_output_storage(s->storage), s->at.output.outputs,
                                s->at.output.inputs);
}

static int storage_fits(const l2c_llama_shape *shape, int storage)
{
    int blocks = storage == L2C_Q8_0 || storage == L2C_Q4_0;
    return storage >= L2C_F32 && storage <= L2C_Q4_0
           && !(blocks && (shape->dim % STORED_BLOCK || shape->hidden % STORED_BLOCK));
}

size_t l2c_llama_prepared_size(const l2c_llama_shape *shape, int storage)
{
    if (!llama_shape_fits(shape) || !storage_fits(shape, storage))
        return 0;
    struct llama_stream s = {.shape = *shape, .at = llama_offsets_of(shape), .storage = storage};
    return lay_out_prepared(&s) + ALIGNMENT;
}

int l2c_llama_prepare(float *prepared, const float *parameters, const l2c_llama_shape *shape,
                      int storage)
{
    if (l2c_llama_prepared_size(shape, storage) == 0)
        return L2C_BAD_SIZE;
    struct llama_offsets at = llama_offsets_of(shape);
    llama_prepare[l2c_isa()](aligned(prepared).memory, parameters, &at, shape->layers, storage);
    return L2C_OK;
}

/* The stream with its memory laid out; L2C_BAD_SIZE when its pages do not hold what is seen on
 * the way from `position` over `time` tokens. */
static int begin_stream(struct llama_stream *s, const l2c_llama_pages *pages, uint64_t position,
                        size_t time, float *workspace, size_t workspace_size)
{
    if (!llama_shape_fits(&s->shape) || !storage_fits(&s->shape, s->storage)
        || workspace_size < l2c_llama_read_workspace(&s->shape)
        || position >= MAX_POSITION || time > MAX_POSITION)
        return L2C_BAD_SIZE;
    uint64_t context = s->shape.context;
    uint64_t oldest = position + 1 > context ? position + 1 - context : 0;
    uint64_t needed = time == 0 ? 0 : (position + time + PAGE - 1) / PAGE;
    if (time > 0 && (pages->first > oldest / PAGE || pages->first + pages->count < needed))
        return L2C_BAD_SIZE;
    s->pages = pages->pages, s->first_page = pages->first, s->page_count = pages->count;
    s->at = llama_offsets_of(&s->shape);
    lay_out_prepared(s);
    lay_out_stream(s, aligned(workspace));
    rotation_frequencies(s->frequencies, s->shape.rope_theta, llama_head(&s->shape));
    return L2C_OK;
}

int l2c_llama_read(float *logits, float *output, const l2c_llama_pages *pages,
                   const float *parameters, const float *prepared, int storage,
                   const int32_t *tokens, int32_t before, const l2c_llama_shape *shape,
                   uint64_t position, size_t time, int every_step, float *workspace,
                   size_t workspace_size)
{
    struct llama_stream s = {.shape = *shape, .parameters = parameters, .storage = storage,
                             .prepared = aligned((float *)prepared).memory, .output = output};
    int status = begin_stream(&s, pages, position, time, workspace, workspace_size);
    if (status != L2C_OK)
        return status;
    if (!llama_tokens_fit(tokens, time, shape->vocab_size)
        || !llama_before_fits(before, shape->vocab_size))
        return L2C_BAD_TOKEN;
    llama_read[l2c_isa()](&s, logits, tokens, before, position, time, every_step);
    return L2C_OK;
}

int l2c_llama_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                       float *output, const l2c_llama_pages *pages, int32_t *recent,
                       uint64_t *position, const float *parameters, const float *prepared,
                       int storage, const l2c_llama_shape *shape, const l2c_sampler *sampler, uint64_t seed,
                       size_t n, float *workspace, size_t workspace_size)
{
    struct llama_stream s = {.shape = *shape, .parameters = parameters, .storage = storage,
                             .prepared = aligned((float *)prepared).memory, .output = output};
    int status = begin_stream(&s, pages, *position, n, workspace, workspace_size);
    if (status == L2C_OK)
        status = sampler_status(sampler, shape->vocab_size);
    if (status != L2C_OK)
        return status;
    int32_t before = *position > 0 ? recent[(*position - 1) % L2C_RECENT] : -1;
    if (!llama_before_fits(before, shape->vocab_size))
        return L2C_BAD_TOKEN;
    struct llama_text text = {.tokens = tokens, .log_probabilities = log_probabilities,
                              .written = written, .stopped = stopped, .recent = recent,
                              .position = position, .sampler = sampler, .seed = seed, .n = n};
    return llama_generate[l2c_isa()](&s, &text);
}
