/* SPDX-License-Identifier: MIT */
/*
 * Profiles: tasks of one name and kind, and how their metrics are distributed.
 * Memory is bounded by the number of names: the first GROUP_FEW tasks of a name
 * are kept as they are, more become one histogram per metric.
 */
#ifndef TPPROBE_STATISTICS_H
#define TPPROBE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../idmap.h"
#include "../metrics.h"
#include "histogram.h"

#define GROUP_FEW 8

struct distribution {
	uint64_t count; /* of the tasks that have a value; 0: the rest is not filled */
	double sum, mean, median, stdev, min, max, p95, p99; /* stdev NAN for one value */
};

struct group {
	char *name;
	const char *kind;
	uint64_t failed;
	uint64_t count;
	double self_seconds;		/* for whoever adds: of the tasks themselves */
	struct metrics *few;		/* of the first tasks, until there are more */
	struct histogram *distribution; /* then: one per metric */
	struct group *same_hash;
};

struct statistics {
	struct idmap by_name;
	struct group **group;
	size_t count, room;
};

/* Made when there is none; NULL: out of memory. */
struct group *statistics_get(struct statistics *s, const char *name, const char *kind);
int group_add(struct group *group, bool is_failed, const struct metrics *inclusive);
/* Both. 0 or -ENOMEM. */
int statistics_add(struct statistics *s, const char *name, const char *kind, bool is_failed,
		   const struct metrics *inclusive);
/* How one metric is distributed: *out is the group's own histogram, or `made` when
 * there are few tasks; the caller ends `made` by histogram_fini(). -ENOMEM or 0. */
int group_histogram(const struct group *group, enum metric metric, struct histogram *made,
		    const struct histogram **out);
/* What a histogram says. p95 and p99 by nearest rank, the median of an even count
 * is the mean of the middle two. */
void distribution_read(const struct histogram *h, struct distribution *out);
void statistics_fini(struct statistics *s);

#endif
