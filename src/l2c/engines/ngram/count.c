/* count.c: the n-grams a counting model has seen, added and taken away again exactly.
 *
 * Only the n-grams of full length are counted as they occur. A shorter context h counts what the
 * longer ones hold: N(h, w) is the number of different tokens v for which (v h, w) is there
 * (Kneser and Ney 1995's continuation count, order by order). So adding an n-gram goes down to
 * shorter contexts only while it finds nothing there, taking it away goes down only while nothing
 * is left, and the tables depend on the multiset of n-grams alone, in whatever order they came
 * and went.
 */

#include "ngram.h"

#include <string.h>

/* ----------------------------------------------------------------------------- the tables */

static int power_of_two(size_t n) { return n >= 2 && (n & (n - 1)) == 0; }

/* Small enough that record + 1 fits an index, and that a probe always meets a free slot. */
static int pool_fits(size_t capacity, size_t slots)
{
    return capacity >= 1 && capacity < UINT32_MAX && power_of_two(slots) && slots > capacity;
}

tables tables_of(const l2c_ngram_tables *g)
{
    int fits = g->context >= 1 && g->context <= MAX_ORDER
               && pool_fits(g->context_capacity, g->context_slots)
               && pool_fits(g->entry_capacity, g->entry_slots);
    return (tables){.contexts = (context_record *)g->contexts,
                    .entries = (entry_record *)g->entries,
                    .context_index = g->context_index,
                    .entry_index = g->entry_index,
                    .books = g->books,
                    .context_capacity = g->context_capacity,
                    .entry_capacity = g->entry_capacity,
                    .context_mask = g->context_slots - 1,
                    .entry_mask = g->entry_slots - 1,
                    .M = fits ? g->context : 0};
}

int l2c_ngram_clear(const l2c_ngram_tables *given)
{
    tables t = tables_of(given);
    if (t.M == 0)
        return L2C_BAD_SIZE;
    memset(t.books, 0, L2C_NGRAM_BOOKS * sizeof *t.books);
    memset(t.context_index, 0, given->context_slots * sizeof *t.context_index);
    memset(t.entry_index, 0, given->entry_slots * sizeof *t.entry_index);
    t.contexts[ROOT] = (context_record){0};
    t.books[CONTEXTS_TOUCHED] = 1;
    return L2C_OK;
}

/* The first free slot for a record that is not in the index yet. */
static size_t free_slot(const uint64_t *index, size_t mask, uint32_t hash)
{
    size_t slot = hash & mask;
    while (index[slot] != 0)
        slot = (slot + 1) & mask;
    return slot;
}

/* Neighbours stay near each other, so both indexes are walked through from end to end. */
int l2c_ngram_move_index(uint64_t *larger, size_t larger_slots, const uint64_t *index, size_t slots)
{
    if (!power_of_two(slots) || !power_of_two(larger_slots) || larger_slots < slots)
        return L2C_BAD_SIZE;
    memset(larger, 0, larger_slots * sizeof *larger);
    for (size_t slot = 0; slot < slots; slot++)
        if (index[slot] != 0)
            larger[free_slot(larger, larger_slots - 1, hash_in(index[slot]))] = index[slot];
    return L2C_OK;
}

/* Empty a slot, and move up whatever was put behind it only because it was taken. */
static void close_gap(uint64_t *index, size_t mask, size_t gap)
{
    for (size_t at = (gap + 1) & mask; index[at] != 0; at = (at + 1) & mask) {
        size_t home = hash_in(index[at]) & mask;
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        index[gap] = index[at];
        gap = at;
    }
    index[gap] = 0;
}

enum { AHEAD = 12 }; /* windows: some hundred nanoseconds of work for each */

void look_ahead(const tables *t, const int32_t *windows, size_t i, size_t n)
{
    uint32_t hashes[MAX_ORDER + 1];
    if (i + 2 * AHEAD < n) {
        const int32_t *window = windows + (i + 2 * AHEAD) * (t->M + 1);
        hash_contexts(hashes, t, window);
        for (size_t m = 0; m <= t->M; m++) {
            uint32_t entry = hash_of(hashes[m], (uint32_t)window[t->M]);
            __builtin_prefetch(t->context_index + (hashes[m] & t->context_mask));
            __builtin_prefetch(t->entry_index + (entry & t->entry_mask));
        }
    }
    if (i + AHEAD < n) {
        const int32_t *window = windows + (i + AHEAD) * (t->M + 1);
        hash_contexts(hashes, t, window);
        for (size_t m = 0; m <= t->M; m++) {
            uint32_t entry = hash_of(hashes[m], (uint32_t)window[t->M]);
            size_t slot = next_slot(t->context_index, t->context_mask, hashes[m], hashes[m]);
            if (t->context_index[slot] != 0)
                __builtin_prefetch(t->contexts + id_in(t->context_index[slot]));
            slot = next_slot(t->entry_index, t->entry_mask, entry, entry);
            if (t->entry_index[slot] != 0)
                __builtin_prefetch(t->entries + id_in(t->entry_index[slot]));
        }
    }
}

