/* vocabulary.h: llama2.c's vocabulary in memory: pieces in a table, found by their bytes. */
#ifndef L2C_VOCABULARY_H
#define L2C_VOCABULARY_H

#include "l2c.h"

#include <stdio.h>

enum { FIRST_BYTE = 3, FIRST_PIECE = FIRST_BYTE + 256, CONTROLS = 5, LONGEST_PIECE = 1024 };

typedef struct {
    size_t size;         /* V tokens */
    size_t pieces_end;   /* tokens from here on are control tokens of L2C */
    float *scores;       /* [V] */
    uint32_t *at;        /* [V + 1] where each piece begins in `text` */
    char *text;          /* all pieces, one after the other */
    int32_t *table;      /* [table_size] tokens by their bytes, -1 where there is none */
    size_t table_size;   /* a power of two */
    char byte_text[256]; /* the byte that each byte token stands for */
} llama_vocabulary;

/* What the file holds, `size` tokens and not a byte more. */
int llama_vocabulary_open(llama_vocabulary *vocabulary, FILE *file, size_t size);
void llama_vocabulary_close(llama_vocabulary *vocabulary);
int llama_vocabulary_encode(int32_t *tokens, size_t *count, const llama_vocabulary *vocabulary,
                            const char *text, size_t length);

/* How many bytes an open file has; -1 when that cannot be known. */
int64_t llama_file_size(FILE *file);

#endif
