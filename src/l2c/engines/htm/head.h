/* head.h: the language head: from what is active to probabilities of tokens, and back to learn.
 *
 * Experts give every token a log probability:
 *   0  the geometric mean, over the winner cells, of what came after each of them, normalised
 *   1  the counts of all active cells together: of every context where a column burst
 *   2  how often a token came whose columns were so much expected
 *   3+ counted contexts of n = 0, 1, ... tokens (Witten & Bell 1991)
 * The mixture is log-linear (Mattern 2013, "Linear and geometric mixtures"), its weights are
 * learned online by gradient descent on the log loss. Weights are one set for all steps plus one
 * for the surprise of the last step and the longest context that was ever seen. A small part of
 * every prediction is order 0, so that no expert has to leave room for what it cannot expect.
 *
 * Counts of a cell or a context are a list of entries, one for each token, in no order.
 */
#ifndef L2C_HTM_HEAD_H
#define L2C_HTM_HEAD_H

#include "temporal_memory.h"

enum {
    EXPERTS = L2C_HTM_EXPERTS,
    ORDER_0 = 3, /* the expert that counts without context */
    SURPRISES = 6,
    ALL = L2C_HTM_WEIGHT_SETS - 1, /* the set of weights for all steps */
    MAX_COUNT = 65535
};

typedef struct {
    uint32_t first, total, types; /* entry + 1 */
} tally;

typedef struct {
    uint32_t key_low, key_high, order; /* order + 1, 0 where the slot is free */
    tally tally;
} context_record;

typedef struct {
    uint32_t token_count; /* the token in the lower 16 bits, its count in the upper ones */
    uint32_t next;
} entry_record;

enum { ENTRIES_USED, CONTEXTS_USED, EVENTS };

typedef struct {
    const uint16_t *columns;
    tally *cells;
    context_record *contexts;
    entry_record *entries;
    uint32_t *overlaps;
    float *weights;
    uint64_t *books;
    size_t slots, entry_capacity, V, known, on, orders;
    double rate;
    double *experts; /* [EXPERTS][V] log probabilities of the next token */
    double *mixed;   /* [V] the mixture's probabilities, without the part that is order 0 */
    double *p;       /* [V] the prediction */
    double *order_0; /* [V] probabilities without any context */
    double *scratch; /* [V] */
    float *logits;   /* [V] */
    float *sampling; /* what l2c_sample needs */
    int set;         /* of weights, for what comes next */
} head;

/* In its caller's memory; L2C_OK or L2C_BAD_SIZE. */
int head_of(head *h, const l2c_htm_head *given, const region *r, double *workspace, size_t size);

/* The probability of every token, `p`, from where the stream stands. */
void predict(head *h, const excitation *e, const l2c_htm_place *place);

/* Learn that `token` came; before the memory makes its step. */
void learn_token(head *h, const excitation *e, const l2c_htm_place *place, int32_t token);

/* Whether `learn_token` has room for its counts. */
int head_has_room(const head *h, const excitation *e);

/* Count `token` `times` after a cell, or after a context; for what is read from a file. */
int count_after_cell(head *h, size_t cell, uint32_t token, uint32_t times);
int count_after_context(head *h, uint32_t order, uint64_t key, uint32_t token, uint32_t times);

#endif
