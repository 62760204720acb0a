/* chat.c: a Llama in llama2.c's files as one stream of text: the only part that owns memory.
 *
 * The three versions of the .bin are told in `llama2c.py` beside this file. Every count is checked
 * against the kernels' bounds and the length of the file before anything is allocated.
 */
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CONTEXT = 8192 }; /* memory grows with it, and the file does not */
enum { MAGIC = 0x616B3432, HEADER_BYTES = 256, MOST_VERSION = 2, PARTS = 9, MOST_LAYERS = 128 };

/* The tensors of a layer in the order of the kernels' array, and in those of the files. */
enum { ATTENTION_NORM, WQ, WK, WV, WO, FFN_NORM, W1, W2, W3 };
static const int OLD_ORDER[PARTS] = {ATTENTION_NORM, WQ, WK, WV, WO, FFN_NORM, W1, W2, W3};
static const int NEW_ORDER[PARTS] = {ATTENTION_NORM, FFN_NORM, WQ, WK, WV, WO, W1, W2, W3};

struct l2c_chat {
    l2c_llama_shape shape;
    llama_vocabulary vocabulary;
    float *parameters, *prepared, *output, *logits, *workspace;
    size_t workspace_size;
    float **pages; /* [page_count], NULL until they are needed */
    size_t page_count;
    int32_t recent[L2C_RECENT];
    uint64_t position;
};

typedef struct {
    FILE *file;
    int64_t left; /* bytes that are not read yet */
    int version;
    int64_t group; /* of version 2 */
} source;

/* A tensor of the file: where it goes, how many numbers it has, and whether it is a matrix. */
typedef struct {
    float *at;
    int64_t count;
    int matrix;
} target;

static int take(void *to, source *s, int64_t bytes)
{
    if (bytes > s->left)
        return L2C_BAD_FILE;
    s->left -= bytes;
    return fread(to, 1, (size_t)bytes, s->file) == (size_t)bytes ? L2C_OK : L2C_BAD_FILE;
}

static int skip(source *s, int64_t bytes)
{
    if (bytes > s->left)
        return L2C_BAD_FILE;
    s->left -= bytes;
    return fseek(s->file, (long)bytes, SEEK_CUR) == 0 ? L2C_OK : L2C_BAD_FILE;
}

static int read_header(l2c_llama_shape *shape, source *s)
{
    int32_t first[2], n[7], group = 0;
    unsigned char shared = 0;
    int64_t size = s->left;
    if (take(first, s, sizeof first) != L2C_OK)
        return L2C_BAD_FILE;
    s->version = first[0] == MAGIC ? first[1] : 0;
    if (first[0] == MAGIC && (s->version < 1 || s->version > MOST_VERSION))
        return L2C_BAD_FILE;
    if (s->version == 0) {
        rewind(s->file);
        s->left = size;
    }
    if (take(n, s, sizeof n) != L2C_OK)
        return L2C_BAD_FILE;
    if (s->version && take(&shared, s, 1) != L2C_OK)
        return L2C_BAD_FILE;
    if (s->version == 2 && take(&group, s, sizeof group) != L2C_OK)
        return L2C_BAD_FILE;
    if (s->version && skip(s, HEADER_BYTES - (size - s->left)) != L2C_OK)
        return L2C_BAD_FILE;
    int tied = s->version ? shared != 0 : n[5] > 0;
    int64_t tokens = s->version || n[5] > 0 ? n[5] : -(int64_t)n[5];
    for (int i = 0; i < 7; i++)
        if (i != 5 && n[i] < 1)
            return L2C_BAD_FILE;
    if (tokens < 1)
        return L2C_BAD_FILE;
    s->group = group;
    *shape = (l2c_llama_shape){.vocab_size = (size_t)tokens, .dim = (size_t)n[0],
                               .layers = (size_t)n[2], .heads = (size_t)n[3],
                               .kv_heads = (size_t)n[4], .hidden = (size_t)n[1],
                               .context = (size_t)n[6], .tied = tied, .rope_theta = 1e4,
                               .norm_epsilon = 1e-5};
    return l2c_llama_parameter_count(shape) ? L2C_OK : L2C_BAD_FILE;
}

