/* SPDX-License-Identifier: MIT */
#include "circle.h"

#include <stdlib.h>

#include "object_parts.h"
#include "reach.h"

static bool leads_to(struct reach *r, const struct object *o, const struct body *b, uint64_t low,
		     uint64_t high)
{
	for (uint32_t i = 0; i < b->exits_n; i++) {
		int64_t frame = frames_find(&o->frames, b->exits[i].target);

		if (b->exits[i].target >= low && b->exits[i].target <= high)
			return true;
		if (frame >= 0)
			reach_add(r, (uint32_t)frame);
	}
	return false;
}

bool jumps_in_circle(struct object *o, const struct body *b, uint64_t low, uint64_t high)
{
	struct reach *r;
	bool does;

	if (!b->exits_n)
		return false;
	r = calloc(1, sizeof(*r));
	if (!r)
		return true;
	does = leads_to(r, o, b, low, high);
	for (uint32_t i = 0; i < r->n && !does; i++) {
		const struct body *next = body_of_frame(o, r->frames[i]);

		does = !next || leads_to(r, o, next, low, high);
	}
	free(r);
	return does;
}
