/* l2c.h: the public C interface of L2C's kernels.
 *
 * A kernel is a pure function over memory its caller owns. It allocates nothing, prints nothing,
 * never exits, and returns L2C_OK or a negative status; after any other status its outputs hold
 * what they held before, unless stated otherwise. Functions named ..._workspace say how many
 * floats of scratch memory a call needs; what they hold between calls does not matter, and two
 * calls at the same time need two.
 *
 * Argument order: outputs, inputs, sizes, workspace. Arrays are dense and row-major; shapes stand
 * beside the pointers. Letters: B batch, T time, V vocabulary, H hidden, L layers.
 *
 * The same bits come out for every number of threads and every instruction set with fused
 * multiply-add (l2c_reproducible says whether the one in use has it).
 *
 * The Python binding is generated from this file and those it includes at its end, and they hold
 * only what a parser of plain C understands: no macros, no inline functions.
 */
#ifndef L2C_H
#define L2C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---------------------------------------------------------------------------- the library */

/* Of this header; compare with what the library says. It is raised by whatever would mislead a
 * program compiled before: another struct, signature, constant or meaning. What is only added
 * leaves it as it is. */
enum { L2C_ABI_VERSION = 10 };

enum {
    L2C_OK = 0,
    L2C_BAD_SIZE = -1,     /* a size is zero, too large, or beyond the workspace */
    L2C_BAD_TOKEN = -2,    /* a token is outside [0, V) */
    L2C_BAD_OPTION = -3,   /* an option is out of range, or every token is banned */
    L2C_NOT_FINITE = -4,   /* a loss, a gradient or a logit is infinite or not a number */
    L2C_NO_SUCH_SET = -5,  /* this machine or this build lacks that instruction set */
    L2C_NOT_COUNTED = -6,  /* something to be removed was never added */
    L2C_FULL = -7          /* the caller's memory has no room left; larger arrays are needed */
};

int l2c_abi_version(void);
const char *l2c_status_text(int status);

/* Instruction sets are named baseline, avx2 and avx512. The widest the machine has is chosen when
 * the library is loaded; choosing another is for tests, while no kernel runs. */
const char *l2c_instruction_set(void);
int l2c_use_instruction_set(const char *name);
int l2c_reproducible(void); /* 1 when the set in use fuses multiply and add, else 0 */

/* ------------------------------------------------------------------------------- sampling */

enum { L2C_RECENT = 64 }; /* how many tokens the repetition penalty looks back */

typedef struct {
    float temperature;        /* [0, 100]; 0 takes the most probable token */
    float top_p;              /* (0, 1]; 1 is off */
    float min_p;              /* [0, 1] of the best token's probability; 0 is off */
    float repetition_penalty; /* [0.01, 100]; 1 is off */
    int32_t top_k;            /* >= 0; 0 is off */
    const int32_t *banned;    /* [banned_count] tokens never chosen */
    const int32_t *stop;      /* [stop_count] tokens that end a text */
    size_t banned_count, stop_count;
} l2c_sampler;

/* The token that stands at `position`, a pure function of its arguments. `recent` holds the last
 * tokens, the one at position p at index p mod L2C_RECENT, -1 where there is none. */
int l2c_sample(int32_t *token,        /* [1] */
               const float *logits,   /* [V] */
               const int32_t *recent, /* [L2C_RECENT] */
               const l2c_sampler *sampler, uint64_t seed, uint64_t position, size_t vocab_size,
               float *workspace, size_t workspace_size);
size_t l2c_sample_workspace(size_t vocab_size);

/* ----------------------------------------------------------------------------------- LSTM */

typedef struct {
    size_t vocab_size;  /* V in [1, 65536] */
    size_t hidden_size; /* H in [1, 4096] */
    size_t layers;      /* L in [1, 16] */
    int layer_norm;     /* 1: the top layer's output is normalised */
} l2c_lstm_shape;

typedef struct {
    double rate, beta1, beta2, weight_decay; /* Adam */
    double clip_norm;                        /* the gradient is scaled down to this length */
    int64_t step;                            /* counts from 1 */
} l2c_adam;

/* What a training step leaves out, decided by its number: see engines/lstm/dropout.h. */
typedef struct {
    double output;    /* [0, 0.95] of what the output layer reads */
    double recurrent; /* [0, 0.95] of the weights in Wh */
    int64_t step;
} l2c_lstm_dropout;

