/* SPDX-License-Identifier: MIT */
/*
 * Counters of a task: most of them are 0 for most tasks, so only the others are kept.
 *
 *	mask    bit = counter id (preload/counters.def)
 *	value   one for each bit of the mask, by rising id
 */
#ifndef TPPROBE_COUNTERS_H
#define TPPROBE_COUNTERS_H

#include <stdint.h>

#include "../pool.h"
#include "collector/segment.h"

struct counters {
	uint64_t mask;
	uint64_t value[];
};

/* Adds; *c is NULL at first and may move. 0 or -ENOMEM. */
int counters_add(struct counters **c, struct pool *pool, unsigned id, uint64_t n);
uint64_t counters_get(const struct counters *c, unsigned id); /* c may be NULL */
void counters_all(const struct counters *c, uint64_t all[COUNTER_COUNT]);

#endif
