/* memory.c: the door of the Temporal Memory: arrays of the caller become a region and what a
 * stream excites in it; sizes and numbers are checked here, once.
 */
#include "temporal_memory.h"

#include <string.h>

static int shape_fits(const l2c_htm_shape *s)
{
    size_t cells = s->columns * s->cells_per_column;
    return s->columns >= 1 && s->columns <= 65536 && s->cells_per_column >= 1 && cells <= 65536
           && s->min_threshold >= 1 && s->min_threshold <= s->activation_threshold
           && s->activation_threshold <= UINT16_MAX && s->max_segments >= 1
           && s->max_segments <= 1 << 26 && s->max_segments_per_cell >= 1
           && s->max_segments_per_cell <= 255 && s->max_synapses >= 1 && s->max_synapses <= 255
           && s->initial <= UNITS && s->connected <= UNITS && s->increment <= UNITS
           && s->decrement <= UNITS && s->punishment <= UNITS;
}

int region_of(region *r, const l2c_htm_memory *given)
{
    if (!shape_fits(&given->shape) || given->segment_capacity > UINT32_MAX - 1
        || given->books[SEGMENTS_TOUCHED] > given->segment_capacity
        || given->books[BLOCKS_USED] > given->block_capacity)
        return L2C_BAD_SIZE;
    size_t cells = given->shape.columns * given->shape.cells_per_column;
    *r = (region){
        .shape = given->shape,
        .segments = (segment_record *)given->segments,
        .listeners = given->cells,
        .newest = given->cells + cells,
        .counts = (uint8_t *)(given->cells + cells + (cells + GROUP - 1) / GROUP),
        .blocks = (listener_block *)given->blocks,
        .presynaptic = given->presynaptic,
        .permanence = given->permanence,
        .books = given->books,
        .segment_capacity = given->segment_capacity,
        .block_capacity = given->block_capacity,
        .S = given->shape.max_synapses,
        .cell_count = cells,
    };
    return L2C_OK;
}

size_t l2c_htm_cells_size(size_t cells)
{
    return cells + (cells + GROUP - 1) / GROUP + (cells + 3) / 4;
}

/* Takes `bytes` of an array of words, from `*at` on; of no array it only counts them. */
static void *take(uint64_t *words, size_t *at, size_t bytes)
{
    void *taken = words == NULL ? NULL : words + *at;
    *at += (bytes + 7) / 8;
    return taken;
}

static size_t lay_out(excitation *e, const region *r, uint64_t *words)
{
    size_t at = 0, cells = r->cell_count, columns = r->shape.columns;
    size_t capacity = r->segment_capacity;
    e->numbers = take(words, &at, NUMBERS * sizeof *e->numbers);
    for (int i = 0; i < 2; i++) {
        e->active_bits[i] = take(words, &at, (cells + 63) / 64 * 8);
        e->active[i] = take(words, &at, cells * sizeof **e->active);
        e->winners[i] = take(words, &at, cells * sizeof **e->winners);
    }
    e->winner_bits = take(words, &at, (cells + 63) / 64 * 8);
    e->predicted = take(words, &at, (columns + 63) / 64 * 8);
    e->first_in_column = take(words, &at, columns * sizeof *e->first_in_column);
    e->matching = take(words, &at, capacity * sizeof *e->matching);
    e->candidates = take(words, &at, (cells + capacity + 1) * sizeof *e->candidates);
    e->visits = take(words, &at, capacity + 64);
    return at;
}

int excitation_of(excitation *e, const region *r, uint64_t *activity, size_t activity_size)
{
    return lay_out(e, r, activity) <= activity_size ? L2C_OK : L2C_BAD_SIZE;
}

size_t l2c_htm_activity_size(const l2c_htm_memory *memory)
{
    region r;
    excitation e;
    return region_of(&r, memory) == L2C_OK ? lay_out(&e, &r, NULL) : 0;
}

int l2c_htm_clear(const l2c_htm_memory *memory)
{
    memset(memory->books, 0, L2C_HTM_BOOKS * sizeof *memory->books);
    region r;
    int status = region_of(&r, memory);
    if (status == L2C_OK)
        memset(memory->cells, 0, l2c_htm_cells_size(r.cell_count) * sizeof *memory->cells);
    return status;
}

static uint32_t connected_of(const region *r, size_t s)
{
    uint32_t connected = 0;
    for (size_t i = 0; i < r->segments[s].synapses; i++)
        connected += r->permanence[s * r->S + i] >= r->shape.connected;
    return connected;
}

