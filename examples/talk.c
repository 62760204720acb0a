/* talk.c: a chat in a terminal with a model that `l2c models export NAME m.bin --format llama2c`
 * wrote. Build: make lib; cc -Idist/libl2c/include examples/talk.c -Ldist/libl2c/lib -ll2c -o talk
 */
#include <stdio.h>
#include <string.h>

#include "l2c.h"

enum { LINE = 4096 };

/* Read a control token, text, and a control token; -1 leaves one out. */
static int turn(l2c_chat *chat, int32_t before, const char *text, int32_t after)
{
    int32_t tokens[LINE + 2];
    size_t count = 0, first = before >= 0;
    tokens[0] = before;
    int status = l2c_chat_encode(tokens + first, &count, chat, text, strlen(text));
    count += first;
    if (after >= 0)
        tokens[count++] = after;
    return status == L2C_OK ? l2c_chat_read(chat, tokens, count) : status;
}

int main(int argc, char **argv)
{
    l2c_chat *chat;
    char line[LINE];
    int status = argc == 3 ? l2c_chat_open(&chat, argv[1], argv[2]) : L2C_NO_FILE;
    if (status != L2C_OK) {
        fprintf(stderr, "usage: talk m.bin m.tokenizer.bin: %s\n", l2c_status_text(status));
        return 1;
    }
    /* A model of L2C knows turns; any other goes on with the text. */
    int32_t user = l2c_chat_control(chat, "<|user|>"), le = l2c_chat_control(chat, "<|assistant|>");
    const int32_t stop[] = {L2C_CHAT_END, L2C_CHAT_BEGIN};
    l2c_sampler sampler = {.temperature = 0, .top_p = 1, .repetition_penalty = 1,
                           .stop = stop, .stop_count = 2};
    status = turn(chat, L2C_CHAT_BEGIN, "", -1);
    while (status == L2C_OK && fgets(line, LINE, stdin)) {
        line[strcspn(line, "\n")] = 0;
        status = turn(chat, user, line, user >= 0 ? L2C_CHAT_END : -1);
        if (status == L2C_OK && le >= 0)
            status = turn(chat, le, "", -1);
        for (int stopped = 0, n = 0; status == L2C_OK && n < 100; n++) {
            int32_t token;
            size_t size;
            status = l2c_chat_write(&token, &stopped, chat, &sampler, 1);
            if (status != L2C_OK || stopped)
                break;
            const char *piece = l2c_chat_piece(&size, chat, token);
            fwrite(piece, 1, size, stdout);
        }
        putchar('\n');
    }
    l2c_chat_close(chat);
    return status == L2C_OK ? 0 : 1;
}
