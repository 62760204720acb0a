/* An ordinary C program: a small Llama learns a sentence and writes it, through l2c.h alone. */

#include "l2c.h"

#include "check.h"

#include <math.h>
#include <string.h>

enum { B = 3, T = 12, PAGES = 3 };

static const char TEXT[] = "the cat sat on the mat. ";

typedef struct {
    l2c_llama_shape shape;
    float *w, *m, *v;
} model;

static model with_weights(l2c_llama_shape shape)
{
    model net = {.shape = shape};
    size_t count = l2c_llama_parameter_count(&net.shape);
    unsigned seed = 5;
    net.w = floats(count), net.m = floats(count), net.v = floats(count);
    for (size_t i = 0; i < count; i++) {
        net.w[i] = noise(&seed) * 0.2f;
        net.m[i] = net.v[i] = 0;
    }
    return net;
}

static model new_model(size_t dim, size_t layers, size_t heads, size_t kv_heads, int tied)
{
    model net = {.shape = {.vocab_size = 128, .dim = dim, .layers = layers, .heads = heads,
                           .kv_heads = kv_heads, .hidden = dim, .context = 20, .tied = tied,
                           .rope_theta = 1e4, .norm_epsilon = 1e-5}};
    return with_weights(net.shape);
}

static void free_model(model *net) { free(net->w), free(net->m), free(net->v); }

static size_t kv_width(const model *net)
{
    return net->shape.layers * net->shape.kv_heads * (net->shape.dim / net->shape.heads);
}

/* Every batch is read after the one before: its keys and values are the next one's past. With more
 * threads it goes through in more passes. */
static double learn_by(model *net, double muon, int steps, int threads)
{
    size_t at_once = threads == 1 ? B : threads == 2 ? 2 : 1;
    size_t size = l2c_llama_train_workspace(&net->shape, muon > 0, T, B, at_once, T, threads);
    size_t kv = kv_width(net) * B * T;
    float *workspace = floats(size), *outputs = floats(B * net->shape.dim), weights[B * T];
    float *keys = floats(kv), *values = floats(kv), *old_keys = floats(kv), *old_values = floats(kv);
    int32_t tokens[B * (T + 1)];
    int64_t lengths[B] = {0}, positions[B] = {0};
    int32_t before[B] = {-1, -1, -1};
    double loss = 0;
    memset(old_keys, 0, kv * sizeof(float));
    memset(old_values, 0, kv * sizeof(float));
    for (int i = 0; i < B * T; i++)
        weights[i] = 1;
    for (int step = 0; step < steps; step++) {
        for (int b = 0; b < B; b++)
            for (int t = 0; t <= T; t++)
                tokens[b * (T + 1) + t] = TEXT[(step * T + b * 5 + t) % (sizeof TEXT - 1)];
        l2c_adam adam = {.rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .clip_norm = 1,
                         .step = step + 1};
        l2c_llama_past past = {old_keys, old_values, lengths, positions, before, T};
        int status = l2c_llama_train(net->w, net->m, net->v, keys, values, outputs, &loss, tokens,
                                     weights, &past, &net->shape, &adam, muon, B, at_once, T,
                                     threads, workspace, size);
        CHECK(status == L2C_OK, "%s", l2c_status_text(status));
        memcpy(old_keys, keys, kv * sizeof(float));
        memcpy(old_values, values, kv * sizeof(float));
        for (int b = 0; b < B; b++)
            lengths[b] = T, positions[b] += T, before[b] = tokens[b * (T + 1) + T - 1];
    }
    free(workspace), free(outputs), free(keys), free(values), free(old_keys), free(old_values);
    return loss;
}

static double learn(model *net, int steps, int threads)
{
    return learn_by(net, 0, steps, threads);
}

static void write_text(const model *net, int storage, const char *prompt, char *text, size_t n)
{
    size_t size = l2c_llama_read_workspace(&net->shape), V = net->shape.vocab_size, written;
    size_t page = 2 * kv_width(net) * L2C_LLAMA_PAGE, ready = l2c_llama_prepared_size(&net->shape, storage);
    float *workspace = floats(size), *output = floats(net->shape.dim), *logits = floats(V);
    float *log_probabilities = floats(n), *prepared = floats(ready), *memory[PAGES];
    int32_t tokens[96], recent[L2C_RECENT];
    int stopped;
    uint64_t position = strlen(prompt);
    for (int i = 0; i < PAGES; i++) {
        memory[i] = floats(page);
        memset(memory[i], 0, page * sizeof(float));
    }
    memset(output, 0, net->shape.dim * sizeof(float));
    memset(recent, -1, sizeof recent);
    for (size_t i = 0; i < position; i++)
        recent[i % L2C_RECENT] = tokens[i] = prompt[i];
    l2c_llama_pages pages = {memory, 0, PAGES};
    CHECK(l2c_llama_prepare(prepared, net->w, &net->shape, storage) == L2C_OK, "prepare");
    int status = l2c_llama_read(logits, output, &pages, net->w, prepared, storage, tokens,
                                -1, &net->shape, 0, position, 0, workspace, size);
    CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    const int32_t stop[] = {'.'};
    l2c_sampler greedy = {.top_p = 1, .repetition_penalty = 1, .stop = stop, .stop_count = 1};
    status = l2c_llama_generate(tokens, log_probabilities, &written, &stopped, output, &pages,
                                recent, &position, net->w, prepared, storage, &net->shape, &greedy, 1,
                                n, workspace, size);
    CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    CHECK(stopped && position == strlen(prompt) + written + 1, "the stop token is read");
    for (size_t i = 0; i < written; i++) {
        CHECK(log_probabilities[i] <= 0, "a logarithm of a probability");
        text[i] = (char)tokens[i];
    }
    text[written] = 0;
    for (int i = 0; i < PAGES; i++)
        free(memory[i]);
    free(workspace), free(output), free(logits), free(log_probabilities), free(prepared);
}