/* The sizes of a layer's tensors in the order of the kernels' array. */
static void part_sizes(int64_t sizes[PARTS], const l2c_llama_shape *shape)
{
    int64_t D = (int64_t)shape->dim, F = (int64_t)shape->hidden;
    int64_t kv = D / (int64_t)shape->heads * (int64_t)shape->kv_heads;
    const int64_t found[PARTS] = {D, D * D, kv * D, kv * D, D * D, D, F * D, D * F, F * D};
    memcpy(sizes, found, sizeof found);
}

/* Every tensor in the order of the file; how many. */
static size_t list_targets(target *targets, const l2c_llama_shape *shape, float *parameters,
                           int version)
{
    int64_t sizes[PARTS], within[PARTS], layer_size = 0, tokens;
    size_t count = 0, L = shape->layers;
    const int *order = version ? NEW_ORDER : OLD_ORDER;
    part_sizes(sizes, shape);
    for (int part = 0; part < PARTS; part++) {
        within[part] = layer_size;
        layer_size += sizes[part];
    }
    tokens = (int64_t)(shape->vocab_size * shape->dim);
    target embedding = {parameters, tokens, 1};
    float *layers = parameters + tokens, *end = layers + layer_size * (int64_t)L;
    target norm = {end, (int64_t)shape->dim, 0};
    if (!version)
        targets[count++] = embedding;
    for (int i = 0; i < PARTS; i++) {
        if (version && i == 2) {
            targets[count++] = norm;
            targets[count++] = embedding;
        }
        int part = order[i], matrix = part != ATTENTION_NORM && part != FFN_NORM;
        for (size_t layer = 0; layer < L; layer++) {
            float *at = layers + layer_size * (int64_t)layer + within[part];
            targets[count++] = (target){at, sizes[part], matrix};
        }
    }
    if (!version)
        targets[count++] = norm;
    if (!shape->tied)
        targets[count++] = (target){end + shape->dim, tokens, 1};
    return count;
}

/* A tensor whose numbers are bytes with a scale for every group of them. */
static int take_groups(const target *t, source *s)
{
    int8_t bytes[1024];
    float scale;
    for (int64_t i = 0; i < t->count;) {
        int64_t n = t->count - i < (int64_t)sizeof bytes ? t->count - i : (int64_t)sizeof bytes;
        if (take(bytes, s, n) != L2C_OK)
            return L2C_BAD_FILE;
        for (int64_t k = 0; k < n; k++)
            t->at[i + k] = bytes[k];
        i += n;
    }
    for (int64_t i = 0; i < t->count; i += s->group) {
        if (take(&scale, s, sizeof scale) != L2C_OK)
            return L2C_BAD_FILE;
        for (int64_t k = 0; k < s->group; k++)
            t->at[i + k] *= scale;
    }
    return L2C_OK;
}

/* How many bytes the tensors take, and nothing if a group does not divide one. */
static int64_t stored_size(const source *s, const l2c_llama_shape *shape)
{
    int64_t sizes[PARTS], D = (int64_t)shape->dim, L = (int64_t)shape->layers;
    int64_t tokens = (int64_t)shape->vocab_size * D * (shape->tied ? 1 : 2);
    int64_t matrices = tokens, norms = D * (2 * L + 1);
    part_sizes(sizes, shape);
    for (int part = 0; part < PARTS; part++) {
        if (part == ATTENTION_NORM || part == FFN_NORM)
            continue;
        matrices += sizes[part] * L;
        if (s->version == 2 && (s->group < 1 || sizes[part] % s->group))
            return 0;
    }
    if (s->version < 2)
        return 4 * (matrices + norms);
    if ((int64_t)shape->vocab_size * D % s->group)
        return 0;
    return 4 * norms + matrices + 4 * (matrices / s->group);
}

