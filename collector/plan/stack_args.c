/* SPDX-License-Identifier: MIT */
#include "stack_args.h"

#include <stdlib.h>

#include "object_parts.h"

/* Functions that jump to each other can be many (a compiler's); beyond it is not worth it. */
#define REACHED_MAX 4096

struct reach {
	uint32_t frames[REACHED_MAX], n;
	uint64_t seen[2 * REACHED_MAX / 64]; /* a filter: what is not in it was not seen */
	uint32_t words;
};

static void at_least(struct reach *r, uint32_t words)
{
	if (words > r->words)
		r->words = words;
}

static bool was_seen(struct reach *r, uint32_t frame)
{
	uint64_t *word = &r->seen[frame / 64 % (sizeof(r->seen) / sizeof(r->seen[0]))];
	uint64_t bit = UINT64_C(1) << (frame % 64);

	if (*word & bit)
		for (uint32_t i = 0; i < r->n; i++)
			if (r->frames[i] == frame)
				return true;
	*word |= bit;
	return false;
}

static void follow(struct reach *r, struct object *o, const struct body *b)
{
	at_least(r, b->use.words);
	for (uint32_t i = 0; i < b->exits_n && r->words < STACK_WORDS_UNKNOWN; i++) {
		int64_t frame = frames_find(&o->frames, b->exits[i].target);

		if (frame < 0)
			at_least(r, STACK_WORDS_ELSEWHERE);
		else if (was_seen(r, (uint32_t)frame))
			continue;
		else if (o->bodies && o->bodies[frame] && o->bodies[frame]->words >= 0)
			at_least(r, (uint32_t)o->bodies[frame]->words);
		else if (r->n < REACHED_MAX)
			r->frames[r->n++] = (uint32_t)frame;
		else
			at_least(r, STACK_WORDS_UNKNOWN);
	}
}

uint32_t stack_args(struct object *o, struct body *b)
{
	struct reach *r;
	uint32_t words;

	if (b->words >= 0)
		return (uint32_t)b->words;
	r = calloc(1, sizeof(*r));
	if (!r)
		return STACK_WORDS_UNKNOWN;
	follow(r, o, b);
	for (uint32_t i = 0; i < r->n && r->words < STACK_WORDS_UNKNOWN; i++) {
		const struct body *next = body_of_frame(o, r->frames[i]);

		if (next)
			follow(r, o, next);
		else
			at_least(r, STACK_WORDS_UNKNOWN);
	}
	words = (r->words + 1) & ~1u;
	b->words = (int16_t)(words < INT16_MAX ? words : INT16_MAX - 1);
	free(r);
	return (uint32_t)b->words;
}
