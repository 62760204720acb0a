/* vocabulary.c: llama2.c's tokenizer.bin, and a text cut into its pieces.
 *
 * The file: the length of the longest piece, then for every token a score, a length and bytes, with
 * spaces as spaces. A text begins as characters; of all neighbours whose whole is a piece, those with
 * the highest score are joined first, the leftmost of equals. What is no piece then is written in
 * bytes. The ids are those of SentencePiece and of `l2c.text.sentencepiece`, where the sources are.
 */
#include "vocabulary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[CONTROLS] = {"<|system|>", "<|user|>", "<|assistant|>",
                                            "<|document|>", "<|memory|>"};

int64_t llama_file_size(FILE *file)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return -1;
    long size = ftell(file);
    return fseek(file, 0, SEEK_SET) == 0 ? size : -1;
}

static size_t hash(const char *bytes, size_t size)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    return (size_t)(h ^ h >> 32);
}

static size_t piece_size(const llama_vocabulary *v, size_t token)
{
    return v->at[token + 1] - v->at[token];
}

/* Where a piece stands in the table, or where it would. */
static size_t slot_of(const llama_vocabulary *v, const char *bytes, size_t size)
{
    size_t slot = hash(bytes, size) & (v->table_size - 1);
    for (; v->table[slot] >= 0; slot = (slot + 1) & (v->table_size - 1)) {
        size_t token = (size_t)v->table[slot];
        if (piece_size(v, token) == size && memcmp(v->text + v->at[token], bytes, size) == 0)
            break;
    }
    return slot;
}

static int32_t find(const llama_vocabulary *v, const char *bytes, size_t size)
{
    return size <= LONGEST_PIECE ? v->table[slot_of(v, bytes, size)] : -1;
}

/* Pieces in the table; of two that are the same, the first. */
static void fill_table(llama_vocabulary *v)
{
    int ours = v->size >= FIRST_PIECE + CONTROLS;
    for (size_t i = 0; ours && i < CONTROLS; i++) {
        size_t token = v->size - CONTROLS + i, size = strlen(NAMES[i]);
        ours = piece_size(v, token) == size && memcmp(v->text + v->at[token], NAMES[i], size) == 0;
    }
    v->pieces_end = v->size - (ours ? CONTROLS : 0);
    for (size_t token = FIRST_PIECE; token < v->pieces_end; token++) {
        size_t slot = slot_of(v, v->text + v->at[token], piece_size(v, token));
        if (v->table[slot] < 0)
            v->table[slot] = (int32_t)token;
    }
    for (int byte = 0; byte < 256; byte++)
        v->byte_text[byte] = (char)byte;
}

static int read_pieces(llama_vocabulary *v, FILE *file, int64_t left)
{
    int32_t longest, size;
    size_t end = 0;
    if ((left -= (int64_t)sizeof longest) < 0 || fread(&longest, sizeof longest, 1, file) != 1)
        return L2C_BAD_FILE;
    for (size_t token = 0; token < v->size; token++) {
        left -= (int64_t)(sizeof *v->scores + sizeof size);
        if (left < 0 || fread(&v->scores[token], sizeof *v->scores, 1, file) != 1 ||
            fread(&size, sizeof size, 1, file) != 1 || !isfinite(v->scores[token]))
            return L2C_BAD_FILE;
        if (size < 0 || size > LONGEST_PIECE || (left -= size) < 0)
            return L2C_BAD_FILE;
        if (fread(v->text + end, 1, (size_t)size, file) != (size_t)size)
            return L2C_BAD_FILE;
        v->at[token] = (uint32_t)end;
        end += (size_t)size;
    }
    v->at[v->size] = (uint32_t)end;
    return left == 0 ? L2C_OK : L2C_BAD_FILE;
}

int llama_vocabulary_open(llama_vocabulary *v, FILE *file, size_t size)
{
    int64_t bytes = llama_file_size(file);
    memset(v, 0, sizeof *v);
    /* Every token takes eight bytes at least, so nothing is allocated for tokens that cannot be. */
    if (size <= FIRST_PIECE || bytes < (int64_t)(8 * size) || bytes > INT32_MAX)
        return L2C_BAD_FILE;
    v->size = size;
    for (v->table_size = 1024; v->table_size < 2 * size;)
        v->table_size *= 2;
    v->scores = malloc(size * sizeof *v->scores);
    v->at = malloc((size + 1) * sizeof *v->at);
    v->text = malloc((size_t)bytes);
    v->table = malloc(v->table_size * sizeof *v->table);
    if (!v->scores || !v->at || !v->text || !v->table)
        return L2C_FULL;
    memset(v->table, -1, v->table_size * sizeof *v->table);
    int status = read_pieces(v, file, bytes);
    if (status == L2C_OK)
        fill_table(v);
    return status;
}

void llama_vocabulary_close(llama_vocabulary *v)
{
    free(v->scores), free(v->at), free(v->text), free(v->table);
}

/* ------------------------------------------------------------------------------- encoding */