/* ------------------------------------------------------------------------------- contexts */

static uint32_t new_context(tables *t, uint32_t hash, uint32_t parent, uint32_t token,
                            uint32_t depth)
{
    uint32_t id = t->books[CONTEXTS_FREE];
    if (id != 0)
        t->books[CONTEXTS_FREE] = t->contexts[--id].first;
    else
        id = t->books[CONTEXTS_TOUCHED]++;
    t->books[CONTEXTS_LIVE]++;
    t->contexts[id] = (context_record){.parent = parent, .token = token, .depth = depth};
    t->context_index[free_slot(t->context_index, t->context_mask, hash)] = slot_of(hash, id);
    return id;
}

static void free_context(tables *t, uint32_t hash, uint32_t id)
{
    context_record *c = t->contexts + id;
    close_gap(t->context_index, t->context_mask, context_slot(t, hash, c->parent, c->token));
    *c = (context_record){.first = t->books[CONTEXTS_FREE]};
    t->books[CONTEXTS_FREE] = id + 1;
    t->books[CONTEXTS_LIVE]--;
}

/* -------------------------------------------------------------------------------- entries */

static void new_entry(tables *t, size_t slot, uint32_t hash, uint32_t context, uint32_t token)
{
    uint32_t id = t->books[ENTRIES_FREE];
    if (id != 0)
        t->books[ENTRIES_FREE] = t->entries[--id].next;
    else
        id = t->books[ENTRIES_TOUCHED]++;
    t->books[ENTRIES_LIVE]++;
    t->entries[id] = (entry_record){context, token, t->contexts[context].first, 0};
    t->contexts[context].first = id + 1;
    t->entry_index[slot] = slot_of(hash, id);
}

static void free_entry(tables *t, size_t slot)
{
    uint32_t id = id_in(t->entry_index[slot]);
    entry_record *e = t->entries + id;
    uint32_t *link = &t->contexts[e->context].first;
    while (*link != id + 1)
        link = &t->entries[*link - 1].next;
    *link = e->next;
    close_gap(t->entry_index, t->entry_mask, slot);
    *e = (entry_record){.next = t->books[ENTRIES_FREE]};
    t->books[ENTRIES_FREE] = id + 1;
    t->books[ENTRIES_LIVE]--;
}

/* The entry in `slot` goes from its old count to a new one, and every sum with it. */
static void set_count(tables *t, size_t slot, uint32_t count)
{
    entry_record *e = t->entries + id_in(t->entry_index[slot]);
    context_record *c = t->contexts + e->context;
    uint32_t *with_count = t->books + COUNTS_OF_COUNTS + 4 * c->depth, old = e->count;
    if (old >= 1 && old <= 4)
        with_count[old - 1]--;
    if (count >= 1 && count <= 4)
        with_count[count - 1]++;
    c->ones += (uint32_t)(count == 1) - (uint32_t)(old == 1);
    c->twos += (uint32_t)(count == 2) - (uint32_t)(old == 2);
    c->types += (uint32_t)(count > 0) - (uint32_t)(old > 0);
    c->total += count - old;
    e->count = count;
}

/* --------------------------------------------------------------------- adding and removing */

size_t add_event(tables *t, const int32_t *window, uint32_t amount)
{
    uint32_t ids[MAX_ORDER + 1], hashes[MAX_ORDER + 1], token = (uint32_t)window[t->M];
    size_t seen = walk(ids, hashes, t, window), depth = seen, longest = t->M;
    while (longest > 0 && window[t->M - longest] == ANY)
        longest--;
    for (; depth < longest; depth++) {
        uint32_t oldest = (uint32_t)(window[t->M - 1 - depth] + 1);
        ids[depth + 1] = new_context(t, hashes[depth + 1], ids[depth], oldest, (uint32_t)depth + 1);
    }
    t->books[EVENTS] += amount;
    for (;; depth--, amount = 1) {
        uint32_t hash = hash_of(hashes[depth], token);
        size_t slot = depth > seen ? free_slot(t->entry_index, t->entry_mask, hash)
                                   : entry_slot(t, hash, ids[depth], token);
        int is_new = t->entry_index[slot] == 0;
        if (is_new)
            new_entry(t, slot, hash, ids[depth], token);
        set_count(t, slot, t->entries[id_in(t->entry_index[slot])].count + amount);
        if (!is_new || depth == 0)
            return depth;
    }
}

