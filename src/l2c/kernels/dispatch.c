/* dispatch.c: what the library says about itself, and which instruction set it uses. */

#include "isa.h"

#include <string.h>

/* The library's only state: written once when it is loaded, afterwards by tests alone. */
static int chosen, vnni;

#ifdef L2C_X86_SETS
static const char *const names[] = {"baseline", "avx2", "avx512"};
#else
static const char *const names[] = {"baseline"};
#endif
enum { SETS = sizeof names / sizeof *names };

static int machine_has(int isa)
{
#ifdef L2C_X86_SETS
    __builtin_cpu_init();
    if (isa == 1)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (isa == 2)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
               && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
    return isa == 0;
}

__attribute__((constructor)) static void choose_widest(void)
{
    for (int isa = 0; isa < SETS; isa++)
        if (machine_has(isa))
            chosen = isa;
#ifdef L2C_X86_SETS
    vnni = __builtin_cpu_supports("avx512vnni") != 0;
#endif
}

int l2c_has_vnni(void) { return vnni; }

int l2c_isa(void) { return chosen; }

const char *l2c_instruction_set(void) { return names[chosen]; }

int l2c_use_instruction_set(const char *name)
{
    for (int isa = 0; isa < SETS; isa++)
        if (strcmp(names[isa], name) == 0 && machine_has(isa)) {
            chosen = isa;
            return L2C_OK;
        }
    return L2C_NO_SUCH_SET;
}

int l2c_reproducible(void)
{
#ifdef __aarch64__
    return 1;
#else
    return chosen > 0;
#endif
}

int l2c_abi_version(void) { return L2C_ABI_VERSION; }

const char *l2c_status_text(int status)
{
    switch (status) {
    case L2C_OK:
        return "no error";
    case L2C_BAD_SIZE:
        return "a size is zero, too large, or beyond the workspace";
    case L2C_BAD_TOKEN:
        return "a token is outside the vocabulary";
    case L2C_BAD_OPTION:
        return "an option is out of range, or every token is banned";
    case L2C_NOT_FINITE:
        return "a loss, a gradient or a logit is not finite";
    case L2C_NO_SUCH_SET:
        return "this machine or this build lacks that instruction set";
    case L2C_NOT_COUNTED:
        return "something to be removed was never added";
    case L2C_NO_FILE:
        return "a file cannot be read";
    case L2C_BAD_FILE:
        return "a file is cut short, or is not what it says";
    case L2C_FULL:
        return "the memory given has no room left";
    default:
        return "unknown status";
    }
}