/* A stretch of text that is joined with its neighbours; size 0 once it is part of another. */
typedef struct {
    size_t at, size;
    size_t before, after; /* numbers of symbols; NOBODY at the ends */
} symbol;

typedef struct {
    float score;
    size_t left, right, size;
} offer;

typedef struct {
    const llama_vocabulary *vocabulary;
    const char *text;
    symbol *symbols;
    offer *heap;
    size_t count;
} joining;

static const size_t NOBODY = (size_t)-1;

/* Whether `a` comes before `b`: the higher score, and of equals the one further to the left. */
static int comes_first(const offer *a, const offer *b)
{
    return a->score != b->score ? a->score > b->score : a->left < b->left;
}

static void push(joining *j, offer made)
{
    size_t i = j->count++;
    for (size_t parent; i > 0 && comes_first(&made, &j->heap[parent = (i - 1) / 2]); i = parent)
        j->heap[i] = j->heap[parent];
    j->heap[i] = made;
}

static offer pop(joining *j)
{
    offer best = j->heap[0], last = j->heap[--j->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < j->count; i = child) {
        if (child + 1 < j->count && comes_first(&j->heap[child + 1], &j->heap[child]))
            child++;
        if (!comes_first(&j->heap[child], &last))
            break;
        j->heap[i] = j->heap[child];
    }
    j->heap[i] = last;
    return best;
}

/* Offer to join two neighbours, if their whole is a piece. */
static void propose(joining *j, size_t left, size_t right)
{
    if (left == NOBODY || right == NOBODY)
        return;
    const symbol *s = j->symbols;
    size_t size = s[left].size + s[right].size;
    int32_t token = find(j->vocabulary, j->text + s[left].at, size);
    if (token >= 0)
        push(j, (offer){j->vocabulary->scores[token], left, right, size});
}

/* How many bytes the UTF-8 character at the beginning has; 1 for a byte that is none. */
static size_t character_size(const unsigned char *text, size_t length)
{
    size_t size = text[0] < 0x80 ? 1 : text[0] < 0xC2 ? 0 : text[0] < 0xE0 ? 2
                : text[0] < 0xF0 ? 3 : text[0] < 0xF5 ? 4 : 0;
    if (size < 2 || size > length)
        return 1;
    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 1;
    return size;
}

static void join(joining *j, size_t symbols)
{
    symbol *s = j->symbols;
    for (size_t i = 0; i + 1 < symbols; i++)
        propose(j, i, i + 1);
    while (j->count > 0) {
        offer best = pop(j);
        symbol *left = &s[best.left], *right = &s[best.right];
        /* Stale when one of the two is part of something else by now. */
        if (!left->size || !right->size || left->size + right->size != best.size)
            continue;
        left->size = best.size;
        right->size = 0;
        left->after = right->after;
        if (right->after != NOBODY)
            s[right->after].before = best.left;
        propose(j, left->before, best.left);
        propose(j, best.left, left->after);
    }
}

static size_t write_tokens(int32_t *tokens, const joining *j, size_t symbols)
{
    size_t count = 0;
    for (size_t i = 0; i < symbols; i++) {
        const symbol *s = &j->symbols[i];
        if (!s->size)
            continue;
        const char *text = j->text + s->at;
        int32_t token = find(j->vocabulary, text, s->size);
        if (token >= 0)
            tokens[count++] = token;
        for (size_t b = 0; token < 0 && b < s->size; b++)
            tokens[count++] = FIRST_BYTE + (unsigned char)text[b];
    }
    return count;
}

/* The text with U+2581, which stands for a space, as a space; its length. */
static size_t with_spaces(char *to, const char *text, size_t length)
{
    size_t size = 0;
    for (size_t i = 0; i < length; size++) {
        int space = length - i >= 3 && memcmp(text + i, "\xE2\x96\x81", 3) == 0;
        to[size] = space ? ' ' : text[i];
        i += space ? 3 : 1;
    }
    return size;
}

int llama_vocabulary_encode(int32_t *tokens, size_t *count, const llama_vocabulary *v,
                            const char *text, size_t length)
{
    *count = 0;
    if (length == 0)
        return L2C_OK;
    if (length > INT32_MAX)
        return L2C_BAD_SIZE;
    /* A symbol is offered once with each neighbour, and a joined one twice: three for each. */
    char *spaced = malloc(length);
    joining j = {v, spaced, malloc(length * sizeof(symbol)), malloc(3 * length * sizeof(offer)), 0};
    int status = spaced && j.symbols && j.heap ? L2C_OK : L2C_FULL;
    if (status == L2C_OK) {
        size_t symbols = 0, size = with_spaces(spaced, text, length);
        for (size_t at = 0; at < size; symbols++) {
            size_t bytes = character_size((const unsigned char *)spaced + at, size - at);
            j.symbols[symbols] = (symbol){at, bytes, symbols - 1, symbols + 1};
            at += bytes;
        }
        j.symbols[0].before = j.symbols[symbols - 1].after = NOBODY;
        join(&j, symbols);
        *count = write_tokens(tokens, &j, symbols);
    }
    free(spaced), free(j.symbols), free(j.heap);
    return status;
}