static void check_sentence(const model *net, const char *set, int storage)
{
    char text[64];
    write_text(net, storage, "the cat sat on the mat. the ", text, 30);
    CHECK(strcmp(text, "cat sat on the mat") == 0, "%s, storage %d: wrote '%s'", set, storage, text);
}

/* What the first instruction set learns, every one can say. */
static void check_learning(model net, double muon)
{
    CHECK(l2c_use_instruction_set("baseline") == L2C_OK, "every machine has it");
    double loss = learn_by(&net, muon, 300, 1);
    CHECK(loss < 0.3, "D %zu, H %zu: the loss is still %g", net.shape.dim, net.shape.heads, loss);
    for (int i = 0; i < 3; i++) {
        const char *set = INSTRUCTION_SETS[i];
        if (l2c_use_instruction_set(set) != L2C_OK)
            continue;
        for (int storage = L2C_F32; storage <= L2C_Q4_0; storage++)
            if (l2c_llama_prepared_size(&net.shape, storage) > 0) /* in whole blocks */
                check_sentence(&net, set, storage);
    }
    free_model(&net);
}

/* FNV-1a, 64 bits. */
static uint64_t hash(const void *memory, size_t bytes)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ ((const unsigned char *)memory)[i]) * 0x100000001b3u;
    return h;
}

/* The weights after twenty steps, on every machine that fuses multiply and add: recorded on x86-64
 * (AVX2 and AVX-512). Other bits are another recipe: what older ledgers made could not be rebuilt
 * any more. */
static const uint64_t KNOWN_BITS = 0xa86ba4e04b5cd25eu;

static void check_bits(const char *set)
{
    model one = new_model(30, 2, 3, 1, 1), three = new_model(30, 2, 3, 1, 1);
    double loss = learn(&one, 20, 1), loss_of_three = learn(&three, 20, 3);
    size_t bytes = l2c_llama_parameter_count(&one.shape) * sizeof(float);
    CHECK(loss == loss_of_three && memcmp(one.w, three.w, bytes) == 0,
          "%s: three threads and passes gave other bits", set);
    CHECK(!l2c_reproducible() || hash(one.w, bytes) == KNOWN_BITS,
          "%s: other bits than on other machines: %016llx", set,
          (unsigned long long)hash(one.w, bytes));
    free_model(&one), free_model(&three);
}

/* Everything a plain Llama does not have, and Muon. */
static model full_model(size_t dim)
{
    model net = new_model(dim, 2, 4, 2, 0);
    l2c_llama_shape shape = net.shape;
    free_model(&net);
    shape.qk_norm = 1, shape.softcap = 20, shape.ngram_rows = 50;
    return with_weights(shape);
}

static const uint64_t KNOWN_BITS_OF_OPTIONS = 0x6fc65da26e9643ffu;

static void check_options(const char *set)
{
    model one = full_model(24), three = full_model(24);
    learn_by(&one, 0.02, 20, 1), learn_by(&three, 0.02, 20, 3);
    size_t bytes = l2c_llama_parameter_count(&one.shape) * sizeof(float);
    CHECK(memcmp(one.w, three.w, bytes) == 0, "%s: three threads and passes gave other bits", set);
    CHECK(!l2c_reproducible() || hash(one.w, bytes) == KNOWN_BITS_OF_OPTIONS,
          "%s: other bits than on other machines: %016llx", set,
          (unsigned long long)hash(one.w, bytes));
    free_model(&one), free_model(&three);
}

