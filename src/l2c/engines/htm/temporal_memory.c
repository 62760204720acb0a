/* temporal_memory.c: the Temporal Memory; `reference.py` has the same rules to be read.
 *
 * Nothing is sorted but the few segments of one column.
 *
 * Legend: r region (the weights), e excitation (what one stream does in it), S synapses of a row.
 */
#include "temporal_memory.h"

#include <string.h>

/* SplitMix64, begun anew in every step from the seed and the iteration. */
static uint64_t chance_of(const region *r)
{
    return r->shape.seed + r->books[ITERATION] * 0xD6E8FEB86659FD93u;
}

/* ------------------------------------------------------------------------------ active cells */

/* Alive, and not made in this very step in the place of one that had to go. */
static int still_there(const region *r, uint32_t s)
{
    return r->segments[s].cell != NO_CELL && r->segments[s].born != (uint32_t)r->books[ITERATION];
}

static void reinforce(region *r, excitation *e, size_t place, uint64_t *chance)
{
    uint32_t s = e->matching[place].segment;
    size_t overlap = e->matching[place].overlap & (ACTIVE_SEGMENT - 1);
    if (!still_there(r, s))
        return;
    adapt(r, s, e->active_bits[!e->numbers[NOW]], r->shape.increment, r->shape.decrement);
    if (r->segments[s].cell != NO_CELL && overlap < r->shape.max_new_synapses)
        grow(r, e, s, r->shape.max_new_synapses - overlap, chance);
}

static int stands_before(const match_record *a, const match_record *b)
{
    return a->cell != b->cell ? a->cell < b->cell : a->born < b->born;
}

/* Places of the column's matching segments by cell and age; `sorted` is scratch memory. */
static size_t in_order(const excitation *e, size_t column, int active_only, uint32_t *sorted)
{
    size_t n = 0;
    for (uint32_t at = e->first_in_column[column]; at; at = e->matching[at - 1].next)
        if (!active_only || e->matching[at - 1].overlap & ACTIVE_SEGMENT)
            sorted[n++] = at - 1;
    for (size_t gap = n < 8 ? 1 : n / 2; gap > 0 && n > 1; gap /= 2) /* Shell 1959 */
        for (size_t i = gap; i < n; i++) {
            uint32_t moved = sorted[i];
            size_t j = i;
            for (; j >= gap && stands_before(e->matching + moved, e->matching + sorted[j - gap]);
                 j -= gap)
                sorted[j] = sorted[j - gap];
            sorted[j] = moved;
        }
    return n;
}

/* The best of the column's matching segments: its place + 1, or 0 when none matches. */
static uint32_t best_matching(const excitation *e, size_t column)
{
    uint32_t best = e->first_in_column[column];
    for (uint32_t at = best; at; at = e->matching[at - 1].next) {
        const match_record *here = e->matching + at - 1, *there = e->matching + best - 1;
        if (here->overlap > there->overlap
            || (here->overlap == there->overlap && stands_before(here, there)))
            best = at;
    }
    return best;
}

/* A cell of the column with the fewest segments, by chance where there are several. */
static uint32_t least_used_cell(const region *r, size_t column, uint64_t *chance)
{
    size_t k = r->shape.cells_per_column, ties = 0;
    const uint8_t *counts = r->counts + column * k;
    uint32_t fewest = NO_CELL;
    for (size_t i = 0; i < k; i++) {
        ties = counts[i] < fewest ? 1 : ties + (counts[i] == fewest);
        fewest = counts[i] < fewest ? counts[i] : fewest;
    }
    size_t chosen = below(chance, ties), i = 0;
    for (; counts[i] != fewest || chosen-- > 0; i++)
        ;
    return (uint32_t)(column * k + i);
}

static void add_active(excitation *e, uint32_t cell)
{
    size_t now = (size_t)e->numbers[NOW];
    e->active[now][e->numbers[ACTIVE_COUNT + now]++] = (uint16_t)cell;
    put(e->active_bits[now], cell);
}

