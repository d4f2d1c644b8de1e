/* SPDX-License-Identifier: MIT */
#include "function.h"

#include <string.h>

#include "body.h"
#include "circle.h"
#include "object_parts.h"
#include "relocate.h"
#include "stack_args.h"

#define BODIES_MAX (UINT64_C(256) << 20) /* bytes of code that are read beside the frames */

static bool begins_with_endbr64(const struct object_bytes code)
{
	return code.bytes >= 4 && !memcmp(code.at, "\xf3\x0f\x1e\xfa", 4);
}

/* Where a function without unwind information and without a size ends: at the next one. */
static uint64_t guess_end(const struct object *o, uint64_t address, uint64_t bytes)
{
	uint64_t next = object_next_begin(o, address + 1);

	if (bytes > BODY_MAX_BARE)
		bytes = BODY_MAX_BARE;
	return next - address < bytes ? next : address + bytes;
}

/* Such a body is read again each time: a file whose symbols overlap must not cost hours. */
static bool may_read(struct object *o, uint64_t bytes)
{
	if (bytes > BODIES_MAX - o->bodies_bytes)
		return false;
	o->bodies_bytes += bytes;
	return true;
}

/* The body of the function at `address`: the object's own where one frame is one function, else
 * `own`, which the caller ends. */
static struct body *find_body(struct object *o, uint64_t address, uint64_t size, struct body *own)
{
	int64_t frame = frames_find(&o->frames, address);
	const struct frame_entry *e = frame < 0 ? NULL : &o->frames.entries[frame];
	uint64_t begin = e ? e->begin : address, end;

	if (size > UINT64_MAX - address)
		size = UINT64_MAX - address;
	if (e && e->begin == address && size <= e->end - e->begin)
		return body_of_frame(o, (uint32_t)frame);
	end = size ? address + size : guess_end(o, address, object_code(o, address).bytes);
	if (e && e->end > end)
		end = e->end;
	if (!may_read(o, end - begin)) {
		own->is_too_large = true;
		return own;
	}
	return body_read(o, begin, end, frame, address, own) ? NULL : own;
}

static uint64_t bits(uint64_t from, uint64_t to)
{
	return ((UINT64_C(1) << to) - 1) & ~((UINT64_C(1) << from) - 1);
}

/* Code that the function jumps to, and what is its own though it lies elsewhere. */
static enum refusal check_exits(struct object *o, const struct body *b, uint64_t entry)
{
	for (uint32_t i = 0; i < b->exits_n; i++) {
		int64_t frame = frames_find(&o->frames, b->exits[i].target);
		const struct body *part = frame < 0 ? NULL : body_of_frame(o, (uint32_t)frame);

		if (!part)
			continue;
		if (b->exits[i].is_part && part->use.reads_return)
			return REFUSAL_reads_return;
		for (uint32_t k = 0; k < part->exits_n; k++)
			if (part->exits[k].target > entry &&
			    part->exits[k].target < entry + PLAN_PATCH_BYTES)
				return REFUSAL_jumped_into;
	}
	return REFUSAL_none;
}

static enum refusal check_body(struct object *o, const struct body *b, uint64_t address,
			       uint64_t entry)
{
	uint64_t skip = entry - address;

	if (b->is_too_large)
		return REFUSAL_too_large;
	if (b->is_bad)
		return REFUSAL_bad_code;
	if (!b->begins_at_near || !b->is_entry_at_near)
		return REFUSAL_not_function;
	if ((b->near_jumps | b->near_calls) & bits(skip + 1, skip + PLAN_PATCH_BYTES))
		return REFUSAL_jumped_into;
	if (b->near_jumps & bits(0, skip + 1))
		return REFUSAL_loops_to_entry;
	if (b->use.reads_return)
		return REFUSAL_reads_return;
	if (b->use.pops_caller)
		return REFUSAL_pops_caller;
	if (jumps_in_circle(o, b, address, entry))
		return REFUSAL_circle;
	return check_exits(o, b, entry);
}

enum refusal function_plan(struct object *o, uint64_t address, uint64_t size,
			   struct function_code *out)
{
	struct object_bytes code = object_code(o, address);
	uint64_t entry = address + (begins_with_endbr64(code) ? 4 : 0);
	struct body own = { 0 }, *b;
	enum refusal why;
	uint32_t words;

	*out = (struct function_code){ 0 };
	if (!code.bytes)
		return REFUSAL_not_code;
	if (object_is_go(o, address))
		return REFUSAL_go;
	b = find_body(o, address, size, &own);
	if (!b)
		return REFUSAL_no_memory;
	why = check_body(o, b, address, entry);
	if (!why && object_next_begin(o, entry + 1) < entry + PLAN_PATCH_BYTES)
		why = REFUSAL_shares_bytes;
	if (!why)
		why = relocate(o, entry, out);
	if (!why) {
		words = stack_args(o, b);
		if (words > PLAN_STACK_WORDS_MAX) {
			why = REFUSAL_many_arguments;
			words = PLAN_STACK_WORDS_MAX;
		}
		out->stack_words = (uint8_t)words;
		out->by_address = b->use.takes_address && !b->use.is_variadic;
	}
	body_fini(&own);
	return why;
}
