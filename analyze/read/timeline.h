/* SPDX-License-Identifier: MIT */
/*
 * From stamps (ticks since the session's base) to seconds, by triples of clocks
 * that were read together: piecewise linear between two of them, the overall
 * rate outside. The number of triples kept is bounded; a long trace keeps every
 * second, fourth … of them.
 */
#ifndef TPPROBE_TIMELINE_H
#define TPPROBE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#define TIMELINE_TRIPLES_MAX 4096

struct clock_triple {
	uint64_t ticks; /* absolute, not less the base */
	uint64_t raw_ns, real_ns;
};

struct timeline {
	struct clock_triple triple[TIMELINE_TRIPLES_MAX];
	unsigned count;
	uint64_t base_ticks;
	bool is_raw; /* ticks are nanoseconds */
};

void timeline_init(struct timeline *t, bool is_raw, const struct clock_triple *base);
/* Keeps the triples in order; ignores one that goes backwards or was there. */
void timeline_add(struct timeline *t, const struct clock_triple *triple);
/* False when fewer than two triples are known and the ticks are not nanoseconds:
 * lengths are then guesses. */
bool timeline_is_known(const struct timeline *t);
/* Nanoseconds of one tick, over all that is known. */
double timeline_tick_ns(const struct timeline *t);
/* Seconds between the base and this stamp, which may be negative. */
double timeline_seconds(const struct timeline *t, uint64_t stamp);
/* Wall-clock time of a stamp, nanoseconds since 1970. */
uint64_t timeline_real_ns(const struct timeline *t, uint64_t stamp);

#endif
