/* SPDX-License-Identifier: MIT */
/*
 * From stamps to seconds.
 */
#include "timeline.h"

#include <string.h>

/* Used when nothing better is known; timeline_is_known() says so. */
#define TICK_NS_GUESS 0.4

void timeline_init(struct timeline *t, bool is_raw, const struct clock_triple *base)
{
	t->count = 0;
	t->is_raw = is_raw;
	t->base_ticks = base->ticks;
	timeline_add(t, base);
}

void timeline_add(struct timeline *t, const struct clock_triple *triple)
{
	unsigned at = t->count;

	if (t->count == TIMELINE_TRIPLES_MAX) {
		for (unsigned i = 0; i < TIMELINE_TRIPLES_MAX / 2; i++)
			t->triple[i] = t->triple[2 * i];
		at = t->count = TIMELINE_TRIPLES_MAX / 2;
	}
	while (at > 0 && t->triple[at - 1].ticks >= triple->ticks)
		at--;
	if (at < t->count &&
	    (t->triple[at].ticks == triple->ticks || t->triple[at].raw_ns <= triple->raw_ns))
		return;
	if (at > 0 && t->triple[at - 1].raw_ns >= triple->raw_ns)
		return;
	memmove(&t->triple[at + 1], &t->triple[at], (t->count - at) * sizeof(*triple));
	t->triple[at] = *triple;
	t->count++;
}

bool timeline_is_known(const struct timeline *t)
{
	return t->is_raw || t->count >= 2;
}

double timeline_tick_ns(const struct timeline *t)
{
	const struct clock_triple *first = &t->triple[0], *last = &t->triple[t->count - 1];

	if (t->is_raw)
		return 1.0;
	if (t->count < 2)
		return TICK_NS_GUESS;
	return (double)(last->raw_ns - first->raw_ns) / (double)(last->ticks - first->ticks);
}

/* The last triple at or before these ticks; the first one when there is none. */
static unsigned triple_before(const struct timeline *t, uint64_t ticks)
{
	unsigned low = 0, high = t->count;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (t->triple[middle].ticks <= ticks)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Nanoseconds from triple `at` to these ticks. */
static double offset_ns(const struct timeline *t, unsigned at, uint64_t ticks)
{
	const struct clock_triple *a = &t->triple[at], *b = a + 1;
	double rate = timeline_tick_ns(t);

	if (!t->is_raw && at + 1 < t->count && ticks >= a->ticks)
		rate = (double)(b->raw_ns - a->raw_ns) / (double)(b->ticks - a->ticks);
	return (double)(int64_t)(ticks - a->ticks) * rate;
}

double timeline_seconds(const struct timeline *t, uint64_t stamp)
{
	uint64_t ticks = t->base_ticks + stamp;
	unsigned at = triple_before(t, ticks);
	double from_base = (double)(int64_t)(t->triple[at].raw_ns - t->triple[0].raw_ns);

	/* The base is the first triple as a rule; else count from it all the same. */
	return (from_base + offset_ns(t, at, ticks) - offset_ns(t, 0, t->base_ticks)) / 1e9;
}

uint64_t timeline_real_ns(const struct timeline *t, uint64_t stamp)
{
	uint64_t ticks = t->base_ticks + stamp;
	unsigned at = triple_before(t, ticks);

	return t->triple[at].real_ns + (uint64_t)(int64_t)offset_ns(t, at, ticks);
}
