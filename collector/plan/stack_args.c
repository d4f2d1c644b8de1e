/* SPDX-License-Identifier: MIT */
#include "stack_args.h"

#include <stdlib.h>

#include "object_parts.h"
#include "reach.h"

static void at_least(uint32_t *words, uint32_t n)
{
	if (n > *words)
		*words = n;
}

static void follow(struct reach *r, struct object *o, const struct body *b, uint32_t *words)
{
	at_least(words, b->use.words);
	for (uint32_t i = 0; i < b->exits_n && *words < STACK_WORDS_UNKNOWN; i++) {
		int64_t frame = frames_find(&o->frames, b->exits[i].target);

		if (frame < 0)
			at_least(words, STACK_WORDS_ELSEWHERE);
		else if (o->bodies && o->bodies[frame] && o->bodies[frame]->words >= 0)
			at_least(words, (uint32_t)o->bodies[frame]->words);
		else if (reach_add(r, (uint32_t)frame) == REACH_full)
			at_least(words, STACK_WORDS_UNKNOWN);
	}
}

uint32_t stack_args(struct object *o, struct body *b)
{
	struct reach *r;
	uint32_t words = 0;

	if (b->words >= 0)
		return (uint32_t)b->words;
	r = calloc(1, sizeof(*r));
	if (!r)
		return STACK_WORDS_UNKNOWN;
	follow(r, o, b, &words);
	for (uint32_t i = 0; i < r->n && words < STACK_WORDS_UNKNOWN; i++) {
		const struct body *next = body_of_frame(o, r->frames[i]);

		if (next)
			follow(r, o, next, &words);
		else
			at_least(&words, STACK_WORDS_UNKNOWN);
	}
	words = (words + 1) & ~1u;
	b->words = (int16_t)(words < INT16_MAX ? words : INT16_MAX - 1);
	free(r);
	return (uint32_t)b->words;
}