/* All weights of a model lie in one array, P of them, tensor after tensor: for each layer
 * Wx [V or H][4H], Wh [H][4H], b [4H], gates in the order i, f, g, o; then with layer_norm the
 * gain [H]; then the output's W [V][H] and b [V]. 0 for a shape out of range. */
size_t l2c_lstm_parameter_count(const l2c_lstm_shape *shape);

/* One step of Adam on a batch. `hidden` and `cell` move over the batch. `loss` is the weighted
 * mean in nats per token from before the step. A batch whose weights are all 0 is only read: its
 * loss is 0 and no weight changes. L2C_NOT_FINITE: nothing has changed. Threads are made for the
 * call and pay from about a millisecond of work on; they change no bit. */
int l2c_lstm_train(float *parameters,       /* [P] in and out */
                   float *m, float *v,      /* [P] Adam's means, in and out */
                   float *hidden,           /* [L][B][H] in and out */
                   float *cell,             /* [L][B][H] in and out */
                   double *loss,            /* [1] */
                   const int32_t *tokens,   /* [B][T+1] */
                   const float *weights,    /* [B][T] of the losses */
                   const l2c_lstm_shape *shape, const l2c_adam *adam,
                   const l2c_lstm_dropout *dropout, size_t batch, size_t time, int threads,
                   float *workspace, size_t workspace_size);

/* The loss on a batch and its gradient, unclipped, without a step. L2C_NOT_FINITE: `gradient`
 * holds what was found, the state has not moved. */
int l2c_lstm_gradient(float *gradient,         /* [P] */
                      float *hidden,           /* [L][B][H] in and out */
                      float *cell,             /* [L][B][H] in and out */
                      double *loss,            /* [1] */
                      const float *parameters, /* [P] */
                      const int32_t *tokens,   /* [B][T+1] */
                      const float *weights,    /* [B][T] */
                      const l2c_lstm_shape *shape, const l2c_lstm_dropout *dropout, size_t batch,
                      size_t time, int threads, float *workspace, size_t workspace_size);

/* Enough for both; 0 for a shape or size out of range. */
size_t l2c_lstm_train_workspace(const l2c_lstm_shape *shape, size_t batch, size_t time,
                                int threads);

/* In what matrices are read; in blocks (q8_0, q4_0) what is multiplied is rounded to 8 bits too. */
enum { L2C_F32 = 0, L2C_F16 = 1, L2C_BF16 = 2, L2C_Q8_0 = 3, L2C_Q4_0 = 4 };

/* The matrices as reading wants them, made once for many calls; 0 or L2C_BAD_SIZE unless `storage`
 * is L2C_F32, or L2C_Q8_0 and H a multiple of 32. */
size_t l2c_lstm_prepared_size(const l2c_lstm_shape *shape, int storage);
int l2c_lstm_prepare(float *prepared, const float *parameters, const l2c_lstm_shape *shape,
                     int storage);

/* Read T >= 0 tokens. With every_step 1 `logits` is [T][V], one row after every token; with 0 it
 * is [V], after the last token (or after none: what the state predicts). */
int l2c_lstm_read(float *logits, float *hidden, /* [L][H] in and out */
                  float *cell,                  /* [L][H] in and out */
                  const float *parameters, const float *prepared, int storage,
                  const int32_t *tokens, /* [T] */
                  const l2c_lstm_shape *shape, size_t time, int every_step, float *workspace,
                  size_t workspace_size);

/* Write up to n tokens from where the state stands. `log_probabilities` are the model's own, at
 * temperature 1. A stop token ends the text: it is read, but not among the tokens.
 * L2C_NOT_FINITE: the weights are ruined; what was written until then counts. */
int l2c_lstm_generate(int32_t *tokens,          /* [n] */
                      float *log_probabilities, /* [n] */
                      size_t *written,          /* [1] */
                      int *stopped,             /* [1] 1 when a stop token ended the text */
                      float *hidden,            /* [L][H] in and out */
                      float *cell,              /* [L][H] in and out */
                      int32_t *recent,          /* [L2C_RECENT] in and out */
                      uint64_t *position,       /* [1] in and out */
                      const float *parameters,  /* [P] */
                      const float *prepared, int storage, const l2c_lstm_shape *shape,
                      const l2c_sampler *sampler, uint64_t seed, size_t n, float *workspace,
                      size_t workspace_size);