static void add_winner(excitation *e, uint32_t cell)
{
    size_t now = (size_t)e->numbers[NOW];
    e->winners[now][e->numbers[WINNER_COUNT + now]++] = (uint16_t)cell;
}

static void activate_predicted(region *r, excitation *e, size_t column, int learn,
                               uint64_t *chance)
{
    uint32_t *sorted = e->candidates + r->cell_count, last = NO_CELL;
    size_t n = in_order(e, column, 1, sorted);
    for (size_t i = 0; i < n; i++) {
        uint32_t cell = e->matching[sorted[i]].cell;
        if (cell != last) {
            add_active(e, cell);
            add_winner(e, cell);
        }
        last = cell;
    }
    for (size_t i = 0; learn && i < n; i++)
        reinforce(r, e, sorted[i], chance);
}

static void burst(region *r, excitation *e, size_t column, int learn, uint64_t *chance)
{
    size_t k = r->shape.cells_per_column;
    e->numbers[BURSTS]++;
    for (size_t i = 0; i < k; i++)
        add_active(e, (uint32_t)(column * k + i));
    uint32_t best = best_matching(e, column);
    if (best) {
        add_winner(e, e->matching[best - 1].cell);
        if (learn)
            reinforce(r, e, best - 1, chance);
        return;
    }
    uint32_t winner = least_used_cell(r, column, chance);
    add_winner(e, winner);
    if (learn && e->numbers[WINNER_COUNT + !e->numbers[NOW]] > 0) {
        e->numbers[GREW]++;
        grow(r, e, create_segment(r, winner), r->shape.max_new_synapses, chance);
    }
}

static void punish(region *r, excitation *e, size_t column)
{
    uint32_t *sorted = e->candidates + r->cell_count;
    size_t n = in_order(e, column, 0, sorted);
    for (size_t i = 0; i < n; i++)
        if (still_there(r, e->matching[sorted[i]].segment))
            adapt(r, e->matching[sorted[i]].segment, e->active_bits[!e->numbers[NOW]],
                  -(int32_t)r->shape.punishment, 0);
}

static void begin_step(excitation *e)
{
    size_t now = (size_t)(e->numbers[NOW] ^= 1);
    for (size_t i = 0; i < e->numbers[ACTIVE_COUNT + now]; i++)
        clear(e->active_bits[now], e->active[now][i]);
    e->numbers[ACTIVE_COUNT + now] = e->numbers[WINNER_COUNT + now] = 0;
    e->numbers[BURSTS] = e->numbers[GREW] = 0;
}

void activate(region *r, excitation *e, const uint16_t *columns, size_t count, int learn)
{
    uint64_t chance = chance_of(r);
    begin_step(e);
    size_t before = !e->numbers[NOW], winners = (size_t)e->numbers[WINNER_COUNT + before];
    int punishing = learn && r->shape.punishment > 0;
    for (size_t i = 0; i < winners; i++)
        put(e->winner_bits, e->winners[before][i]);
    size_t column = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t end = i < count ? columns[i] : r->shape.columns;
        for (; punishing && column < end; column++)
            if (e->first_in_column[column])
                punish(r, e, column);
        column = end + 1;
        if (i == count)
            break;
        if (has(e->predicted, end))
            activate_predicted(r, e, end, learn, &chance);
        else
            burst(r, e, end, learn, &chance);
    }
    for (size_t i = 0; i < winners; i++)
        clear(e->winner_bits, e->winners[before][i]);
}

float unexpected(const excitation *e, const uint16_t *columns, size_t count)
{
    size_t missed = 0;
    for (size_t i = 0; i < count; i++)
        missed += !has(e->predicted, columns[i]);
    return count ? (float)missed / (float)count : 0;
}

void enter_context(region *r, excitation *e, const uint16_t *active, size_t active_count,
                   const uint16_t *winners, size_t winner_count)
{
    begin_step(e);
    for (size_t i = 0; i < active_count; i++)
        add_active(e, active[i]);
    for (size_t i = 0; i < winner_count; i++)
        add_winner(e, winners[i]);
    depolarise(r, e, 0);
}