static void check_training_refusals(void)
{
    model net = new_model(8, 1, 2, 1, 0);
    size_t size = l2c_llama_train_workspace(&net.shape, 0, 0, 1, 1, 2, 1);
    float *workspace = floats(size), weights[2] = {1, 1}, keys[8], values[8], outputs[8];
    int32_t tokens[3] = {1, 2, 128};
    int64_t length = 0, position = 0;
    double loss = -7, muon = 0;
    size_t at_once = 1;
    l2c_adam adam = {.rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .clip_norm = 1, .step = 1};
    l2c_llama_past past = {keys, values, &length, &position, NULL, 0};
#define TRAIN(workspace_size) \
    l2c_llama_train(net.w, net.m, net.v, keys, values, outputs, &loss, tokens, weights, &past, \
                    &net.shape, &adam, muon, 1, at_once, 2, 1, workspace, workspace_size)
    CHECK(TRAIN(size) == L2C_BAD_TOKEN, "a token beyond the vocabulary");
    tokens[2] = -1;
    CHECK(TRAIN(size) == L2C_BAD_TOKEN, "a negative token");
    tokens[2] = 3;
    CHECK(TRAIN(size - 1) == L2C_BAD_SIZE, "a small workspace");
    for (at_once = 0; at_once <= 2; at_once += 2)
        CHECK(TRAIN(size) == L2C_BAD_SIZE, "passes of no texts, or of more than there are");
    at_once = 1, length = 1;
    CHECK(TRAIN(size) == L2C_BAD_SIZE, "a past longer than it is");
    length = 0, position = -1;
    CHECK(TRAIN(size) == L2C_BAD_SIZE, "a negative position");
    position = 0, weights[0] = NAN;
    CHECK(TRAIN(size) == L2C_NOT_FINITE && loss == -7, "a loss that is no number");
    weights[0] = -1;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "a negative weight");
    weights[0] = 1, adam.beta1 = NAN;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "a setting that is no number");
    adam.beta1 = 0.9, muon = NAN;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "a rate of Muon that is no number");
    muon = 0;
    CHECK(TRAIN(size) == L2C_OK && loss > 0, "what is in order");
    free(workspace);
    free_model(&net);
}

static void check_reading_refusals(void)
{
    model net = new_model(8, 1, 2, 1, 0);
    size_t size = l2c_llama_read_workspace(&net.shape);
    size_t page = 2 * kv_width(&net) * L2C_LLAMA_PAGE;
    float *workspace = floats(size), *prepared = floats(l2c_llama_prepared_size(&net.shape, L2C_F32));
    float *memory[1] = {floats(page)}, output[8] = {0}, logits[128];
    int32_t tokens[65] = {0};
    l2c_llama_pages pages = {memory, 0, 1};
    memset(memory[0], 0, page * sizeof(float));
    l2c_llama_prepare(prepared, net.w, &net.shape, L2C_F32);
#define READ(position, time) \
    l2c_llama_read(logits, output, &pages, net.w, prepared, L2C_F32, tokens, \
                   -1, &net.shape, position, time, 0, workspace, size)
    CHECK(READ(0, 64) == L2C_OK, "a full page");
    CHECK(READ(0, 65) == L2C_BAD_SIZE, "more than the pages hold");
    CHECK(READ(64, 1) == L2C_BAD_SIZE, "a position beyond the pages");
    CHECK(READ((uint64_t)1 << 60, 0) == L2C_BAD_SIZE, "a position out of range");
    pages.first = 1;
    CHECK(READ(64, 1) == L2C_BAD_SIZE, "the page that is still seen is missing");
    pages.first = 0, tokens[3] = 128;
    CHECK(READ(0, 64) == L2C_BAD_TOKEN, "a token beyond the vocabulary");
    l2c_llama_shape wrong[7];
    for (int i = 0; i < 7; i++)
        wrong[i] = net.shape;
    wrong[0].heads = 3, wrong[1].kv_heads = 0, wrong[2].norm_epsilon = NAN, wrong[3].layers = 129;
    wrong[4].qk_norm = 2, wrong[5].softcap = NAN, wrong[6].ngram_rows = ((size_t)1 << 24) + 1;
    for (int i = 0; i < 7; i++)
        CHECK(l2c_llama_parameter_count(&wrong[i]) == 0 && l2c_llama_read_workspace(&wrong[i]) == 0
                  && l2c_llama_prepared_size(&wrong[i], L2C_F32) == 0
                  && l2c_llama_train_workspace(&wrong[i], 0, 0, 1, 1, 1, 1) == 0
                  && l2c_llama_prepare(prepared, net.w, &wrong[i], L2C_F32) == L2C_BAD_SIZE,
              "shape %d is out of range", i);
    CHECK(l2c_llama_prepared_size(&net.shape, L2C_Q8_0) == 0, "rows that are not whole blocks");
    CHECK(l2c_llama_prepared_size(&net.shape, L2C_Q4_0 + 1) == 0, "an unknown storage");
    free(workspace), free(prepared), free(memory[0]);
    free_model(&net);
}

int main(void)
{
    CHECK(l2c_abi_version() == L2C_ABI_VERSION, "header and library differ");
    for (int i = 0; i < 3; i++) {
        if (l2c_use_instruction_set(INSTRUCTION_SETS[i]) != L2C_OK)
            continue;
        check_bits(INSTRUCTION_SETS[i]);
        check_options(INSTRUCTION_SETS[i]);
    }
    if (LEARN_WHOLE) {
        check_learning(new_model(32, 2, 4, 4, 1), 0);
        check_learning(new_model(36, 2, 6, 2, 0), 0);
        check_learning(full_model(32), 0.02);
    }
    check_training_refusals();
    check_reading_refusals();
    return 0;
}