/* The opposite; 0 when the n-gram was not counted that often, and then nothing has changed. */
static int remove_event(tables *t, const int32_t *window, uint32_t amount)
{
    uint32_t ids[MAX_ORDER + 1], hashes[MAX_ORDER + 1], token = (uint32_t)window[t->M];
    size_t depth = walk(ids, hashes, t, window);
    if (depth < t->M)
        return 0;
    size_t slot = entry_slot(t, hash_of(hashes[depth], token), ids[depth], token);
    if (t->entry_index[slot] == 0 || t->entries[id_in(t->entry_index[slot])].count < amount)
        return 0;
    t->books[EVENTS] -= amount;
    for (;; depth--, amount = 1) {
        slot = entry_slot(t, hash_of(hashes[depth], token), ids[depth], token);
        uint32_t left = t->entries[id_in(t->entry_index[slot])].count - amount;
        set_count(t, slot, left);
        if (left > 0)
            return 1;
        free_entry(t, slot);
        if (depth == 0)
            return 1;
        if (t->contexts[ids[depth]].types == 0)
            free_context(t, hashes[depth], ids[depth]);
    }
}

int contexts_fit(const int32_t *contexts, size_t n, size_t stride, size_t M, size_t V)
{
    for (size_t i = 0; i < n; i++, contexts += stride)
        for (size_t m = 0; m < M; m++)
            if (contexts[m] < -1 || contexts[m] >= (int32_t)V
                || (contexts[m] == -1 && m > 0 && contexts[m - 1] != -1))
                return 0;
    return 1;
}

static int window_fits(const int32_t *window, size_t M, size_t V)
{
    return window[M] >= 0 && window[M] < (int32_t)V && contexts_fit(window, 1, M, M, V);
}

int windows_fit(const int32_t *windows, size_t n, size_t M, size_t V)
{
    for (size_t i = 0; i < n; i++)
        if (!window_fits(windows + i * (M + 1), M, V))
            return 0;
    return 1;
}

int room_for(const tables *t, size_t n)
{
    size_t contexts = 1 + (size_t)t->books[CONTEXTS_LIVE] + n * t->M;
    size_t entries = (size_t)t->books[ENTRIES_LIVE] + n * (t->M + 1);
    return n <= UINT32_MAX && contexts <= t->context_capacity && entries <= t->entry_capacity;
}

int l2c_ngram_add(const l2c_ngram_tables *given, const int32_t *windows, const uint32_t *amounts,
                  size_t n)
{
    tables t = tables_of(given);
    if (t.M == 0 || !room_for(&t, n))
        return L2C_BAD_SIZE;
    for (size_t i = 0; i < n; i++) {
        size_t pruned = 0;
        while (pruned < t.M && windows[i * (t.M + 1) + pruned] == ANY)
            pruned++;
        if (!window_fits(windows + i * (t.M + 1) + pruned, t.M - pruned, MAX_VOCAB))
            return L2C_BAD_TOKEN;
    }
    uint64_t events = t.books[EVENTS];
    for (size_t i = 0; i < n; i++)
        events += amounts[i];
    if (events > UINT32_MAX)
        return L2C_BAD_SIZE;
    for (size_t i = 0; i < n; i++) {
        look_ahead(&t, windows, i, n);
        if (amounts[i] > 0)
            add_event(&t, windows + i * (t.M + 1), amounts[i]);
    }
    return L2C_OK;
}

int l2c_ngram_remove(const l2c_ngram_tables *given, const int32_t *windows,
                     const uint32_t *amounts, size_t n)
{
    tables t = tables_of(given);
    if (t.M == 0)
        return L2C_BAD_SIZE;
    if (!windows_fit(windows, n, t.M, MAX_VOCAB))
        return L2C_BAD_TOKEN;
    for (size_t i = 0; i < n; i++) {
        look_ahead(&t, windows, i, n);
        if (amounts[i] == 0 || remove_event(&t, windows + i * (t.M + 1), amounts[i]))
            continue;
        while (i-- > 0) /* put back what was taken: its records are still there to be used */
            if (amounts[i] > 0)
                add_event(&t, windows + i * (t.M + 1), amounts[i]);
        return L2C_NOT_COUNTED;
    }
    return L2C_OK;
}