int l2c_htm_relink(const l2c_htm_memory *memory, const uint32_t *free, size_t free_count)
{
    region r;
    int status = region_of(&r, memory);
    if (status != L2C_OK)
        return status;
    size_t touched = (size_t)r.books[SEGMENTS_TOUCHED], unused = 0;
    uint64_t synapses = 0;
    for (size_t s = 0; s < touched; s++) {
        const segment_record *record = r.segments + s;
        unused += record->cell == NO_CELL;
        if (record->cell != NO_CELL && record->cell >= r.cell_count)
            return L2C_BAD_SIZE;
        if (record->synapses > r.S || (record->cell == NO_CELL && record->synapses > 0))
            return L2C_BAD_SIZE;
        for (size_t i = 0; i < record->synapses; i++)
            if (r.presynaptic[s * r.S + i] >= r.cell_count)
                return L2C_BAD_SIZE;
        r.segments[s].connected = connected_of(&r, s);
        synapses += record->synapses;
    }
    for (size_t i = 0; i < free_count; i++)
        if (free[i] >= touched || r.segments[free[i]].cell != NO_CELL)
            return L2C_BAD_SIZE;
    if (unused != free_count)
        return L2C_BAD_SIZE;
    memset(memory->cells, 0, l2c_htm_cells_size(r.cell_count) * sizeof *memory->cells);
    for (size_t s = 0; s < touched; s++)
        if (r.segments[s].cell != NO_CELL)
            put_in_list(&r, (uint32_t)s);
    r.books[SEGMENTS_FREE] = 0;
    for (size_t i = 0; i < free_count; i++) {
        r.segments[free[i]].next = (uint32_t)r.books[SEGMENTS_FREE];
        r.books[SEGMENTS_FREE] = free[i] + 1;
    }
    r.books[SEGMENTS_LIVE] = touched - free_count;
    r.books[SYNAPSES_LIVE] = synapses;
    return make_index(&r);
}

/* ------------------------------------------------------------------------------------- steps */

static int columns_fit(const uint16_t *columns, size_t count, size_t all)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i] >= all || (i > 0 && columns[i] <= columns[i - 1]))
            return 0;
    return 1;
}

int l2c_htm_run(size_t *done, float *anomaly, const l2c_htm_memory *memory, uint64_t *activity,
                size_t activity_size, const uint16_t *columns, const uint64_t *offsets,
                size_t steps, int learn)
{
    region r;
    excitation e;
    *done = 0;
    if (region_of(&r, memory) != L2C_OK
        || excitation_of(&e, &r, activity, activity_size) != L2C_OK)
        return L2C_BAD_SIZE;
    for (size_t t = 0; t < steps; t++)
        if (offsets[t + 1] < offsets[t]
            || !columns_fit(columns + offsets[t], offsets[t + 1] - offsets[t], r.shape.columns))
            return L2C_BAD_TOKEN;
    for (; *done < steps; ++*done) {
        const uint16_t *here = columns + offsets[*done];
        size_t count = (size_t)(offsets[*done + 1] - offsets[*done]);
        if (learn && !has_room(&r, &e, count))
            return L2C_FULL;
        if (anomaly)
            anomaly[*done] = unexpected(&e, here, count);
        activate(&r, &e, here, count, learn);
        depolarise(&r, &e, learn);
    }
    return L2C_OK;
}

int l2c_htm_enter(const l2c_htm_memory *memory, uint64_t *activity, size_t activity_size,
                  const uint16_t *active, size_t active_count, const uint16_t *winners,
                  size_t winner_count)
{
    region r;
    excitation e;
    if (region_of(&r, memory) != L2C_OK
        || excitation_of(&e, &r, activity, activity_size) != L2C_OK)
        return L2C_BAD_SIZE;
    if (!columns_fit(active, active_count, r.cell_count)
        || !columns_fit(winners, winner_count, r.cell_count))
        return L2C_BAD_TOKEN;
    enter_context(&r, &e, active, active_count, winners, winner_count);
    return L2C_OK;
}

int l2c_htm_context(uint16_t *active, size_t *active_count, uint16_t *winners,
                    size_t *winner_count, uint32_t *matching, uint32_t *overlap,
                    size_t *matching_count, const l2c_htm_memory *memory, uint64_t *activity,
                    size_t activity_size)
{
    region r;
    excitation e;
    if (region_of(&r, memory) != L2C_OK
        || excitation_of(&e, &r, activity, activity_size) != L2C_OK)
        return L2C_BAD_SIZE;
    size_t now = (size_t)e.numbers[NOW];
    *active_count = (size_t)e.numbers[ACTIVE_COUNT + now];
    *winner_count = (size_t)e.numbers[WINNER_COUNT + now];
    *matching_count = (size_t)e.numbers[MATCHING_COUNT];
    if (active)
        memcpy(active, e.active[now], *active_count * sizeof *active);
    if (winners)
        memcpy(winners, e.winners[now], *winner_count * sizeof *winners);
    for (size_t i = 0; matching && i < *matching_count; i++)
        matching[i] = e.matching[i].segment;
    for (size_t i = 0; overlap && i < *matching_count; i++)
        overlap[i] = e.matching[i].overlap;
    return L2C_OK;
}
