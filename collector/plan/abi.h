/* SPDX-License-Identifier: MIT */
/*
 * How values are passed by the System V ABI of x86-64, section 3.2.3, from their types in
 * the debug information.
 */
#ifndef TPPROBE_PLAN_ABI_H
#define TPPROBE_PLAN_ABI_H

#include <elfutils/libdw.h>
#include <stdbool.h>

#include "../../preload/plan.h"

enum abi_class { ABI_none, ABI_integer, ABI_sse, ABI_memory };

struct abi_value {
	enum abi_class part[2]; /* of its first and second eight bytes; ABI_memory: in part[0] */
	uint64_t bytes;
	bool is_aligned_16;  /* on the stack */
	bool is_one_vector;  /* part[0] ABI_sse, however large */
	enum plan_type type; /* of a number or a pointer; PLAN_auto: it is none */
	bool is_reference;   /* by the address of a copy, which is hidden */
};

/* False: its type cannot be understood. */
bool abi_classify(Dwarf_Die *type, struct abi_value *out);

/* Where the next argument goes. */
struct abi_position {
	unsigned integers, vectors; /* registers taken */
	unsigned stack_words;
};

struct abi_place {
	enum plan_source source; /* of its first eight bytes; 0: it has none */
	unsigned index;
};

struct abi_place abi_next(struct abi_position *p, const struct abi_value *value);

#endif
