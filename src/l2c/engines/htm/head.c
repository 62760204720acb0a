/* head.c: predictions of the experts, their mixture, and what each of them learns.
 *
 * Legend: V vocabulary, p probability, l log probability, w weight, n a count, N the sum of the
 * counts of a list and T how many different tokens it holds.
 */
#include "head.h"

#include "logarithm.h"

#include <math.h>

static const double FLOOR = 0.004; /* the part of a prediction that is order 0 */

/* ------------------------------------------------------------------------------------- tallies */

static size_t slot_of(const head *h, uint32_t order, uint64_t key)
{
    uint64_t mixed = (key + order + 1) * 0x9E3779B97F4A7C15u;
    size_t mask = h->slots - 1, slot = (mixed ^ mixed >> 29) * 0xD6E8FEB86659FD93u >> 20 & mask;
    for (; h->contexts[slot].order != 0; slot = (slot + 1) & mask) {
        const context_record *c = h->contexts + slot;
        if (c->order == order + 1 && c->key_low == (uint32_t)key && c->key_high == key >> 32)
            break;
    }
    return slot;
}

static int count(head *h, tally *list, uint32_t token, uint32_t times)
{
    for (uint32_t at = list->first; at; at = h->entries[at - 1].next) {
        entry_record *entry = h->entries + at - 1;
        if ((entry->token_count & 0xFFFF) != token)
            continue;
        uint32_t had = entry->token_count >> 16, more = MAX_COUNT - had;
        more = times < more ? times : more; /* a count stops at its largest value */
        entry->token_count += more << 16;
        list->total += more;
        return L2C_OK;
    }
    if (h->books[ENTRIES_USED] >= h->entry_capacity)
        return L2C_FULL;
    times = times < MAX_COUNT ? times : MAX_COUNT;
    h->entries[h->books[ENTRIES_USED]++] = (entry_record){token | times << 16, list->first};
    list->first = (uint32_t)h->books[ENTRIES_USED];
    list->total += times;
    list->types++;
    return L2C_OK;
}

int count_after_cell(head *h, size_t cell, uint32_t token, uint32_t times)
{
    return count(h, h->cells + cell, token, times);
}

int count_after_context(head *h, uint32_t order, uint64_t key, uint32_t token, uint32_t times)
{
    context_record *context = h->contexts + slot_of(h, order, key);
    if (context->order == 0) {
        if (h->books[CONTEXTS_USED] * 4 / 3 + 2 >= h->slots)
            return L2C_FULL;
        h->books[CONTEXTS_USED]++;
        *context = (context_record){(uint32_t)key, (uint32_t)(key >> 32), order + 1, {0, 0, 0}};
    }
    return count(h, &context->tally, token, times);
}

int head_has_room(const head *h, const excitation *e)
{
    size_t winners = (size_t)e->numbers[WINNER_COUNT + e->numbers[NOW]];
    return h->books[ENTRIES_USED] + winners + h->orders + 1 <= h->entry_capacity
           && (h->books[CONTEXTS_USED] + h->orders + 1) * 4 / 3 + 2 < h->slots;
}

/* The last `order` tokens, 16 bits each; the stream has read at least that many. */
static uint64_t key_of(const l2c_htm_place *place, size_t order)
{
    uint64_t key = 0;
    for (size_t back = order; back >= 1; back--)
        key = key << 16
              | (uint16_t)place->recent[(place->position + L2C_RECENT - back) % L2C_RECENT];
    return key;
}

/* The longest context there can be: a text has a beginning. */
static size_t longest(const head *h, const l2c_htm_place *place)
{
    size_t order = 0;
    while (order < h->orders && order < place->position
           && place->recent[(place->position + L2C_RECENT - order - 1) % L2C_RECENT] >= 0)
        order++;
    return order;
}

/* ------------------------------------------------------------------------------------ experts */

