/* l2c_chat.h: a Llama in llama2.c's files that reads and writes text; l2c.h includes it.
 *
 * Unlike the kernels these functions own memory, from l2c_chat_open to l2c_chat_close. Files are
 * read as if a stranger wrote them: no number in one is used before it is checked, and nothing is
 * allocated that the file is not long enough for. A chat is one stream; two at once need two.
 */
#ifndef L2C_CHAT_INTERFACE_H
#define L2C_CHAT_INTERFACE_H

#include "l2c.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* Tokens of llama2.c's vocabularies: these, the 256 bytes, pieces, control tokens of L2C. */
enum { L2C_CHAT_BEGIN = 1, L2C_CHAT_END = 2 };

enum {
    L2C_NO_FILE = -8, /* a file cannot be read */
    L2C_BAD_FILE = -9 /* a file is cut short, or is not what it says */
};

typedef struct l2c_chat l2c_chat;

/* Open a model, version 0, 1 or 2, and its vocabulary. L2C_NO_FILE: one cannot be read;
 * L2C_BAD_FILE: one is cut short, lies about itself or holds a number that is none; L2C_FULL: there
 * is not enough memory. `chat` is NULL then. */
int l2c_chat_open(l2c_chat **chat, const char *model, const char *tokenizer);
void l2c_chat_close(l2c_chat *chat); /* NULL is nothing to close */

size_t l2c_chat_vocab_size(const l2c_chat *chat);
/* How many tokens the stream holds: the model's context, at most 8192. */
size_t l2c_chat_context(const l2c_chat *chat);

/* The tokens of a text of `length` bytes. Spaces are pieces like others; a byte that is no UTF-8
 * is written as it is. L2C_FULL: there is not enough memory. */
int l2c_chat_encode(int32_t *tokens, /* [length] */
                    size_t *count,   /* [1] */
                    const l2c_chat *chat, const char *text, size_t length);

/* The bytes a token stands for, and how many; NULL for no token. Control tokens of L2C stand for
 * their names, <|user|>: show none of them. */
const char *l2c_chat_piece(size_t *size, const l2c_chat *chat, int32_t token);

/* The control token of this name, <|system|>, <|user|> or <|assistant|>; -1 where the vocabulary
 * has none. */
int32_t l2c_chat_control(const l2c_chat *chat, const char *name);

/* Read T >= 0 tokens. L2C_FULL: the stream holds no more. */
int l2c_chat_read(l2c_chat *chat, const int32_t *tokens, /* [T] */ size_t time);

/* Write one token and read it; `stopped` is 1 when it was a stop token, which is no text. */
int l2c_chat_write(int32_t *token, /* [1] */
                   int *stopped,   /* [1] */
                   l2c_chat *chat, const l2c_sampler *sampler, uint64_t seed);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
