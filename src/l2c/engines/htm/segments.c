/* segments.c: how segments and their synapses come, change and go, and the index of listeners.
 *
 * Legend: r region, e excitation, s a segment's slot, S synapses of a row.
 */
#include "temporal_memory.h"

#include <string.h>

/* --------------------------------------------------------------------------------- the index */

static void listen(region *r, uint32_t segment, uint32_t presynaptic)
{
    uint32_t *newest = r->listeners + presynaptic;
    listener_block *block = *newest ? r->blocks + *newest - 1 : NULL;
    if (block == NULL || block->entries == BLOCK_ENTRIES) {
        block = r->blocks + r->books[BLOCKS_USED]++;
        block->next = *newest;
        block->entries = 0;
        *newest = (uint32_t)r->books[BLOCKS_USED];
    }
    block->segment[block->entries++] = segment;
    r->segments[segment].entries++;
    r->books[INDEX_ENTRIES]++;
}

/* Blocks of a cell side by side, in the order in which they are walked; none holds an entry yet,
 * and `listeners` tells the last of them, which is filled first. `listeners` held the entries. */
static void lay_out_blocks(region *r)
{
    uint32_t used = 0;
    for (size_t cell = 0; cell < r->cell_count; cell++) {
        uint32_t blocks = (r->listeners[cell] + BLOCK_ENTRIES - 1) / BLOCK_ENTRIES;
        for (uint32_t i = 0; i < blocks; i++, used++)
            r->blocks[used] = (listener_block){.next = i + 1 < blocks ? used + 2 : 0};
        r->listeners[cell] = blocks ? used : 0;
    }
    r->books[BLOCKS_USED] = used;
}

int make_index(region *r)
{
    if (r->books[SYNAPSES_LIVE] / BLOCK_ENTRIES + r->cell_count > r->block_capacity)
        return L2C_FULL;
    size_t segments = (size_t)r->books[SEGMENTS_TOUCHED];
    memset(r->listeners, 0, r->cell_count * sizeof *r->listeners);
    for (size_t s = 0; s < segments; s++)
        for (size_t i = 0; i < r->segments[s].synapses; i++)
            r->listeners[r->presynaptic[s * r->S + i]]++;
    lay_out_blocks(r);
    for (size_t s = 0; s < segments; s++) {
        r->segments[s].entries = r->segments[s].synapses;
        for (size_t i = 0; i < r->segments[s].synapses; i++) {
            uint32_t *block = r->listeners + r->presynaptic[s * r->S + i];
            *block -= r->blocks[*block - 1].entries == BLOCK_ENTRIES;
            listener_block *open = r->blocks + *block - 1;
            open->segment[open->entries++] = (uint32_t)s;
        }
    }
    r->books[INDEX_ENTRIES] = r->books[SYNAPSES_LIVE];
    return L2C_OK;
}

int has_room(region *r, const excitation *e, size_t columns)
{
    size_t slots = r->segment_capacity - (size_t)r->books[SEGMENTS_LIVE];
    if (slots < columns && r->segment_capacity < r->shape.max_segments)
        return 0;
    /* Every segment that learns adds at most one entry for every winner. */
    size_t learning = (size_t)e->numbers[ACTIVE_SEGMENTS] + columns;
    size_t winners = (size_t)e->numbers[WINNER_COUNT + e->numbers[NOW]];
    size_t blocks = winners * (learning / BLOCK_ENTRIES + 2);
    size_t stale = (size_t)(r->books[INDEX_ENTRIES] - r->books[SYNAPSES_LIVE]);
    int crowded = r->books[BLOCKS_USED] + blocks > r->block_capacity;
    if ((stale > r->books[SYNAPSES_LIVE] / 4 + 4096 || (crowded && stale > 0))
        && make_index(r) != L2C_OK)
        return 0;
    return r->books[BLOCKS_USED] + blocks <= r->block_capacity;
}

/* ---------------------------------------------------------------------- segments and synapses */

static void destroy_segment(region *r, uint32_t s)
{
    segment_record *segment = r->segments + s;
    uint32_t *at = r->newest + segment->cell / GROUP;
    while (*at != s + 1)
        at = &r->segments[*at - 1].next;
    *at = segment->next;
    r->counts[segment->cell]--;
    r->books[SYNAPSES_LIVE] -= segment->synapses;
    r->books[SEGMENTS_LIVE]--;
    segment->cell = NO_CELL;
    segment->synapses = segment->connected = 0;
    segment->next = (uint32_t)r->books[SEGMENTS_FREE];
    r->books[SEGMENTS_FREE] = s + 1;
}

/* Of equals the oldest. */
static uint32_t longest_unused_of(const region *r, uint32_t cell)
{
    const segment_record *found = NULL;
    for (uint32_t at = r->newest[cell / GROUP]; at; at = r->segments[at - 1].next) {
        const segment_record *here = r->segments + at - 1;
        if (here->cell == cell
            && (found == NULL || here->last_used < found->last_used
                || (here->last_used == found->last_used && here->born < found->born)))
            found = here;
    }
    return (uint32_t)(found - r->segments);
}