/* p_n(v) = (n(v) + T p_{n-1}(v)) / (N + T), from uniform on. Returns the longest order seen. */
static size_t counted_contexts(head *h, const l2c_htm_place *place)
{
    size_t seen = 0, most = longest(h, place);
    double *p = h->scratch;
    for (size_t v = 0; v < h->known; v++)
        p[v] = 1.0 / (double)h->known;
    for (size_t order = 0; order <= h->orders; order++) {
        uint64_t key = order <= most ? key_of(place, order) : 0;
        const context_record *c = h->contexts + slot_of(h, (uint32_t)order, key);
        double *l = h->experts + (ORDER_0 + order) * h->V;
        if (order <= most && c->order != 0) {
            double T = c->tally.types, N = c->tally.total;
            for (size_t v = 0; v < h->known; v++)
                p[v] = T * p[v] / (N + T);
            for (uint32_t at = c->tally.first; at; at = h->entries[at - 1].next) {
                uint32_t both = h->entries[at - 1].token_count;
                p[both & 0xFFFF] += (double)(both >> 16) / (N + T);
            }
            seen = order;
        } else if (order > 0) {
            memcpy(l, l - h->V, h->known * sizeof *l);
            continue;
        }
        for (size_t v = 0; v < h->known; v++)
            l[v] = ln(p[v]);
        if (order == 0)
            memcpy(h->order_0, p, h->known * sizeof *p);
    }
    return seen;
}

/* Log probabilities, less the logarithm of their sum. */
static void normalise(double *l, size_t V)
{
    double top = -HUGE_VAL, sum = 0;
    for (size_t v = 0; v < V; v++)
        top = l[v] > top ? l[v] : top;
    for (size_t v = 0; v < V; v++)
        sum += exp_of(l[v] - top);
    double all = top + ln(sum);
    for (size_t v = 0; v < V; v++)
        l[v] -= all;
}

/* What came after the winner cells, each backed off to order 0 as contexts are: the mean of the
 * logarithms, made to sum to 1; and what came after all active cells, added up. */
static void winner_cells(head *h, const excitation *e)
{
    double *geometric = h->experts, *together = h->experts + h->V, base = 0, N = 0, T = 0;
    const double *l0 = h->experts + ORDER_0 * h->V;
    size_t now = (size_t)e->numbers[NOW], cells = (size_t)e->numbers[WINNER_COUNT + now];
    for (size_t v = 0; v < h->known; v++)
        geometric[v] = together[v] = 0;
    for (size_t i = 0; i < cells; i++) {
        const tally *list = h->cells + e->winners[now][i];
        if (list->total == 0)
            continue; /* it says order 0 */
        double types = list->types;
        base += ln(types / (list->total + types));
        for (uint32_t at = list->first; at; at = h->entries[at - 1].next) {
            size_t token = h->entries[at - 1].token_count & 0xFFFF;
            double n = h->entries[at - 1].token_count >> 16;
            geometric[token] += ln(1 + n / (types * h->order_0[token]));
        }
    }
    for (size_t i = 0; i < e->numbers[ACTIVE_COUNT + now]; i++) {
        const tally *list = h->cells + e->active[now][i];
        for (uint32_t at = list->first; at; at = h->entries[at - 1].next) {
            uint32_t both = h->entries[at - 1].token_count;
            T += together[both & 0xFFFF] == 0;
            together[both & 0xFFFF] += both >> 16;
        }
        N += list->total;
    }
    for (size_t v = 0; v < h->known; v++) {
        geometric[v] = l0[v] + (cells > 0 ? (base + geometric[v]) / (double)cells : 0);
        together[v] = N > 0 ? ln((together[v] + T * h->order_0[v]) / (N + T)) : l0[v];
    }
    normalise(geometric, h->known);
}

static size_t expected_columns(const head *h, const excitation *e, size_t token)
{
    size_t overlap = 0;
    for (size_t i = 0; i < h->on; i++)
        overlap += (size_t)has(e->predicted, h->columns[token * h->on + i]);
    return overlap;
}

