/* SPDX-License-Identifier: MIT */
/*
 * Counters of a task.
 */
#include "counters.h"

#include <errno.h>
#include <string.h>

static size_t size_of(unsigned values)
{
	return sizeof(struct counters) + values * sizeof(uint64_t);
}

/* Where the value of this bit is, or would be. */
static unsigned place_of(const struct counters *c, uint64_t bit)
{
	return (unsigned)__builtin_popcountll(c->mask & (bit - 1));
}

int counters_add(struct counters **c, struct pool *pool, unsigned id, uint64_t n)
{
	uint64_t bit = UINT64_C(1) << id;
	struct counters *old = *c, *more;
	unsigned values = old ? (unsigned)__builtin_popcountll(old->mask) : 0, at;

	if (!n)
		return 0;
	if (old && old->mask & bit) {
		old->value[place_of(old, bit)] += n;
		return 0;
	}
	more = pool_take(pool, size_of(values + 1));
	if (!more)
		return -ENOMEM;
	more->mask = (old ? old->mask : 0) | bit;
	at = place_of(more, bit);
	more->value[at] = n;
	if (old) {
		memcpy(more->value, old->value, at * sizeof(uint64_t));
		memcpy(more->value + at + 1, old->value + at, (values - at) * sizeof(uint64_t));
		pool_give(pool, old, size_of(values));
	}
	*c = more;
	return 0;
}

uint64_t counters_get(const struct counters *c, unsigned id)
{
	uint64_t bit = UINT64_C(1) << id;

	return c && c->mask & bit ? c->value[place_of(c, bit)] : 0;
}

void counters_all(const struct counters *c, uint64_t all[COUNTER_COUNT])
{
	unsigned at = 0;

	memset(all, 0, COUNTER_COUNT * sizeof(*all));
	for (uint64_t bits = c ? c->mask : 0; bits; bits &= bits - 1)
		all[__builtin_ctzll(bits)] = c->value[at++];
}
