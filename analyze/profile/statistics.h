/* SPDX-License-Identifier: MIT */
/*
 * Profiles: tasks of one name and kind, and how their metrics are distributed.
 * Exact for now: all values of a run's tasks are kept until the end.
 */
#ifndef TPPROBE_STATISTICS_H
#define TPPROBE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../idmap.h"
#include "../metrics.h"

struct distribution {
	size_t count; /* of the tasks that have a value; 0: the rest is not filled */
	double sum, mean, median, stdev, min, max, p95, p99; /* stdev NAN for one value */
};

struct group {
	char *name;
	const char *kind;
	uint64_t failed;
	struct metrics *tasks;
	size_t count, room;
	struct group *same_hash;
};

struct statistics {
	struct idmap by_name;
	struct group **group;
	size_t count, room;
};

int statistics_add(struct statistics *s, const char *name, const char *kind, bool is_failed,
		   const struct metrics *inclusive);
/* -ENOMEM or 0. Median of an even count: mean of the middle two; p95, p99 by
 * nearest rank. */
int group_distribution(const struct group *group, enum metric metric, struct distribution *out);
void statistics_fini(struct statistics *s);

#endif
