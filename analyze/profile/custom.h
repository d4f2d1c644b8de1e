/* SPDX-License-Identifier: MIT */
/*
 * Custom metrics: values that --metric takes from calls and that programs tell. Each
 * task has a list of those that it has; few have any.
 *
 * Names are told by TEXT_METRIC records, several ids for one name where processes
 * number them on their own, perhaps behind the first value: until then a metric is
 * known by its id, and at the end those of one name are one.
 */
#ifndef TPPROBE_CUSTOM_H
#define TPPROBE_CUSTOM_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "../pool.h"
#include "histogram.h"

#define CUSTOM_METRICS_MAX 1024 /* the rest is left out */
#define CUSTOM_TEXT_MAX 256

struct profile;
struct record;
struct thread;

struct custom_value {
	struct custom_value *next;
	double sum, last, min, max; /* NAN: only texts were told */
	const char *text;	    /* the last one; NULL: only numbers */
	uint64_t stamp;		    /* of the last one */
	uint32_t metric;
};

struct custom_metrics {
	struct idmap by_name, by_id; /* number of the metric + 1 */
	struct custom_metric {
		const char *name; /* NULL: not known yet */
		uint32_t id;
	} * metric;
	uint32_t count, room;
	bool is_full;
	uint64_t left_out; /* values */
};

/* Of one group of tasks. */
enum custom_part { CUSTOM_sum, CUSTOM_last, CUSTOM_min, CUSTOM_max, CUSTOM_PARTS };
extern const char *const custom_suffix[CUSTOM_PARTS]; /* "", ".last" … */
struct custom_group {
	struct custom_group *next;
	uint32_t metric;
	struct histogram part[CUSTOM_PARTS];
};

/* A METRIC record. */
void custom_on_event(struct profile *p, struct thread *thread, const struct record *r);
/* Once, at the end: metrics of one name become one. */
void custom_finish(struct profile *p);
void custom_fini(struct custom_metrics *c);

/* Adds all of `from` to the list; new parts of it come from the pool. -ENOMEM or 0. */
int custom_add(struct custom_value **list, struct pool *pool, const struct custom_value *from);
void custom_give(struct custom_value *list, struct pool *pool);
const struct custom_value *custom_find(const struct custom_value *list, uint32_t metric);
double custom_part_get(const struct custom_value *value, enum custom_part part);

int custom_group_add(struct custom_group **list, const struct custom_value *values);
void custom_group_free(struct custom_group *list);

#endif