static int read_tensors(float *parameters, const l2c_llama_shape *shape, source *s, int64_t angles)
{
    static const size_t MOST = (size_t)PARTS * MOST_LAYERS + 3;
    target *targets = malloc(MOST * sizeof *targets);
    if (!targets)
        return L2C_FULL;
    size_t count = list_targets(targets, shape, parameters, s->version);
    int status = L2C_OK;
    for (size_t i = 0; i < count && status == L2C_OK; i++) {
        /* Version 0 has two tables of angles before the output; they are computed here. */
        if (!s->version && !shape->tied && i == count - 1)
            status = skip(s, angles);
        if (status == L2C_OK && s->version == 2 && targets[i].matrix)
            status = take_groups(&targets[i], s);
        else if (status == L2C_OK)
            status = take(targets[i].at, s, 4 * targets[i].count);
    }
    free(targets);
    size_t P = l2c_llama_parameter_count(shape);
    for (size_t i = 0; i < P && status == L2C_OK; i++)
        if (!isfinite(parameters[i]))
            status = L2C_BAD_FILE;
    return status;
}

static int open_model(l2c_chat *chat, FILE *file)
{
    source s = {.file = file, .left = llama_file_size(file)};
    int status = read_header(&chat->shape, &s);
    if (status != L2C_OK)
        return status;
    const l2c_llama_shape *shape = &chat->shape;
    int64_t angles = s.version ? 0 : (int64_t)(shape->context * (shape->dim / shape->heads)) * 4;
    int64_t expected = stored_size(&s, shape);
    if (expected == 0 || expected + angles != s.left)
        return L2C_BAD_FILE;
    if (chat->shape.context > MOST_CONTEXT)
        chat->shape.context = MOST_CONTEXT;
    size_t P = l2c_llama_parameter_count(shape);
    chat->workspace_size = l2c_llama_read_workspace(shape);
    chat->page_count = (shape->context + L2C_LLAMA_PAGE - 1) / L2C_LLAMA_PAGE;
    chat->parameters = malloc(P * sizeof(float));
    chat->prepared = malloc(l2c_llama_prepared_size(shape, L2C_F32) * sizeof(float));
    chat->output = calloc(shape->dim, sizeof(float));
    chat->logits = malloc(shape->vocab_size * sizeof(float));
    chat->workspace = malloc(chat->workspace_size * sizeof(float));
    chat->pages = calloc(chat->page_count, sizeof(float *));
    if (!chat->parameters || !chat->prepared || !chat->output || !chat->logits ||
        !chat->workspace || !chat->pages)
        return L2C_FULL;
    memset(chat->recent, -1, sizeof chat->recent);
    status = read_tensors(chat->parameters, shape, &s, angles);
    if (status != L2C_OK)
        return status;
    return l2c_llama_prepare(chat->prepared, chat->parameters, shape, L2C_F32);
}

int l2c_chat_open(l2c_chat **chat, const char *model, const char *tokenizer)
{
    FILE *weights = fopen(model, "rb"), *words = fopen(tokenizer, "rb");
    l2c_chat *made = calloc(1, sizeof *made);
    int status = !weights || !words ? L2C_NO_FILE : !made ? L2C_FULL : L2C_OK;
    *chat = NULL;
    if (status == L2C_OK)
        status = open_model(made, weights);
    if (status == L2C_OK)
        status = llama_vocabulary_open(&made->vocabulary, words, made->shape.vocab_size);
    if (weights)
        fclose(weights);
    if (words)
        fclose(words);
    if (status == L2C_OK)
        *chat = made;
    else
        l2c_chat_close(made);
    return status;
}