/* Enough for reading and for generating. */
size_t l2c_lstm_read_workspace(const l2c_lstm_shape *shape);

/* --------------------------------------------------------------------------- counted n-grams */

enum {
    L2C_NGRAM_MAX_CONTEXT = 8,
    L2C_NGRAM_BOOKS = 7 + 4 * (8 + 1) /* uint32_t a set of tables needs for its books */
};

/* The tables of a counting model lie in memory of the caller, who copies records into larger
 * pools when they fill up, and moves an index into a larger one. An index has a power of two of
 * slots, more than its pool has records. n new n-grams need n M contexts and n (M + 1) entries. */
typedef struct {
    uint32_t *contexts;      /* [context_capacity][8] */
    uint32_t *entries;       /* [entry_capacity][4] */
    uint64_t *context_index; /* [context_slots] */
    uint64_t *entry_index;   /* [entry_slots] */
    uint32_t *books;         /* [L2C_NGRAM_BOOKS] */
    size_t context_capacity, entry_capacity, context_slots, entry_slots;
    size_t context; /* M in [1, 8]: how many tokens are looked back */
} l2c_ngram_tables;

/* Empty tables; and an index moved into a larger one, whose slots need not be cleared. */
int l2c_ngram_clear(const l2c_ngram_tables *tables);
int l2c_ngram_move_index(uint64_t *larger, size_t larger_slots, const uint64_t *index,
                         size_t slots);

/* Add n-grams, or take them away. A window is a context of M tokens, -1 in front where nothing was
 * before, and the token after it; amounts[i] is how often, 0 leaves it out. One to be added may
 * begin with -2 for the tokens that pruning took off: it counts in the shorter contexts alone.
 * L2C_NOT_COUNTED: something was to be removed that is not there; nothing has changed. */
int l2c_ngram_add(const l2c_ngram_tables *tables, const int32_t *windows, /* [n][M + 1] */
                  const uint32_t *amounts,                                /* [n] */
                  size_t n);
int l2c_ngram_remove(const l2c_ngram_tables *tables, const int32_t *windows, /* [n][M + 1] */
                     const uint32_t *amounts,                                /* [n] */
                     size_t n);

/* Natural log probability of the last token of every window. `known` of the V tokens were there
 * when the tables last changed; scores of old tokens do not change with V. */
int l2c_ngram_score(double *log_probabilities, /* [n] */
                    const l2c_ngram_tables *tables, const int32_t *windows, /* [n][M + 1] */
                    size_t n, size_t vocab_size, size_t known);

/* The same, and every window is added once it is scored. */
int l2c_ngram_follow(double *log_probabilities, /* [n] */
                     const l2c_ngram_tables *tables, const int32_t *windows, /* [n][M + 1] */
                     size_t n, size_t vocab_size);

/* What comes after every context. `shares` (or NULL): how much of it the uniform distribution
 * decides, then the contexts of 0 to M tokens. */
int l2c_ngram_read(float *logits, /* [n][V] */
                   float *shares, /* [n][M + 2] */
                   const l2c_ngram_tables *tables, const int32_t *contexts, /* [n][M] */
                   size_t n, size_t vocab_size, size_t known, double *workspace,
                   size_t workspace_size);

/* Write up to n tokens after the last ones in `recent`; otherwise as l2c_lstm_generate. */
int l2c_ngram_generate(int32_t *tokens,          /* [n] */
                       float *log_probabilities, /* [n] */
                       size_t *written,          /* [1] */
                       int *stopped,             /* [1] 1 when a stop token ended the text */
                       int32_t *recent,          /* [L2C_RECENT] in and out */
                       uint64_t *position,       /* [1] in and out */
                       const l2c_ngram_tables *tables, const l2c_sampler *sampler, uint64_t seed,
                       size_t n, size_t vocab_size, size_t known, double *workspace,
                       size_t workspace_size);

/* Doubles for reading and for generating. */
size_t l2c_ngram_workspace(size_t vocab_size);

/* ------------------------------------------------------------ HTM: the Temporal Memory */

