/* isa.h: one source, several instruction sets, one choice when the library is loaded.
 *
 * A file named *.simd.c is compiled once per instruction set, with L2C_ISA as its name, and calls
 * its exported function ISA_NAME(f): f_baseline, f_avx2, f_avx512. Elsewhere ISA_TABLE(type, f)
 * makes a table of them called f, indexed by l2c_isa().
 */
#ifndef L2C_ISA_H
#define L2C_ISA_H

#include "l2c.h"

#ifdef L2C_ISA
#define ISA_PASTE_(name, isa) name##_##isa
#define ISA_PASTE(name, isa) ISA_PASTE_(name, isa)
#define ISA_NAME(name) ISA_PASTE(name, L2C_ISA)
#endif

#ifdef L2C_X86_SETS
#define ISA_TABLE(type, name) \
    type name##_baseline, name##_avx2, name##_avx512; \
    static type *const name[] = {name##_baseline, name##_avx2, name##_avx512}
#else
#define ISA_TABLE(type, name) \
    type name##_baseline; \
    static type *const name[] = {name##_baseline}
#endif

/* The index of the instruction set in use. */
int l2c_isa(void);

/* 1 where the machine multiplies bytes and adds them up in one instruction (AVX-512 VNNI). */
int l2c_has_vnni(void);

#endif
