/* SPDX-License-Identifier: MIT */
/*
 * Profiles: tasks of one name and kind, and how their metrics are distributed.
 */
#include "statistics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct group *statistics_get(struct statistics *s, const char *name, const char *kind)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (unsigned char)kind[0];
	struct group *first, *g;

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	hash |= 1;
	first = idmap_get(&s->by_name, hash);
	for (g = first; g; g = g->same_hash)
		if (!strcmp(g->name, name) && !strcmp(g->kind, kind))
			return g;
	if (s->count == s->room) {
		size_t room = s->room * 2 + 32;
		struct group **more = realloc(s->group, room * sizeof(struct group *));

		if (!more)
			return NULL;
		s->group = more;
		s->room = room;
	}
	g = calloc(1, sizeof(*g));
	if (!g || !(g->name = strdup(name)) || idmap_put(&s->by_name, hash, g)) {
		if (g)
			free(g->name);
		free(g);
		return NULL;
	}
	g->kind = kind;
	g->same_hash = first;
	return s->group[s->count++] = g;
}

/* A further one than GROUP_FEW: from rows to histograms. */
static int begin_distribution(struct group *g)
{
	g->distribution = calloc(METRICS, sizeof(*g->distribution));
	if (!g->distribution)
		return -ENOMEM;
	for (uint64_t i = 0; i < g->count; i++)
		for (int m = 0; m < METRICS; m++)
			if (histogram_add(&g->distribution[m], g->few[i].value[m]))
				return -ENOMEM;
	free(g->few);
	g->few = NULL;
	return 0;
}

static int keep_few(struct group *g, const struct metrics *inclusive)
{
	/* 1, 2, 4, 8 */
	if (!(g->count & (g->count - 1))) {
		size_t room = g->count ? g->count * 2 : 1;
		struct metrics *more = realloc(g->few, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		g->few = more;
	}
	g->few[g->count] = *inclusive;
	return 0;
}

int group_add(struct group *g, bool is_failed, const struct metrics *inclusive)
{
	int err = 0;

	if (g->count == GROUP_FEW && !g->distribution)
		err = begin_distribution(g);
	if (!err && !g->distribution)
		err = keep_few(g, inclusive);
	for (int m = 0; !err && g->distribution && m < METRICS; m++)
		err = histogram_add(&g->distribution[m], inclusive->value[m]);
	if (err)
		return err;
	g->count++;
	g->failed += is_failed;
	return 0;
}

int statistics_add(struct statistics *s, const char *name, const char *kind, bool is_failed,
		   const struct metrics *inclusive)
{
	struct group *g = statistics_get(s, name, kind);

	return g ? group_add(g, is_failed, inclusive) : -ENOMEM;
}

int group_histogram(const struct group *g, enum metric metric, struct histogram *made,
		    const struct histogram **out)
{
	int err = 0;

	*made = (struct histogram){ 0 };
	*out = g->distribution ? &g->distribution[metric] : made;
	for (uint64_t i = 0; !err && !g->distribution && i < g->count; i++)
		err = histogram_add(made, g->few[i].value[metric]);
	return err;
}

void distribution_read(const struct histogram *h, struct distribution *d)
{
	*d = (struct distribution){
		.count = h->count,
		.sum = h->sum,
		.mean = h->count ? h->sum / (double)h->count : 0,
		.median = histogram_median(h),
		.stdev = histogram_stdev(h),
		.min = h->min,
		.max = h->max,
		.p95 = histogram_percentile(h, 0.95),
		.p99 = histogram_percentile(h, 0.99),
	};
}

static void group_free(struct group *g)
{
	for (int m = 0; g->distribution && m < METRICS; m++)
		histogram_fini(&g->distribution[m]);
	free(g->distribution);
	free(g->few);
	free(g->name);
	free(g);
}

void statistics_fini(struct statistics *s)
{
	for (size_t i = 0; i < s->count; i++)
		group_free(s->group[i]);
	free(s->group);
	idmap_fini(&s->by_name);
	*s = (struct statistics){ 0 };
}