enum {
    L2C_HTM_BOOKS = 9,         /* uint64_t a memory needs for its books */
    L2C_HTM_SEGMENT_FIELDS = 8,
    L2C_HTM_BLOCK_FIELDS = 16
};

/* Sizes and rates by their published names; permanences in units of 1/10 000. */
typedef struct {
    size_t columns, cells_per_column; /* at most 65536 cells */
    size_t max_segments;
    uint64_t seed;
    uint32_t activation_threshold, min_threshold, max_new_synapses;
    uint32_t max_segments_per_cell, max_synapses; /* at most 255 each */
    uint32_t initial, connected, increment, decrement, punishment;
} l2c_htm_shape;

/* The weights lie in memory of the caller. When l2c_htm_run returns L2C_FULL he copies it into
 * larger arrays (segments, presynaptic and permanence grow together), with what was used of them
 * at their beginning. Indexes of cells are numbers of 16 bits. */
typedef struct {
    l2c_htm_shape shape;
    uint32_t *segments;    /* [segment_capacity][L2C_HTM_SEGMENT_FIELDS] */
    uint16_t *presynaptic; /* [segment_capacity][max_synapses] */
    uint16_t *permanence;  /* [segment_capacity][max_synapses] */
    uint32_t *cells;       /* [l2c_htm_cells_size(columns * cells_per_column)] */
    uint32_t *blocks;      /* [block_capacity][L2C_HTM_BLOCK_FIELDS] */
    uint64_t *books;       /* [L2C_HTM_BOOKS] */
    size_t segment_capacity, block_capacity;
} l2c_htm_memory;

/* uint32_t that the lists of so many cells need. */
size_t l2c_htm_cells_size(size_t cells);

/* uint64_t that what one stream excites in a memory needs; of a fresh array all must be 0. */
size_t l2c_htm_activity_size(const l2c_htm_memory *memory);

/* An empty memory; and the lists of a memory whose segments were put there by the caller: their
 * records' cell, synapses, born, last used; cell 0xFFFFFFFF for those to be used again, in the
 * order `free`, the last one first. */
int l2c_htm_clear(const l2c_htm_memory *memory);
int l2c_htm_relink(const l2c_htm_memory *memory, const uint32_t *free, size_t free_count);

/* Steps of time: `columns` ascending, offsets[t] to offsets[t + 1] of them in step t. `anomaly`
 * (or NULL) is the part of them that nobody expected. L2C_FULL: `done` steps were made, and
 * learning the next one needs more room. */
int l2c_htm_run(size_t *done,     /* [1] */
                float *anomaly,   /* [T] */
                const l2c_htm_memory *memory, uint64_t *activity, size_t activity_size,
                const uint16_t *columns, const uint64_t *offsets, /* [T + 1] */
                size_t steps, int learn);

/* Begin where a stream stood, or (with none of either) at the beginning of a sequence. */
int l2c_htm_enter(const l2c_htm_memory *memory, uint64_t *activity, size_t activity_size,
                  const uint16_t *active, size_t active_count, const uint16_t *winners,
                  size_t winner_count);

/* Where a stream stands: cells ascending; segments that match, in no order, and how many of their
 * synapses are active, plus 65536 where they predict. Any output may be NULL. */
int l2c_htm_context(uint16_t *active, size_t *active_count,   /* [cells] */
                    uint16_t *winners, size_t *winner_count,  /* [cells] */
                    uint32_t *matching, uint32_t *overlap, size_t *matching_count, /* [capacity] */
                    const l2c_htm_memory *memory, uint64_t *activity, size_t activity_size);

/* ------------------------------------------------------------ HTM: the Spatial Pooler */

/* How many connected synapses of every column see an active input (at most 65535 are). */
int l2c_htm_overlap(uint16_t *overlap,        /* [C] */
                    const uint8_t *connected, /* [I][C] 0 or 1 */
                    const uint16_t *active,   /* [n] inputs */
                    size_t n, size_t inputs, size_t columns);

/* The winners among all columns: the `most` with the largest overlap, ascending; of equal ones those
 * with the higher index, none with less than `least`. `active` ascends, or L2C_BAD_TOKEN. */
