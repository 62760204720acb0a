/* temporal_memory.h: what the sequence memory's C files share.
 *
 * A segment is a fixed row of presynaptic cells (16 bits each) and permanences (16 bits, units of
 * 1/10 000), and a record. Segments of a group of neighbouring cells are a list. For every cell
 * there is an index of the segments that may listen to it, in blocks of 14: entries are only
 * ever added. So visits of a segment are its active synapses or, where some entries are stale, at
 * least as many: only then its row is counted. When a fifth of them is stale it is made anew.
 */
#ifndef L2C_TEMPORAL_MEMORY_H
#define L2C_TEMPORAL_MEMORY_H

#include "l2c.h"

enum { NO_CELL = 0xFFFFFFFFu, UNITS = 10000, EVICTION_WINDOW = 64, BLOCK_ENTRIES = 14, GROUP = 4, AHEAD = 12 };

typedef struct {
    uint32_t cell; /* NO_CELL when unused */
    uint32_t synapses;
    uint32_t born, last_used;
    uint32_t next; /* segment + 1 of the same group of cells, or of the free ones, or 0 */
    uint32_t connected; /* synapses that are */
    uint32_t entries;   /* of this slot in the index; as many as synapses where none is stale */
    uint32_t unused;
} segment_record;

typedef struct {
    uint32_t next; /* block + 1 of the same cell, or 0 */
    uint32_t entries;
    uint32_t segment[BLOCK_ENTRIES];
} listener_block;

/* What `books` of the memory holds. */
enum {
    ITERATION,
    SEGMENTS_TOUCHED, /* slots ever used */
    SEGMENTS_FREE,    /* slot + 1 of the one given back last */
    SEGMENTS_LIVE,
    SYNAPSES_LIVE,
    HAND,          /* where the next round for the longest unused begins */
    BLOCKS_USED,
    INDEX_ENTRIES,
    SYNAPSES_GROWN /* ever */
};

/* A segment that matches what is active, as it was when that was found: learning may move it. */
typedef struct {
    uint32_t segment;
    uint32_t overlap;  /* active potential synapses, and ACTIVE_SEGMENT where it predicts */
    uint32_t cell, born;
    uint32_t next;     /* place in the list of its column + 1, or 0 */
} match_record;

enum { ACTIVE_SEGMENT = 1 << 16 };

/* The memory, its sizes, and what one stream excites in it. */
typedef struct {
    l2c_htm_shape shape;
    segment_record *segments;
    uint32_t *listeners; /* [cells] block + 1, the newest, or 0 */
    uint32_t *newest;    /* [groups] segment + 1 of any of these cells, or 0 */
    uint8_t *counts;     /* [cells] segments */
    listener_block *blocks;
    uint16_t *presynaptic, *permanence; /* [segment_capacity][S] */
    uint64_t *books;
    size_t segment_capacity, block_capacity;
    size_t S, cell_count;
} region;

typedef struct {
    uint64_t *numbers;
    uint64_t *active_bits[2], *winner_bits; /* [cells / 64] */
    uint64_t *predicted;                    /* [columns / 64] columns with an active segment */
    uint16_t *active[2], *winners[2];       /* [cells] ascending */
    uint32_t *first_in_column;              /* [columns] place in `matching` + 1, or 0 */
    match_record *matching;                 /* [segment_capacity] */
    uint32_t *candidates;                   /* [..] also the scratch memory of sorting */
    uint8_t *visits;                        /* [segment_capacity, 64 more] no further than 255 */
} excitation;

/* `numbers` of an excitation. */
enum { NOW, ACTIVE_COUNT, WINNER_COUNT = 3, MATCHING_COUNT = 5, ACTIVE_SEGMENTS, BURSTS, GREW, NUMBERS };

static inline int has(const uint64_t *bits, size_t i) { return bits[i >> 6] >> (i & 63) & 1; }

static inline void put(uint64_t *bits, size_t i) { bits[i >> 6] |= (uint64_t)1 << (i & 63); }

static inline void clear(uint64_t *bits, size_t i) { bits[i >> 6] &= ~((uint64_t)1 << (i & 63)); }

/* Both in their caller's memory; status L2C_OK or L2C_BAD_SIZE. */
int region_of(region *r, const l2c_htm_memory *given);
int excitation_of(excitation *e, const region *r, uint64_t *activity, size_t activity_size);

/* Which cells become active, and what segments learn; which of them expect the next step. */
void activate(region *r, excitation *e, const uint16_t *columns, size_t count, int learn);
void depolarise(region *r, excitation *e, int learn);

/* A number in [0, n), the next one of SplitMix64 (Steele, Lea & Flood 2014). */
static inline size_t below(uint64_t *chance, size_t n)
{
    uint64_t z = *chance += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (size_t)(((z ^ z >> 31) >> 32) * n >> 32);
}


/* A new segment of a cell; on a full cell, or in a full region, an old one makes room. */
uint32_t create_segment(region *r, uint32_t owner);

/* A segment that has its cell comes into the list of the cell's group. */
void put_in_list(region *r, uint32_t s);

/* Synapses from active cells change by `up`, the others lose `down`; at 0 they are gone. */
void adapt(region *r, uint32_t s, const uint64_t *active, int32_t up, int32_t down);

/* Up to n new synapses to winners of the previous step, chosen at random. */
void grow(region *r, excitation *e, uint32_t s, size_t n, uint64_t *chance);

/* The index anew from the segments; L2C_FULL, nothing changed, when its blocks may not suffice. */
int make_index(region *r);

/* Whether a learning step on so many columns has room; makes the index anew where that helps. */
int has_room(region *r, const excitation *e, size_t columns);

/* A context: the active cells and winners of a stream. */
void enter_context(region *r, excitation *e, const uint16_t *active, size_t active_count,
                   const uint16_t *winners, size_t winner_count);

/* The part of the columns that nobody expected; to be asked before they are activated. */
float unexpected(const excitation *e, const uint16_t *columns, size_t count);

#endif
