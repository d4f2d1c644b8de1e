/* SPDX-License-Identifier: MIT */
/*
 * Rows of metrics: how they add up.
 */
#include "metrics.h"

const struct metric_info metric_info[METRICS] = {
#define METRIC(name, unit, combine, type, state, meaning, source)                                  \
	[METRIC_##name] = { #name,   UNIT_##unit, COMBINE_##combine, TYPE_##type, STATE_##state,   \
			    meaning, source },
#include "metrics.def"
#undef METRIC
};

void metrics_clear(struct metrics *m)
{
	for (int i = 0; i < METRICS; i++)
		m->value[i] = NAN;
}

void metrics_add(struct metrics *sum, const struct metrics *m)
{
	for (int i = 0; i < METRICS; i++) {
		double *into = &sum->value[i], x = m->value[i];

		if (isnan(x))
			continue;
		if (metric_info[i].combine == COMBINE_SUM)
			*into = isnan(*into) ? x : *into + x;
		else if (metric_info[i].combine == COMBINE_MAX && !(*into > x))
			*into = x;
	}
}

/* NAN unless both are known and the division makes sense. */
static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : NAN;
}

void metrics_derive(struct metrics *m)
{
	double *v = m->value;
	double user = v[METRIC_cpu_user_seconds], system = v[METRIC_cpu_system_seconds];
	double runtime = v[METRIC_runtime_seconds];
	double cores = v[METRIC_cpu_cores];
	double room = runtime * cores;

	/* CPU time begins with the exec, runtime with our first stamp: of a short
	 * program the dynamic loader may have used more than the cores have in it. */
	if (user + system > room)
		room = user + system;
	v[METRIC_event_rate_hz] = ratio(v[METRIC_events_processed], runtime);
	v[METRIC_cpu_user_utilization] = ratio(user, room);
	v[METRIC_cpu_system_utilization] = ratio(system, room);
	v[METRIC_core_efficiency] = ratio(user + system, room);
	v[METRIC_speedup_factor] = runtime > 0 ? v[METRIC_core_efficiency] * cores : NAN;
}
