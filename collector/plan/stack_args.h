/* SPDX-License-Identifier: MIT */
/*
 * How many words of arguments on the stack a function may read: the thunk's call
 * pushes a frame between them and it, so they have to be copied.
 *
 *	reads at known places        up to the last one
 *	address taken (va_start,
 *	a structure by value)        64: how far it reads is not known
 *	reads at an index            refused: an array in a structure by value may be larger
 *	                             (a structure of more words is refused by its
 *	                             declaration, where there is debug information)
 *	CFA not known                64
 *	jumps to other functions     as many as those read, as they get the same arguments
 *	jumps elsewhere              16: through a pointer, to another object, to code
 *	                             without unwind information
 *	no unwind information        as above as far as the code runs straight on; 64 if it
 *	                             uses the stack behind that
 *
 * Too many do no harm: the thunk copies no more than there is up to the end of the stack.
 */
#ifndef TPPROBE_PLAN_STACK_ARGS_H
#define TPPROBE_PLAN_STACK_ARGS_H

#include <stdint.h>

#include "body.h"
#include "object.h"

/* Of a function whose body is `b`, with all that it jumps to: even; above
 * PLAN_STACK_WORDS_MAX where it reads more. */
uint32_t stack_args(struct object *o, struct body *b);

#endif