/* The region is full: of the next segments in the round the longest unused one goes. */
static void make_room(region *r)
{
    size_t number = (size_t)r->books[SEGMENTS_TOUCHED];
    uint32_t found = (uint32_t)(r->books[HAND] % number);
    for (size_t i = 1; i < EVICTION_WINDOW; i++) {
        uint32_t s = (uint32_t)((r->books[HAND] + i) % number);
        if (r->segments[s].last_used < r->segments[found].last_used)
            found = s;
    }
    r->books[HAND] = (r->books[HAND] + EVICTION_WINDOW) % number;
    destroy_segment(r, found);
}

void put_in_list(region *r, uint32_t s)
{
    segment_record *segment = r->segments + s;
    segment->next = r->newest[segment->cell / GROUP];
    r->newest[segment->cell / GROUP] = s + 1;
    r->counts[segment->cell]++;
}

uint32_t create_segment(region *r, uint32_t owner)
{
    while (r->counts[owner] >= r->shape.max_segments_per_cell)
        destroy_segment(r, longest_unused_of(r, owner));
    if (!r->books[SEGMENTS_FREE] && r->books[SEGMENTS_TOUCHED] >= r->shape.max_segments)
        make_room(r);
    uint32_t s = (uint32_t)r->books[SEGMENTS_FREE];
    if (s)
        r->books[SEGMENTS_FREE] = r->segments[--s].next;
    else
        s = (uint32_t)r->books[SEGMENTS_TOUCHED]++;
    segment_record *segment = r->segments + s;
    segment->cell = owner;
    segment->born = segment->last_used = (uint32_t)r->books[ITERATION];
    segment->synapses = segment->connected = 0;
    put_in_list(r, s);
    r->books[SEGMENTS_LIVE]++;
    return s;
}

/* Synapses from active cells change by `up`, the others lose `down`; at 0 they are gone. */
void adapt(region *r, uint32_t s, const uint64_t *active, int32_t up, int32_t down)
{
    uint16_t *cells = r->presynaptic + s * r->S, *permanences = r->permanence + s * r->S;
    size_t n = r->segments[s].synapses, kept = 0;
    uint32_t connected = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t changed = permanences[i] + (has(active, cells[i]) ? up : -down);
        changed = changed > UNITS ? UNITS : changed;
        cells[kept] = cells[i];
        permanences[kept] = (uint16_t)changed;
        kept += changed > 0;
        connected += changed > 0 && changed >= (int32_t)r->shape.connected;
    }
    r->segments[s].synapses = (uint32_t)kept;
    r->segments[s].connected = connected;
    r->books[SYNAPSES_LIVE] -= n - kept;
    if (kept == 0)
        destroy_segment(r, s);
}

/* Up to n of the weakest synapses go, but none whose cell just won. */
static void drop_weakest(region *r, uint32_t s, size_t n, const uint64_t *winner_bits)
{
    uint16_t *cells = r->presynaptic + s * r->S, *permanences = r->permanence + s * r->S;
    for (; n > 0; n--) {
        size_t count = r->segments[s].synapses, weakest = count;
        for (size_t i = 0; i < count; i++)
            if (!has(winner_bits, cells[i])
                && (weakest == count || permanences[i] < permanences[weakest]))
                weakest = i;
        if (weakest == count)
            return;
        r->segments[s].connected -= permanences[weakest] >= r->shape.connected;
        memmove(cells + weakest, cells + weakest + 1, (count - weakest - 1) * sizeof *cells);
        memmove(permanences + weakest, permanences + weakest + 1,
                (count - weakest - 1) * sizeof *permanences);
        r->segments[s].synapses--;
        r->books[SYNAPSES_LIVE]--;
    }
}

/* Up to n new synapses to winners of the previous step, chosen at random. */
void grow(region *r, excitation *e, uint32_t s, size_t n, uint64_t *chance)
{
    size_t before = !e->numbers[NOW], winner_count = (size_t)e->numbers[WINNER_COUNT + before];
    const uint16_t *winners = e->winners[before];
    uint16_t *cells = r->presynaptic + s * r->S, *permanences = r->permanence + s * r->S;
    uint32_t *candidates = e->candidates;
    size_t count = r->segments[s].synapses, found = 0;
    for (size_t i = 0; i < count; i++) /* winners already there are no candidates */
        clear(e->winner_bits, cells[i]);
    for (size_t i = 0; i < winner_count; i++)
        if (has(e->winner_bits, winners[i]))
            candidates[found++] = winners[i];
    for (size_t i = 0; i < winner_count; i++)
        put(e->winner_bits, winners[i]);
    n = n < found ? n : found;
    if (count + n > r->S)
        drop_weakest(r, s, count + n - r->S, e->winner_bits);
    count = r->segments[s].synapses;
    n = n < r->S - count ? n : r->S - count;
    for (size_t i = 0; i < n; i++) {
        size_t j = i + below(chance, found - i);
        uint32_t chosen = candidates[j];
        candidates[j] = candidates[i];
        candidates[i] = chosen;
        cells[count + i] = (uint16_t)chosen;
        permanences[count + i] = (uint16_t)r->shape.initial;
        listen(r, s, chosen);
    }
    r->segments[s].synapses = (uint32_t)(count + n);
    r->segments[s].connected += r->shape.initial >= r->shape.connected ? (uint32_t)n : 0;
    r->books[SYNAPSES_LIVE] += n;
    r->books[SYNAPSES_GROWN] += n;
}