/* A token whose columns are expected to some part comes as often as such tokens came so far. */
static void expected_tokens(head *h, const excitation *e)
{
    double *l = h->experts + 2 * h->V;
    for (size_t v = 0; v < h->known; v++) {
        const uint32_t *seen = h->overlaps + 2 * expected_columns(h, e, v);
        l[v] = ln((seen[1] + 0.02) / (seen[0] + 1.0));
    }
    normalise(l, h->known);
}

/* Which weights: how much of the last step was a surprise, and how far back counting reaches. */
static int set_of(float surprise, size_t seen)
{
    int level = surprise <= 0 ? 0 : surprise >= 1 ? 5 : 1 + (int)(surprise * 4);
    return level * (L2C_HTM_MAX_ORDER + 1) + (int)seen;
}

static void mix(head *h, const float *all, const float *here)
{
    size_t used = ORDER_0 + h->orders + 1;
    double top = -HUGE_VAL, sum = 0;
    for (size_t v = 0; v < h->known; v++) {
        double mixed = 0;
        for (size_t i = 0; i < used; i++)
            mixed += ((double)all[i] + (double)here[i]) * h->experts[i * h->V + v];
        h->mixed[v] = mixed;
        top = mixed > top ? mixed : top;
    }
    for (size_t v = 0; v < h->known; v++)
        sum += h->mixed[v] = exp_of(h->mixed[v] - top);
    for (size_t v = 0; v < h->known; v++)
        h->mixed[v] /= sum;
}

void predict(head *h, const excitation *e, const l2c_htm_place *place)
{
    size_t seen = counted_contexts(h, place);
    winner_cells(h, e);
    expected_tokens(h, e);
    h->set = set_of(place->position ? place->surprise : 1, seen);
    mix(h, h->weights + ALL * EXPERTS, h->weights + h->set * EXPERTS);
    double least = 1;
    for (size_t v = 0; v < h->known; v++) {
        h->p[v] = (1 - FLOOR) * h->mixed[v] + FLOOR * h->order_0[v];
        least = h->p[v] < least ? h->p[v] : least;
    }
    for (size_t v = h->known; v < h->V; v++) /* tokens that came since are the least probable */
        h->p[v] = least / 32;
}

/* ------------------------------------------------------------------------------------ learning */

/* Gradient descent on -log p(token): with r the part of p(token) that is the mixture m,
 * dL/dw_i = r (sum_v m(v) l_i(v) - l_i(token)). */
static void learn_weights(head *h, int32_t token)
{
    size_t used = ORDER_0 + h->orders + 1;
    double share = (1 - FLOOR) * h->mixed[token] / h->p[token];
    for (size_t i = 0; i < used; i++) {
        const double *l = h->experts + i * h->V;
        double expected = 0;
        for (size_t v = 0; v < h->known; v++)
            expected += h->mixed[v] * l[v];
        double step = h->rate * share * (l[token] - expected);
        float *all = h->weights + ALL * EXPERTS + i, *here = h->weights + h->set * EXPERTS + i;
        *all = (float)((double)*all + step);
        *here = (float)((double)*here + step);
    }
}

static void learn_overlaps(head *h, const excitation *e, int32_t token)
{
    for (size_t v = 0; v < h->known; v++) {
        uint32_t *seen = h->overlaps + 2 * expected_columns(h, e, v);
        seen[0]++;
        seen[1] += v == (size_t)token;
        if (seen[0] >= 1u << 30) {
            seen[0] /= 2;
            seen[1] /= 2;
        }
    }
}

void learn_token(head *h, const excitation *e, const l2c_htm_place *place, int32_t token)
{
    size_t now = (size_t)e->numbers[NOW];
    if ((size_t)token < h->known) { /* the first of a new token teaches no weights */
        learn_weights(h, token);
        learn_overlaps(h, e, token);
    }
    for (size_t i = 0; i < e->numbers[WINNER_COUNT + now]; i++)
        count_after_cell(h, e->winners[now][i], (uint32_t)token, 1);
    for (size_t order = 0; order <= longest(h, place); order++)
        count_after_context(h, (uint32_t)order, key_of(place, order), (uint32_t)token, 1);
    h->known = h->V;
    h->books[EVENTS]++;
}