void l2c_chat_close(l2c_chat *chat)
{
    if (!chat)
        return;
    for (size_t i = 0; chat->pages && i < chat->page_count; i++)
        free(chat->pages[i]);
    free(chat->pages), free(chat->parameters), free(chat->prepared), free(chat->output);
    free(chat->logits), free(chat->workspace);
    llama_vocabulary_close(&chat->vocabulary);
    free(chat);
}

size_t l2c_chat_vocab_size(const l2c_chat *chat) { return chat->shape.vocab_size; }

size_t l2c_chat_context(const l2c_chat *chat) { return chat->shape.context; }

int l2c_chat_encode(int32_t *tokens, size_t *count, const l2c_chat *chat, const char *text,
                    size_t length)
{
    return llama_vocabulary_encode(tokens, count, &chat->vocabulary, text, length);
}

const char *l2c_chat_piece(size_t *size, const l2c_chat *chat, int32_t token)
{
    const llama_vocabulary *v = &chat->vocabulary;
    *size = 0;
    if (token < 0 || (size_t)token >= v->size)
        return NULL;
    if (token < FIRST_BYTE)
        return "";
    *size = token < FIRST_PIECE ? 1 : v->at[token + 1] - v->at[token];
    return token < FIRST_PIECE ? &v->byte_text[token - FIRST_BYTE] : v->text + v->at[token];
}

int32_t l2c_chat_control(const l2c_chat *chat, const char *name)
{
    const llama_vocabulary *v = &chat->vocabulary;
    for (size_t token = v->pieces_end; token < v->size; token++)
        if (strlen(name) == v->at[token + 1] - v->at[token] &&
            memcmp(name, v->text + v->at[token], strlen(name)) == 0)
            return (int32_t)token;
    return -1;
}

/* The pages up to `position`, filled with zeros when they are new. */
static int need_pages(l2c_chat *chat, uint64_t position)
{
    size_t E = chat->shape.dim / chat->shape.heads;
    size_t size = chat->shape.layers * 2 * chat->shape.kv_heads * L2C_LLAMA_PAGE * E;
    if (position > chat->shape.context)
        return L2C_FULL;
    for (size_t i = 0; i * L2C_LLAMA_PAGE < position; i++)
        if (!chat->pages[i] && !(chat->pages[i] = calloc(size, sizeof(float))))
            return L2C_FULL;
    return L2C_OK;
}

static l2c_llama_pages pages_of(const l2c_chat *chat)
{
    size_t count = 0;
    while (count < chat->page_count && chat->pages[count])
        count++;
    return (l2c_llama_pages){chat->pages, 0, count};
}

int l2c_chat_read(l2c_chat *chat, const int32_t *tokens, size_t time)
{
    if (time > chat->shape.context)
        return L2C_FULL;
    int status = need_pages(chat, chat->position + time);
    if (status != L2C_OK || time == 0)
        return status;
    l2c_llama_pages pages = pages_of(chat);
    status = l2c_llama_read(chat->logits, chat->output, &pages, chat->parameters, chat->prepared,
                            L2C_F32, tokens, -1, &chat->shape, chat->position, time, 0,
                            chat->workspace, chat->workspace_size);
    for (size_t t = 0; status == L2C_OK && t < time; t++)
        chat->recent[chat->position++ % L2C_RECENT] = tokens[t];
    return status;
}

int l2c_chat_write(int32_t *token, int *stopped, l2c_chat *chat, const l2c_sampler *sampler,
                   uint64_t seed)
{
    float log_probability;
    size_t written;
    int status = need_pages(chat, chat->position + 1);
    if (status != L2C_OK)
        return status;
    l2c_llama_pages pages = pages_of(chat);
    return l2c_llama_generate(token, &log_probability, &written, stopped, chat->output, &pages,
                              chat->recent, &chat->position, chat->parameters, chat->prepared,
                              L2C_F32, &chat->shape, sampler, seed, 1, chat->workspace,
                              chat->workspace_size);
}
