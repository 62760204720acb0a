/* ngram.h: what the counting engine's C files share: the records of its tables, and the walk.
 *
 * A context is the last m tokens before a position, m from 0 to M; the root is the empty one. It
 * is told by its parent (itself without its oldest token) and its oldest token, so that reading
 * backwards from a position walks from the root to the longest context that was ever seen. An
 * entry is a token counted after a context. Both lie in pools and are found by hash indexes with
 * linear probing, whose slots are 0 or hold a hash and the record's number + 1.
 *
 * Nearly every look into the tables of a long text misses the caches. So a hash is one of tokens
 * alone and needs no record: where the contexts of a window stand can be asked for, all of them,
 * long before the window's turn. And as a slot holds the hash, another's record is not looked at.
 *
 * A context exists exactly as long as something is counted after it, and an entry as long as its
 * count is above 0. As every entry (v h, w) stands for at least one entry (h, w), both exist for
 * all shorter contexts too. What a shorter context counts beyond that is left of pruned n-grams.
 */
#ifndef L2C_NGRAM_H
#define L2C_NGRAM_H

#include "l2c.h"

enum {
    MAX_ORDER = L2C_NGRAM_MAX_CONTEXT,
    MAX_VOCAB = 65534,
    ROOT = 0,
    ANY = -2 /* an older token of an n-gram of which only the rest was kept */
};

typedef struct {
    uint32_t parent, token; /* token + 1, so that 0 is "nothing was before" */
    uint32_t depth;         /* how many tokens it is long */
    uint32_t first;         /* entry + 1 of its list, or 0; the next free record when unused */
    uint32_t types;         /* entries; 0 when unused (but for the root) */
    uint32_t ones, twos;    /* entries counted once, and twice */
    uint32_t total;         /* sum of all counts */
} context_record;

typedef struct {
    uint32_t context, token;
    uint32_t next;  /* entry + 1 of the same context, or 0; the next free record when unused */
    uint32_t count; /* 0 when unused */
} entry_record;

/* What `books` of the tables holds. */
enum {
    CONTEXTS_TOUCHED, /* records ever used */
    CONTEXTS_FREE,    /* record + 1 of the first one given back */
    CONTEXTS_LIVE,
    ENTRIES_TOUCHED,
    ENTRIES_FREE,
    ENTRIES_LIVE,
    EVENTS, /* n-grams counted */
    COUNTS_OF_COUNTS /* [M+1][4]: entries of each depth with count 1, 2, 3, 4 */
};

typedef struct {
    context_record *contexts;
    entry_record *entries;
    uint64_t *context_index, *entry_index;
    uint32_t *books;
    size_t context_capacity, entry_capacity, context_mask, entry_mask;
    size_t M;
} tables;

/* The tables in their caller's memory; M is 0 when their sizes do not fit. */
tables tables_of(const l2c_ngram_tables *given);

/* The hash of a context and one token more: an older one, or the one that followed. */
static inline uint32_t hash_of(uint32_t context, uint32_t token)
{
    uint64_t key = ((uint64_t)context << 32 | token) * 0x9E3779B97F4A7C15u;
    return (uint32_t)((key ^ key >> 32) * 0xD6E8FEB86659FD93u >> 32);
}

/* Of all contexts that end before `window`[M], the root's first. */
static inline void hash_contexts(uint32_t hashes[MAX_ORDER + 1], const tables *t,
                                 const int32_t *window)
{
    hashes[0] = 0;
    for (size_t m = 0; m < t->M; m++)
        hashes[m + 1] = hash_of(hashes[m], (uint32_t)(window[t->M - 1 - m] + 1));
}

/* What a slot holds: the hash above the record's number + 1. */
static inline uint64_t slot_of(uint32_t hash, uint32_t id)
{
    return (uint64_t)hash << 32 | (id + 1);
}

static inline uint32_t hash_in(uint64_t slot) { return (uint32_t)(slot >> 32); }
static inline uint32_t id_in(uint64_t slot) { return (uint32_t)slot - 1; }

/* The slot that holds `hash`, beginning with `slot`, or the free one where it would stand. */
static inline size_t next_slot(const uint64_t *index, size_t mask, uint32_t hash, size_t slot)
{
    slot &= mask;
    while (index[slot] != 0 && hash_in(index[slot]) != hash)
        slot = (slot + 1) & mask;
    return slot;
}

/* The slot where the context stands, or the free one where it would. */
static inline size_t context_slot(const tables *t, uint32_t hash, uint32_t parent, uint32_t token)
{
    for (size_t slot = hash;; slot++) {
        slot = next_slot(t->context_index, t->context_mask, hash, slot);
        if (t->context_index[slot] == 0)
            return slot;
        const context_record *c = t->contexts + id_in(t->context_index[slot]);
        if (c->parent == parent && c->token == token)
            return slot;
    }
}

static inline size_t entry_slot(const tables *t, uint32_t hash, uint32_t context, uint32_t token)
{
    for (size_t slot = hash;; slot++) {
        slot = next_slot(t->entry_index, t->entry_mask, hash, slot);
        if (t->entry_index[slot] == 0)
            return slot;
        const entry_record *e = t->entries + id_in(t->entry_index[slot]);
        if (e->context == context && e->token == token)
            return slot;
    }
}

/* The contexts that end before `window`[M], from the root to the longest there is, and the hashes
 * of all that could be; how long the longest is. */
static inline size_t walk(uint32_t ids[MAX_ORDER + 1], uint32_t hashes[MAX_ORDER + 1],
                          const tables *t, const int32_t *window)
{
    size_t depth = 0;
    ids[0] = ROOT;
    hash_contexts(hashes, t, window);
    while (depth < t->M) {
        uint32_t token = (uint32_t)(window[t->M - 1 - depth] + 1);
        uint64_t found = t->context_index[context_slot(t, hashes[depth + 1], ids[depth], token)];
        if (found == 0)
            break;
        ids[++depth] = id_in(found);
    }
    return depth;
}

/* Before window i of n is looked up: ask the memory for what later ones will need, first for their
 * slots in the indexes, then, when these have come, for the records they name. */
void look_ahead(const tables *t, const int32_t *windows, size_t i, size_t n);

/* Every one of n contexts of M tokens, `stride` apart, has its -1 in front and its tokens in
 * [0, V); so has every one of n windows, which are contexts with a token in [0, V) behind them. */
int contexts_fit(const int32_t *contexts, size_t n, size_t stride, size_t M, size_t V);
int windows_fit(const int32_t *windows, size_t n, size_t M, size_t V);

/* Whether n new n-grams, whatever they are, fit the pools. */
int room_for(const tables *t, size_t n);

/* Add one n-gram `amount` times; the smallest depth whose counts changed. */
size_t add_event(tables *t, const int32_t *window, uint32_t amount);

#endif
