/* sampling.c: the door of the sampler, where arguments are checked. */

#include "sampling.h"

#include "isa.h"

ISA_TABLE(choose_token_function, choose_token);

static int all_within(const int32_t *tokens, size_t count, size_t vocab_size)
{
    for (size_t i = 0; i < count; i++)
        if (tokens[i] < 0 || (size_t)tokens[i] >= vocab_size)
            return 0;
    return 1;
}

/* Every token is banned when no token is missing among the banned ones. */
static int all_banned(const l2c_sampler *s, size_t vocab_size)
{
    for (size_t token = 0; token < vocab_size; token++) {
        size_t i = 0;
        while (i < s->banned_count && (size_t)s->banned[i] != token)
            i++;
        if (i == s->banned_count)
            return 0;
    }
    return 1;
}

int sampler_status(const l2c_sampler *s, size_t vocab_size)
{
    /* Written so that NaN fails. */
    int within = s->temperature >= 0 && s->temperature <= 100 && s->top_p > 0 && s->top_p <= 1
                 && s->repetition_penalty >= 0.01f && s->repetition_penalty <= 100
                 && s->top_k >= 0 && s->min_p >= 0 && s->min_p <= 1;
    if (!within)
        return L2C_BAD_OPTION;
    if (!all_within(s->banned, s->banned_count, vocab_size)
        || !all_within(s->stop, s->stop_count, vocab_size))
        return L2C_BAD_TOKEN;
    return all_banned(s, vocab_size) ? L2C_BAD_OPTION : L2C_OK;
}

size_t l2c_sample_workspace(size_t vocab_size) { return sample_floats(vocab_size); }

int l2c_sample(int32_t *token, const float *logits, const int32_t *recent,
               const l2c_sampler *sampler, uint64_t seed, uint64_t position, size_t vocab_size,
               float *workspace, size_t workspace_size)
{
    if (vocab_size < 1 || vocab_size > INT32_MAX
        || workspace_size < l2c_sample_workspace(vocab_size))
        return L2C_BAD_SIZE;
    int status = sampler_status(sampler, vocab_size);
    if (status != L2C_OK)
        return status;
    return choose_token[l2c_isa()](token, logits, recent, sampler, seed, position, vocab_size,
                                   workspace);
}
