/* An ordinary C program: a small LSTM learns a sentence and writes it, through l2c.h alone. */

#include "l2c.h"

#include "check.h"

#include <math.h>
#include <string.h>

enum { B = 3, T = 12 };

static const char TEXT[] = "the cat sat on the mat. ";

typedef struct {
    l2c_lstm_shape shape;
    float *w, *m, *v, *hidden, *cell;
} model;

static model new_model(size_t hidden_size, size_t layers, int layer_norm)
{
    model net = {.shape = {128, hidden_size, layers, layer_norm}};
    size_t count = l2c_lstm_parameter_count(&net.shape), state = layers * B * hidden_size;
    unsigned seed = 5;
    net.w = floats(count), net.m = floats(count), net.v = floats(count);
    net.hidden = floats(state), net.cell = floats(state);
    for (size_t i = 0; i < count; i++) {
        net.w[i] = noise(&seed) * 0.2f;
        net.m[i] = net.v[i] = 0;
    }
    memset(net.hidden, 0, state * sizeof(float));
    memset(net.cell, 0, state * sizeof(float));
    return net;
}

static void free_model(model *net)
{
    free(net->w), free(net->m), free(net->v), free(net->hidden), free(net->cell);
}

static double learn_with(model *net, int steps, int threads, double dropout)
{
    size_t size = l2c_lstm_train_workspace(&net->shape, B, T, threads);
    float *workspace = floats(size), weights[B * T];
    int32_t tokens[B * (T + 1)];
    double loss = 0;
    for (int i = 0; i < B * T; i++)
        weights[i] = 1;
    for (int step = 0; step < steps; step++) {
        for (int b = 0; b < B; b++)
            for (int t = 0; t <= T; t++)
                tokens[b * (T + 1) + t] = TEXT[(step * T + b * 5 + t) % (sizeof TEXT - 1)];
        l2c_adam adam = {.rate = 0.02, .beta1 = 0.9, .beta2 = 0.999, .clip_norm = 1,
                         .step = step + 1};
        l2c_lstm_dropout left_out = {dropout, dropout, step + 1};
        int status = l2c_lstm_train(net->w, net->m, net->v, net->hidden, net->cell, &loss, tokens,
                                    weights, &net->shape, &adam, &left_out, B, T, threads,
                                    workspace, size);
        CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    }
    free(workspace);
    return loss;
}

static double learn(model *net, int steps, int threads)
{
    return learn_with(net, steps, threads, 0);
}

static size_t write_text(const model *net, int storage, const char *prompt, char *text, size_t n)
{
    size_t width = net->shape.layers * net->shape.hidden_size;
    size_t size = l2c_lstm_read_workspace(&net->shape), written;
    float *workspace = floats(size), *hidden = floats(width), *cell = floats(width);
    float *logits = floats(net->shape.vocab_size), *log_probabilities = floats(n);
    float *prepared = floats(l2c_lstm_prepared_size(&net->shape, storage));
    int32_t tokens[64], recent[L2C_RECENT];
    int stopped;
    uint64_t position = strlen(prompt);
    memset(hidden, 0, width * sizeof(float));
    memset(cell, 0, width * sizeof(float));
    memset(recent, -1, sizeof recent);
    for (size_t i = 0; i < position; i++)
        tokens[i] = prompt[i];
    CHECK(l2c_lstm_prepare(prepared, net->w, &net->shape, storage) == L2C_OK, "prepare");
    int status = l2c_lstm_read(logits, hidden, cell, net->w, prepared, storage, tokens, &net->shape,
                               position, 0, workspace, size);
    CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    const int32_t stop[] = {'.'};
    l2c_sampler greedy = {.top_p = 1, .repetition_penalty = 1, .stop = stop, .stop_count = 1};
    status = l2c_lstm_generate(tokens, log_probabilities, &written, &stopped, hidden, cell,
                               recent, &position, net->w, prepared, storage, &net->shape, &greedy, 1, n,
                               workspace, size);
    CHECK(status == L2C_OK, "%s", l2c_status_text(status));
    CHECK(stopped && position == strlen(prompt) + written + 1, "the stop token is read");
    for (size_t i = 0; i < written; i++) {
        CHECK(log_probabilities[i] <= 0, "a logarithm of a probability");
        text[i] = (char)tokens[i];
    }
    text[written] = 0;
    free(workspace), free(hidden), free(cell), free(logits), free(log_probabilities);
    free(prepared);
    return written;
}

