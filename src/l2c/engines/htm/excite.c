/* excite.c: which segments the active cells excite, and so which cells expect to be next.
 *
 * This is where the time goes: for every active cell every segment that may listen to it is
 * visited, all cells of a column in a burst, tens of thousands of visits in a step. A visit is the
 * increment of a byte; the bytes are then searched for those that reach the threshold, and only
 * their segments are looked at closely. What is near in memory decides: blocks, records and rows
 * are called before they are needed.
 *
 * Legend: r region (the weights), e excitation (what one stream does in it), s a segment's slot.
 */
#include "temporal_memory.h"

#include <string.h>

static void visit(uint8_t *visits, const uint32_t *segments, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        uint8_t *v = visits + segments[j];
        *v = (uint8_t)(*v + (*v != UINT8_MAX));
    }
}

/* Remembers a block for the next level, and begins to bring it near. */
static size_t wait_for(const region *r, uint32_t *places, size_t waiting, uint32_t block)
{
    if (block == 0)
        return waiting;
    __builtin_prefetch(r->blocks + block - 1);
    places[waiting] = block - 1;
    return waiting + 1;
}

/* One visit for every entry of an active cell. The cells' blocks are walked level by level, the
 * newest of all cells first: so where the next ones lie is known long before they are needed. */
static void visit_listeners(const region *r, excitation *e)
{
    size_t now = (size_t)e->numbers[NOW], waiting = 0;
    uint32_t *places = e->candidates;
    for (size_t i = 0; i < e->numbers[ACTIVE_COUNT + now]; i++)
        waiting = wait_for(r, places, waiting, r->listeners[e->active[now][i]]);
    while (waiting > 0) {
        size_t next = 0;
        for (size_t i = 0; i < waiting; i++) {
            if (i + AHEAD < waiting) /* of many waiting the first ones are near no more */
                __builtin_prefetch(r->blocks + places[i + AHEAD]);
            const listener_block *block = r->blocks + places[i];
            if (block->entries == BLOCK_ENTRIES)
                visit(e->visits, block->segment, BLOCK_ENTRIES);
            else
                visit(e->visits, block->segment, block->entries);
            next = wait_for(r, places, next, block->next);
        }
        waiting = next;
    }
}

/* Bit i: whether of 64 numbers of visits the i-th reaches the threshold, in [1, 255]. */
static inline uint64_t reaching(const uint8_t *visits, uint8_t threshold)
{
    uint8_t most = 0;
    for (size_t i = 0; i < 64; i++)
        most = visits[i] > most ? visits[i] : most;
    uint64_t found = 0;
    for (size_t i = 0; most >= threshold && i < 64; i++)
        found |= (uint64_t)(visits[i] >= threshold) << i;
    return found;
}

/* Segments whose visits reach the threshold, into `candidates`; returns how many. */
static size_t reached(const excitation *e, size_t segments, uint32_t threshold)
{
    size_t found = 0;
    if (threshold > UINT8_MAX) /* no segment has so many synapses */
        return 0;
    for (size_t begin = 0; begin < segments; begin += 64) {
        uint64_t some = reaching(e->visits + begin, (uint8_t)threshold);
        for (; some; some &= some - 1)
            e->candidates[found++] = (uint32_t)(begin + (size_t)__builtin_ctzll(some));
    }
    return found;
}

/* How many synapses of a row come from active cells; `connected` of them are strong enough. */
static uint32_t count_row(uint32_t *connected, const uint64_t *active, const uint16_t *cells,
                          const uint16_t *permanence, size_t n, uint16_t strong)
{
    uint32_t potential = 0, both = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t on = (uint32_t)has(active, cells[i]);
        potential += on;
        both += on & (permanence[i] >= strong);
    }
    *connected = both;
    return potential;
}

/* How many synapses of a segment are active; `connected` of them are strong enough to count. */
static uint32_t active_synapses(const region *r, const excitation *e, uint32_t s,
                                uint32_t *connected)
{
    const segment_record *segment = r->segments + s;
    if (segment->entries == segment->synapses) { /* so visits are exact */
        *connected = e->visits[s];
        if (segment->connected == segment->synapses)
            return *connected;
        if (segment->connected < r->shape.activation_threshold)
            *connected = 0;
        if (*connected == 0)
            return e->visits[s];
    }
    return count_row(connected, e->active_bits[e->numbers[NOW]], r->presynaptic + s * r->S,
                     r->permanence + s * r->S, segment->synapses, (uint16_t)r->shape.connected);
}

void depolarise(region *r, excitation *e, int learn)
{
    size_t k = r->shape.cells_per_column, n = 0;
    memset(e->first_in_column, 0, r->shape.columns * sizeof *e->first_in_column);
    memset(e->predicted, 0, (r->shape.columns + 63) / 64 * sizeof *e->predicted);
    e->numbers[ACTIVE_SEGMENTS] = 0;
    size_t segments = ((size_t)r->books[SEGMENTS_TOUCHED] + 63) / 64 * 64;
    memset(e->visits, 0, segments);
    visit_listeners(r, e);
    size_t candidates = reached(e, segments, r->shape.min_threshold);
    for (size_t i = 0; i < candidates; i++) {
        uint32_t s = e->candidates[i], connected;
        if (i + AHEAD < candidates) {
            size_t row = e->candidates[i + AHEAD] * r->S;
            __builtin_prefetch(r->segments + e->candidates[i + AHEAD]);
            __builtin_prefetch(r->presynaptic + row);
            __builtin_prefetch(r->permanence + row);
        }
        uint32_t potential = active_synapses(r, e, s, &connected);
        if (potential < r->shape.min_threshold)
            continue;
        size_t column = r->segments[s].cell / k;
        int predicts = connected >= r->shape.activation_threshold;
        e->matching[n] = (match_record){
            .segment = s,
            .overlap = potential | (predicts ? ACTIVE_SEGMENT : 0),
            .cell = r->segments[s].cell,
            .born = r->segments[s].born,
            .next = e->first_in_column[column],
        };
        e->first_in_column[column] = (uint32_t)++n;
        if (predicts) {
            put(e->predicted, column);
            e->numbers[ACTIVE_SEGMENTS]++;
            if (learn)
                r->segments[s].last_used = (uint32_t)r->books[ITERATION];
        }
    }
    e->numbers[MATCHING_COUNT] = n;
    if (learn)
        r->books[ITERATION]++;
}
