/* SPDX-License-Identifier: MIT */
/*
 * A stretch of code, read once from its beginning to its end: where it jumps to and what
 * it does with its caller's stack.
 */
#ifndef TPPROBE_PLAN_BODY_H
#define TPPROBE_PLAN_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "object.h"
#include "stack_walk.h"

#define BODY_NEAR 64			   /* bytes whose targets are kept */
#define BODY_MAX (UINT64_C(4) << 20)	   /* bytes that are read */
#define BODY_MAX_BARE (UINT64_C(64) << 10) /* without unwind information */

struct body_exit { /* a jump to elsewhere in the object */
	uint64_t target;
	bool is_part; /* it keeps its frame: what is there belongs to it (.cold) */
};

struct body {
	uint64_t begin, end;
	uint64_t near;	     /* the function's address */
	uint64_t near_jumps; /* bit i: near + i is jumped to from inside */
	uint64_t near_calls;
	bool is_bad, is_too_large;
	bool begins_at_near;   /* an instruction does */
	bool is_entry_at_near; /* and nothing but the return address lies on the stack there */
	struct stack_use use;
	struct body_exit *exits;
	uint32_t exits_n, exits_room;
	int16_t words; /* of its exits too; -1: not known yet */
};

/* `frame`: index of the range that unwind information describes, -1 if there is none. */
int body_read(struct object *o, uint64_t begin, uint64_t end, int64_t frame, uint64_t near,
	      struct body *out);
void body_fini(struct body *b);

/* That of a whole frame, read when first asked for and kept with the object; NULL: no memory. */
struct body *body_of_frame(struct object *o, uint32_t frame);
void body_forget(struct object *o);

#endif