int l2c_htm_pool(uint16_t *winners, size_t *count, uint16_t *overlap, /* [most], [1], [C] */
                 const uint8_t *connected, const int64_t *active,     /* [I][C] 0 or 1, [n] */
                 size_t n, size_t inputs, size_t columns, size_t most, uint16_t least);

/* ------------------------------------------------------------- HTM: the language head */

enum {
    L2C_HTM_MAX_ORDER = 4,
    L2C_HTM_EXPERTS = 8,     /* three of the memory, and counted contexts of 0 to 4 tokens */
    L2C_HTM_WEIGHT_SETS = 31, /* one for all, and one for every way to be surprised */
    L2C_HTM_CONTEXT_FIELDS = 6,
    L2C_HTM_HEAD_BOOKS = 3
};

/* What turns a memory's cells into probabilities of tokens. The arrays are the caller's; when a
 * function returns L2C_FULL he copies entries into a larger array, puts the contexts into one with
 * at least twice as many slots (a power of two) with l2c_htm_head_add, and calls again. */
typedef struct {
    const uint16_t *columns; /* [V][on] columns of a token, ascending */
    uint32_t *cells;         /* [cells][3] what came after a winner cell */
    uint32_t *contexts;      /* [context_slots][L2C_HTM_CONTEXT_FIELDS] what came after tokens */
    uint32_t *entries;       /* [entry_capacity][2] */
    uint32_t *overlaps;      /* [on + 1][2] how often a token so much expected came */
    float *weights;          /* [L2C_HTM_WEIGHT_SETS][L2C_HTM_EXPERTS] */
    uint64_t *books;         /* [L2C_HTM_HEAD_BOOKS] */
    size_t context_slots, entry_capacity;
    size_t vocab_size, known, on; /* `known` tokens were there when it last learned */
    size_t orders;                /* longest context counted, in [0, L2C_HTM_MAX_ORDER] */
    double rate;                  /* of the weights */
} l2c_htm_head;

/* Where a stream stands, beside its activity. */
typedef struct {
    int32_t recent[64]; /* as in l2c_sample */
    uint64_t position;
    float surprise; /* the anomaly of the last step */
} l2c_htm_place;

/* Doubles of scratch memory for the functions below. */
size_t l2c_htm_workspace(size_t vocab_size);

/* Put counts there: of cells (order -1, key the cell) and contexts (key: 16 bits for each token,
 * the last one lowest). Fails with L2C_FULL when there is no room. */
int l2c_htm_head_add(const l2c_htm_head *head, const l2c_htm_memory *memory,
                     const int32_t *orders, const uint64_t *keys, const uint32_t *tokens,
                     const uint32_t *counts, size_t n);

/* Read T >= 0 tokens without learning; otherwise as l2c_lstm_read. `anomaly` (or NULL) [T].
 * `experts` (or NULL) [T][L2C_HTM_EXPERTS][V] are their log probabilities, with every_step. */
int l2c_htm_read(float *logits, float *anomaly, float *experts, l2c_htm_place *place,
                 const l2c_htm_memory *memory, const l2c_htm_head *head, uint64_t *activity,
                 size_t activity_size, const int32_t *tokens, size_t time, int every_step,
                 double *workspace, size_t workspace_size);

/* Predict each token, then read it, and learn it where `learn` is 1. `scores` [T][1 + EXPERTS] are
 * its log probabilities, the mixture's first; `claims` [T][2] the probability of the likeliest
 * token, and 1 where that was right. L2C_FULL after `done` tokens: more room is needed. */
int l2c_htm_follow(size_t *done, float *scores, float *claims, float *anomaly,
                   l2c_htm_place *place, const l2c_htm_memory *memory, const l2c_htm_head *head,
                   uint64_t *activity, size_t activity_size, const int32_t *tokens,
                   const int32_t *learn, size_t time, double *workspace, size_t workspace_size);

/* Write up to n tokens; otherwise as l2c_lstm_generate. What is written is not learned. */
int l2c_htm_generate(int32_t *tokens, float *log_probabilities, size_t *written, int *stopped,
                     l2c_htm_place *place, const l2c_htm_memory *memory,
                     const l2c_htm_head *head, uint64_t *activity, size_t activity_size,
                     const l2c_sampler *sampler, uint64_t seed, size_t n, double *workspace,
                     size_t workspace_size);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#include "l2c_llama.h"
#include "l2c_chat.h"

#endif
