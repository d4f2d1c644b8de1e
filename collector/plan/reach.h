/* SPDX-License-Identifier: MIT */
/* The functions and parts that a walk along jumps has come to: each once, in order. */
#ifndef TPPROBE_PLAN_REACH_H
#define TPPROBE_PLAN_REACH_H

#include <stdint.h>

/* Functions that jump to each other can be many (a compiler's); beyond it is not worth it. */
#define REACH_MAX 4096

struct reach {
	uint32_t frames[REACH_MAX], n;
	uint64_t filter[2 * REACH_MAX / 64]; /* what is not in it was not added */
};

enum reach_added { REACH_new, REACH_known, REACH_full };

static inline enum reach_added reach_add(struct reach *r, uint32_t frame)
{
	uint64_t *word = &r->filter[frame / 64 % (sizeof(r->filter) / sizeof(r->filter[0]))];
	uint64_t bit = UINT64_C(1) << (frame % 64);

	if (*word & bit)
		for (uint32_t i = 0; i < r->n; i++)
			if (r->frames[i] == frame)
				return REACH_known;
	if (r->n == REACH_MAX)
		return REACH_full;
	*word |= bit;
	r->frames[r->n++] = frame;
	return REACH_new;
}

#endif
