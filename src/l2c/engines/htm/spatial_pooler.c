/* spatial_pooler.c: what a Spatial Pooler does at every step over all columns: how much of the input
 * each sees, and, for who does not learn, which of them win. `spatial_pooler.py` has the rest, and the
 * same in NumPy.
 *
 * Legend: I inputs, C columns.
 */
#include "l2c.h"

#include <string.h>

static void add_row(uint16_t *overlap, const uint8_t *row, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        overlap[c] = (uint16_t)(overlap[c] + row[c]);
}

int l2c_htm_overlap(uint16_t *overlap, const uint8_t *connected, const uint16_t *active, size_t n,
                    size_t inputs, size_t columns)
{
    if (n > UINT16_MAX || columns < 1 || columns > 65536)
        return L2C_BAD_SIZE;
    for (size_t i = 0; i < n; i++)
        if (active[i] >= inputs)
            return L2C_BAD_TOKEN;
    memset(overlap, 0, columns * sizeof *overlap);
    for (size_t i = 0; i < n; i++)
        add_row(overlap, connected + active[i] * columns, columns);
    return L2C_OK;
}

/* How many of the overlaps are at least so much; blocks whose sum fits 16 bits. */
static size_t reaching(const uint16_t *overlap, size_t columns, uint16_t least)
{
    size_t reached = 0;
    for (size_t begin = 0; begin < columns; begin += 4096) {
        size_t end = begin + 4096 < columns ? begin + 4096 : columns;
        uint16_t here = 0;
        for (size_t c = begin; c < end; c++)
            here = (uint16_t)(here + (overlap[c] >= least));
        reached += here;
    }
    return reached;
}

/* The `most` largest overlaps; returns how many of their columns have `least`. */
static size_t win(uint16_t *winners, const uint16_t *overlap, size_t columns, size_t most,
                  uint16_t least)
{
    /* The smallest overlap that wins: by halving what it can be. */
    uint16_t largest = 0;
    for (size_t c = 0; c < columns; c++)
        largest = overlap[c] > largest ? overlap[c] : largest;
    uint32_t low = 0, high = largest + 1u;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        size_t reached = reaching(overlap, columns, (uint16_t)middle);
        if (reached >= most)
            low = middle;
        else
            high = middle;
    }
    size_t above = 0;
    for (size_t c = 0; c < columns; c++)
        above += overlap[c] > low;
    size_t ties = most - above; /* of those at the limit the last ones win */
    size_t count = 0, at = most;
    for (size_t c = columns; c-- > 0;) {
        int wins = overlap[c] > low || (overlap[c] == low && ties > 0);
        if (!wins)
            continue;
        ties -= overlap[c] == low;
        winners[--at] = (uint16_t)c;
    }
    for (size_t i = at; i < most; i++)
        if (overlap[winners[i]] >= least)
            winners[count++] = winners[i];
    return count;
}

int l2c_htm_pool(uint16_t *winners, size_t *count, uint16_t *overlap, const uint8_t *connected,
                 const int64_t *active, size_t n, size_t inputs, size_t columns, size_t most,
                 uint16_t least)
{
    if (inputs > UINT16_MAX || columns > 65536 || most < 1 || most > columns)
        return L2C_BAD_SIZE;
    memset(overlap, 0, columns * sizeof *overlap);
    int64_t last = -1;
    for (size_t i = 0; i < n; i++) {
        if (active[i] <= last || active[i] >= (int64_t)inputs)
            return L2C_BAD_TOKEN;
        last = active[i];
        add_row(overlap, connected + (size_t)last * columns, columns);
    }
    *count = win(winners, overlap, columns, most, least);
    return L2C_OK;
}
