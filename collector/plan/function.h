/* SPDX-License-Identifier: MIT */
/*
 * Turns a function into a row of a patch plan, or says why not.
 *
 * The first instructions that cover 5 bytes are replaced by a jump; relocated they
 * become the trampoline. That is right only if nothing else reaches those bytes,
 * if they do the same elsewhere, and if the function does not care that its caller
 * is now the thunk: all of it is checked here, on the whole body.
 */
#ifndef TPPROBE_PLAN_FUNCTION_H
#define TPPROBE_PLAN_FUNCTION_H

#include <stdint.h>

#include "../../preload/plan.h"
#include "object.h"

enum refusal {
	REFUSAL_none = 0,
#define REFUSAL(id, text) REFUSAL_##id,
#include "refusals.def"
#undef REFUSAL
	REFUSALS
};

/* "" for REFUSAL_none and what is not one. */
const char *refusal_text(enum refusal r);

#define FUNCTION_CODE_MAX 96
#define FUNCTION_FIXUPS_MAX 8

struct function_code {
	uint64_t entry; /* behind an endbr64 */
	uint8_t original_bytes;
	uint8_t original[PLAN_ORIGINAL_MAX];
	/* Of arguments on the stack that it, or what it jumps to, may read; even, 0 … 64. */
	uint8_t stack_words;
	/* It takes the address of arguments on the stack and is not variadic: a structure by
	 * value, whose size the code does not tell. */
	bool by_address;
	uint8_t code_bytes, fixups;
	uint8_t code[FUNCTION_CODE_MAX];
	struct plan_fixup fixup[FUNCTION_FIXUPS_MAX];
};

/*
 * `size` as the symbol tells it, 0 if it does not. Symbols of the object should be known
 * before (object_set_entries). What is learned about the object's code is kept in it.
 *
 * With REFUSAL_many_arguments `out` is complete all the same, for who knows that it takes fewer.
 */
enum refusal function_plan(struct object *o, uint64_t address, uint64_t size,
			   struct function_code *out);

/* By the name of a symbol (mangled, without version): why it must not be patched; NULL: it may. */
const char *function_never(const char *symbol);
/* The same by the soname or file name of an object. */
const char *function_never_object(const char *name);

#endif
