/* SPDX-License-Identifier: MIT */
/*
 * A row of metrics: one double per row of metrics.def, NAN for null. A double
 * holds every count up to 2^53 exactly.
 */
#ifndef TPPROBE_METRICS_H
#define TPPROBE_METRICS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum metric {
#define METRIC(name, unit, combine, type, state, meaning, source) METRIC_##name,
#include "metrics.def"
#undef METRIC
	METRICS
};

enum metric_unit { UNIT_s, UNIT_count, UNIT_B, UNIT_MiB, UNIT_ratio, UNIT_none };
enum metric_combine { COMBINE_SUM, COMBINE_MAX, COMBINE_OWN, COMBINE_TREE, COMBINE_DERIVED };
enum metric_type { TYPE_INT, TYPE_REAL };
enum metric_state { STATE_BUILT, STATE_LATER };

struct metric_info {
	const char *name;
	enum metric_unit unit;
	enum metric_combine combine;
	enum metric_type type;
	enum metric_state state;
	const char *meaning, *source;
};
extern const struct metric_info metric_info[METRICS];

struct metrics {
	double value[METRICS];
};

/* A metric as an integer; what is beyond 64 bits becomes the largest. */
static inline int64_t metric_int(double value)
{
	return value >= 9.2e18 ? INT64_MAX : value <= -9.2e18 ? INT64_MIN : (int64_t)value;
}

/* All null. */
void metrics_clear(struct metrics *m);
/* Adds what is additive and keeps the largest of what is MAX; null + x = x. */
void metrics_add(struct metrics *sum, const struct metrics *m);
/* Fills the DERIVED ones of this row from the others. */
void metrics_derive(struct metrics *m);

#endif
