/* SPDX-License-Identifier: MIT */
/*
 * Profiles: tasks of one name and kind, and how their metrics are distributed.
 */
#include "statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct group *group_get(struct statistics *s, const char *name, const char *kind)
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

int statistics_add(struct statistics *s, const char *name, const char *kind, bool is_failed,
		   const struct metrics *inclusive)
{
	struct group *g = group_get(s, name, kind);

	if (!g)
		return -ENOMEM;
	if (g->count == g->room) {
		size_t room = g->room * 2 + 1;
		struct metrics *more = realloc(g->tasks, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		g->tasks = more;
		g->room = room;
	}
	g->tasks[g->count++] = *inclusive;
	g->failed += is_failed;
	return 0;
}

static int number_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double nearest_rank(const double *sorted, size_t count, double share)
{
	size_t rank = (size_t)ceil(share * (double)count);

	return sorted[rank ? rank - 1 : 0];
}

int group_distribution(const struct group *g, enum metric metric, struct distribution *d)
{
	double *sorted = malloc(g->count * sizeof(*sorted)), squares = 0;
	size_t n = 0;

	*d = (struct distribution){ .stdev = NAN };
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < g->count; i++) {
		double x = g->tasks[i].value[metric];

		if (isnan(x))
			continue;
		sorted[n++] = x;
		d->sum += x;
	}
	d->count = n;
	if (n) {
		qsort(sorted, n, sizeof(*sorted), number_compare);
		d->mean = d->sum / (double)n;
		for (size_t i = 0; i < n; i++)
			squares += (sorted[i] - d->mean) * (sorted[i] - d->mean);
		if (n > 1)
			d->stdev = sqrt(squares / (double)(n - 1));
		d->median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
		d->min = sorted[0];
		d->max = sorted[n - 1];
		d->p95 = nearest_rank(sorted, n, 0.95);
		d->p99 = nearest_rank(sorted, n, 0.99);
	}
	free(sorted);
	return 0;
}

void statistics_fini(struct statistics *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->group[i]->name);
		free(s->group[i]->tasks);
		free(s->group[i]);
	}
	free(s->group);
	idmap_fini(&s->by_name);
	*s = (struct statistics){ 0 };
}