/* What the first instruction set learns, every one can say. */
static void check_learning(size_t hidden_size, size_t layers, int layer_norm)
{
    model net = new_model(hidden_size, layers, layer_norm);
    CHECK(l2c_use_instruction_set("baseline") == L2C_OK, "every machine has it");
    double loss = learn(&net, 300, 1);
    CHECK(loss < 0.3, "H %zu, L %zu: the loss is still %g", hidden_size, layers, loss);
    for (int i = 0; i < 3; i++) {
        const char *set = INSTRUCTION_SETS[i];
        char text[64];
        if (l2c_use_instruction_set(set) != L2C_OK)
            continue;
        for (int storage = L2C_F32; storage <= L2C_Q4_0; storage++) {
            if (l2c_lstm_prepared_size(&net.shape, storage) == 0)
                continue; /* not in whole blocks, or not a storage of this engine */
            write_text(&net, storage, "the cat sat on the mat. the ", text, 30);
            CHECK(strcmp(text, "cat sat on the mat") == 0, "%s, storage %d: wrote '%s'", set,
                  storage, text);
        }
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
 * (AVX2 and AVX-512) and arm64 (NEON), compiled by gcc and by clang. Other bits are another
 * recipe: what older ledgers made could not be rebuilt any more. */
static const uint64_t KNOWN_BITS = 0xc7b12e65ce0739f4u;

static void check_dropout(const char *set, int layer_norm)
{
    model one = new_model(21, 2, layer_norm), three = new_model(21, 2, layer_norm);
    learn_with(&one, 20, 1, 0.25), learn_with(&three, 20, 3, 0.25);
    size_t bytes = l2c_lstm_parameter_count(&one.shape) * sizeof(float);
    CHECK(memcmp(one.w, three.w, bytes) == 0, "%s: dropout by three threads", set);
    free_model(&one), free_model(&three);
}

static void check_learning_with_dropout(int layer_norm)
{
    model net = new_model(21, 2, layer_norm);
    double loss = learn_with(&net, 420, 1, 0.25);
    CHECK(loss < 1, "with dropout the loss is still %g", loss);
    free_model(&net);
}

static void check_bits(const char *set)
{
    model one = new_model(21, 2, 1), three = new_model(21, 2, 1);
    double loss = learn(&one, 20, 1), loss_of_three = learn(&three, 20, 3);
    size_t bytes = l2c_lstm_parameter_count(&one.shape) * sizeof(float);
    CHECK(loss == loss_of_three && memcmp(one.w, three.w, bytes) == 0,
          "%s: three threads gave other bits", set);
    CHECK(!l2c_reproducible() || hash(one.w, bytes) == KNOWN_BITS,
          "%s: other bits than on other machines: %016llx", set,
          (unsigned long long)hash(one.w, bytes));
    free_model(&one), free_model(&three);
}

static void check_refusals(void)
{
    model net = new_model(8, 1, 1);
    size_t size = l2c_lstm_train_workspace(&net.shape, 1, 2, 1);
    float *workspace = floats(size), weights[2] = {1, 1};
    int32_t tokens[3] = {1, 2, 128};
    double loss = -7;
    l2c_adam adam = {.rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .clip_norm = 1, .step = 1};
    l2c_lstm_dropout dropout = {0, 0, 1};
#define TRAIN(workspace_size) \
    l2c_lstm_train(net.w, net.m, net.v, net.hidden, net.cell, &loss, tokens, weights, \
                   &net.shape, &adam, &dropout, 1, 2, 1, workspace, workspace_size)
    CHECK(TRAIN(size) == L2C_BAD_TOKEN, "a token beyond the vocabulary");
    tokens[2] = -1;
    CHECK(TRAIN(size) == L2C_BAD_TOKEN, "a negative token");
    tokens[2] = 3;
    CHECK(TRAIN(size - 1) == L2C_BAD_SIZE, "a small workspace");
    weights[0] = NAN;
    CHECK(TRAIN(size) == L2C_NOT_FINITE && loss == -7, "a loss that is no number");
    weights[0] = -1;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "a negative weight");
    weights[0] = 1;
    adam.beta1 = NAN;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "a setting that is no number");
    adam.beta1 = 0.9, dropout.recurrent = 1;
    CHECK(TRAIN(size) == L2C_BAD_OPTION, "dropout of everything");
    l2c_lstm_shape huge = {1u << 20, 8, 1, 1};
    CHECK(l2c_lstm_parameter_count(&huge) == 0 && l2c_lstm_read_workspace(&huge) == 0
              && l2c_lstm_train_workspace(&huge, 1, 1, 1) == 0,
          "a shape out of range");
    free(workspace);
    free_model(&net);
}

int main(void)
{
    CHECK(l2c_abi_version() == L2C_ABI_VERSION, "header and library differ");
    for (int i = 0; i < 3; i++) {
        const char *set = INSTRUCTION_SETS[i];
        if (l2c_use_instruction_set(set) != L2C_OK)
            continue;
        check_bits(set);
        check_dropout(set, 0);
        check_dropout(set, 1);
    }
    if (LEARN_WHOLE) {
        check_learning_with_dropout(0);
        check_learning_with_dropout(1);
        check_learning(32, 1, 1);
        check_learning(21, 2, 1);
        check_learning(40, 1, 0);
    }
    check_refusals();
    return 0;
}
