/* SPDX-License-Identifier: MIT */
/*
 * Follows a function's instructions and finds what they do above the frame: arguments
 * on the stack that are read, the return address.
 *
 *	CFA + 8	   second word of arguments
 *	CFA	   first word of arguments
 *	CFA - 8	   return address
 *	…	   the function's own frame
 *
 * Where the CFA is comes from the unwind information; where rsp and rbp point is
 * followed beside it, as far as the code runs straight on.
 */
#ifndef TPPROBE_PLAN_STACK_WALK_H
#define TPPROBE_PLAN_STACK_WALK_H

#include <Zydis/Zydis.h>

#include "../../preload/plan.h"
#include "frames.h"

/* What cannot be known is taken as this many: the thunk copies no more than there is. */
#define STACK_WORDS_UNKNOWN PLAN_STACK_WORDS_MAX
/* An array in a structure by value, or words counted by a register: it has not been met in
 * libraries, and a function that got less than it reads would compute something else. */
#define STACK_WORDS_ARRAY (PLAN_STACK_WORDS_MAX + 1)
/* What is jumped to through a pointer or in another object was given its arguments by this
 * function's caller: so many more than registers hold have not been met. */
#define STACK_WORDS_ELSEWHERE 16

struct stack_place {
	enum { PLACE_unknown = 0, PLACE_known, PLACE_elsewhere } kind;
	int64_t at; /* less the CFA */
};

struct stack_use {
	uint32_t words; /* that are read, or might be */
	bool reads_return, pops_caller;
	bool takes_address; /* of its arguments on the stack */
	bool is_variadic;   /* it looks at al, as functions with va_start do */
};

struct stack_walk {
	struct frame_walk frame;
	uint64_t frame_end;
	bool has_frame;
	struct frame_cfa cfa;
	struct stack_place rsp, rbp;
};

/* `frame`: of the unwind information, -1 if there is none. */
void stack_walk_begin(struct stack_walk *w, const struct frames *f, int64_t frame);
/* To the instruction at `address`, before it runs. */
void stack_walk_to(struct stack_walk *w, uint64_t address, struct stack_use *use);
/* Over it. */
void stack_walk_over(struct stack_walk *w, const ZydisDecodedInstruction *i,
		     const ZydisDecodedOperand *operands, struct stack_use *use);
/* Whether nothing but the return address lies on the stack, as at the beginning. */
bool stack_walk_is_at_entry(const struct stack_walk *w);

#endif
