/* Files that lie, for the readers of llama2.c's files: every one is opened or refused, and under the
 * sanitizers not a byte is read or written where it must not be.
 *
 *     test_chat_all [FILES] [SEED]
 *
 * Sound files of all versions are made in memory, then changed where it hurts: header numbers, piece
 * lengths and scores become 0, -1, the largest and their neighbours, the end is cut off, bytes flip.
 */

#include "l2c.h"

#include "check.h"

#include <string.h>
#include <time.h>

enum { TOKENS = 3 + 256 + 12, DIM = 8, HIDDEN = 12, CONTEXT = 80, ROOM = 1 << 16 };

typedef struct {
    unsigned char bytes[ROOM];
    size_t size;
    size_t places[8 * TOKENS]; /* where four bytes are a number worth lying about */
    size_t place_count;
} file;

static const char *const PIECES[] = {" ",  "t",   "h",   "e", "th", "the", " the",
                                     "an", "<|system|>", "<|user|>", "<|assistant|>",
                                     "<|document|>"};
static char model_path[256], words_path[256];

static void put(file *f, const void *bytes, size_t size)
{
    CHECK(f->size + size <= ROOM, "the file is too large");
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

static void put_int(file *f, int32_t number)
{
    f->places[f->place_count++] = f->size;
    put(f, &number, sizeof number);
}

static void put_weights(file *f, size_t count, int version, int matrix)
{
    static unsigned seed = 3;
    const float scale = 0.01f;
    for (size_t i = 0; i < count; i++) {
        float weight = noise(&seed);
        signed char byte = (signed char)(100 * weight);
        if (version == 2 && matrix)
            put(f, &byte, 1);
        else
            put(f, &weight, sizeof weight);
    }
    for (size_t i = 0; version == 2 && matrix && i < count / 4; i++)
        put(f, &scale, sizeof scale);
}

static void make_model(file *f, int version, int tied)
{
    const int32_t numbers[] = {DIM, HIDDEN, 1, 2, 1, version || tied ? TOKENS : -TOKENS, CONTEXT};
    const size_t D = DIM, F = HIDDEN, kv = DIM / 2;
    const size_t old[] = {D, D * D, kv * D, kv * D, D * D, D, F * D, D * F, F * D};
    const size_t rest[] = {D * D, kv * D, kv * D, D * D, F * D, D * F, F * D};
    f->size = f->place_count = 0;
    if (version)
        put_int(f, 0x616B3432), put_int(f, version);
    for (int i = 0; i < 7; i++)
        put_int(f, numbers[i]);
    if (version) {
        put(f, &(char){(char)tied}, 1);
        if (version == 2)
            put_int(f, 4);
        memset(f->bytes + f->size, 0, 256 - f->size);
        f->size = 256;
        put_weights(f, 3 * D, version, 0);
        put_weights(f, TOKENS * D, version, 1);
        for (int i = 0; i < 7; i++)
            put_weights(f, rest[i], version, 1);
    } else {
        put_weights(f, TOKENS * D, 0, 1);
        for (int i = 0; i < 9; i++)
            put_weights(f, old[i], 0, 0);
        put_weights(f, D + CONTEXT * D / 2, 0, 0);
    }
    if (!tied)
        put_weights(f, TOKENS * D, version, 1);
}

static void make_words(file *f)
{
    f->size = f->place_count = 0;
    put_int(f, 16);
    for (int i = 0; i < TOKENS; i++) {
        const char *piece = i < 259 ? "<0x00>" : PIECES[i - 259];
        put_int(f, 0);
        put_int(f, (int32_t)strlen(piece));
        put(f, piece, strlen(piece));
    }
}

static unsigned chance(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static void lie(file *f, unsigned *seed)
{
    static const int32_t numbers[] = {0,          1,         -1,        2,  7,     256,
                                      0x7FFFFFFF, INT32_MIN, 0x10000,   31, 65536, 0x7F800000,
                                      0x7FC00000, 1 << 20,   1 << 18,   3,  16384, -TOKENS};
    unsigned kind = chance(seed, 10);
    if (kind == 0) {
        f->size = chance(seed, (unsigned)f->size);
    } else if (kind == 1) {
        f->bytes[chance(seed, (unsigned)f->size)] ^= (unsigned char)(1 << chance(seed, 8));
    } else {
        size_t at = f->places[chance(seed, (unsigned)f->place_count)];
        int32_t old, number = numbers[chance(seed, sizeof numbers / sizeof *numbers)];
        memcpy(&old, f->bytes + at, sizeof old);
        if (kind < 5)
            number = (int32_t)((uint32_t)old + chance(seed, 5) - 2u);
        memcpy(f->bytes + at, &number, sizeof number);
    }
}

static void write_file(const char *path, const file *f)
{
    FILE *stream = fopen(path, "wb");
    CHECK(stream != NULL, "%s cannot be written", path);
    CHECK(fwrite(f->bytes, 1, f->size, stream) == f->size, "%s", path);
    fclose(stream);
}

/* Talk with what was opened; whether it was. */
static int opens(void)
{
    l2c_chat *chat;
    int status = l2c_chat_open(&chat, model_path, words_path);
    CHECK((status == L2C_OK) == (chat != NULL), "a status and a chat that differ");
    if (status != L2C_OK)
        return 0;
    int32_t tokens[64], token;
    int stopped;
    size_t count, size;
    l2c_sampler greedy = {.top_p = 1, .repetition_penalty = 1};
    status = l2c_chat_encode(tokens, &count, chat, "the the\xE2\x96\x81\xFFthethe \xF0\x9F", 20);
    CHECK(status == L2C_OK && count > 0 && count <= 20, "encoding");
    for (int i = -1; i < TOKENS + 1; i++)
        l2c_chat_piece(&size, chat, i);
    l2c_chat_control(chat, "<|user|>");
    if (l2c_chat_read(chat, tokens, count) == L2C_OK)
        for (int i = 0; i < 3 && l2c_chat_write(&token, &stopped, chat, &greedy, 1) == L2C_OK; i++)
            CHECK(token >= 0 && (size_t)token < l2c_chat_vocab_size(chat), "a token");
    l2c_chat_close(chat);
    return 1;
}

int main(int argc, char **argv)
{
    static file sound, changed, words;
    long files = argc > 1 ? atol(argv[1]) : 12000, opened = 0;
    unsigned seed = argc > 2 ? (unsigned)atol(argv[2]) : 1;
    const char *folder = getenv("TMPDIR");
    /* The seed and the address keep two runs apart. */
    snprintf(model_path, sizeof model_path, "%s/l2c-%u-%p.bin", folder ? folder : "/tmp", seed,
             (void *)&files);
    snprintf(words_path, sizeof words_path, "%s/l2c-%u-%p.words", folder ? folder : "/tmp", seed,
             (void *)&files);
    make_words(&words);
    for (long i = 0; i < files; i++) {
        int version = (int)(i % 3), about_words = i % 4 == 3;
        make_model(&sound, version, (int)(i / 3 % 2));
        changed = about_words ? words : sound;
        /* The first of each are left as they are, and must be opened. */
        for (unsigned n = i < 12 ? 0 : 1 + chance(&seed, 3); n > 0 && changed.size > 0; n--)
            lie(&changed, &seed);
        write_file(model_path, about_words ? &sound : &changed);
        write_file(words_path, about_words ? &changed : &words);
        clock_t began = clock();
        int one = opens();
        CHECK(clock() - began < CLOCKS_PER_SEC, "file %ld took over a second", i);
        CHECK(one || i >= 12, "a sound file of version %d is refused", version);
        opened += one;
    }
    remove(model_path), remove(words_path);
    printf("%ld files, %ld opened\n", files, opened);
    CHECK(opened < files, "every file that lies was opened");
    return 0;
}
