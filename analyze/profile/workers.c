/* SPDX-License-Identifier: MIT */
/*
 * Workers.
 */
#include "workers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A worker begins or is gone. */
struct change {
	uint64_t stamp;
	int32_t by; /* 1 or -1 */
};

static int by_stamp(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->stamp != y->stamp)
		return x->stamp < y->stamp ? -1 : 1;
	return x->by - y->by; /* gone first: a place that is taken again is one worker */
}

static bool is_worker(const struct task *task)
{
	return task->kind == TASK_process || task->kind == TASK_thread;
}

/* How many lived at most within each point, and in all. */
static void sweep(struct workers *w, const struct change *change, size_t count, struct curves *c)
{
	uint32_t live = 0, most = 0;
	size_t at = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		uint64_t end = c->origin + (i + 1) * c->width;

		most = live;
		for (; at < count && change[at].stamp < end; at++) {
			live += (uint32_t)change[at].by;
			most = live > most ? live : most;
		}
		c->point[i].live_workers = most;
		w->peak = most > w->peak ? most : w->peak;
	}
	for (; at < count; at++) {
		live += (uint32_t)change[at].by;
		w->peak = live > w->peak ? live : w->peak;
	}
}

static uint64_t lifetime(const struct task *task, uint64_t last)
{
	uint64_t end = task_end(task, last);

	return end > task->start ? end - task->start : 0;
}

struct lived {
	const struct task *task;
	uint64_t ticks;
};

static int by_life(const void *a, const void *b)
{
	const struct lived *x = a, *y = b;

	if (x->ticks != y->ticks)
		return x->ticks < y->ticks ? 1 : -1;
	return (x->task->id > y->task->id) - (x->task->id < y->task->id);
}

static int by_start(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static size_t count_workers(const struct tasks *tasks)
{
	size_t count = 0;

	for (size_t i = 0; i < tasks->count; i++)
		count += is_worker(tasks->all[i]);
	return count;
}

int workers_finish(struct workers *w, const struct tasks *tasks, uint64_t last,
		   struct curves *curves)
{
	size_t most = count_workers(tasks), changes = 0, count = 0;
	struct change *change = malloc((most * 2 + 1) * sizeof(*change));
	struct lived *lived = malloc((most + 1) * sizeof(*lived));

	*w = (struct workers){ .cpu_ns = NAN };
	w->rows = malloc((most + 1) * sizeof(*w->rows));
	if (!change || !lived || !w->rows) {
		free(change);
		free(lived);
		return -ENOMEM;
	}
	for (size_t i = 0; i < tasks->count; i++) {
		const struct task *task = tasks->all[i];

		if (!is_worker(task))
			continue;
		lived[count++] = (struct lived){ task, lifetime(task, last) };
		change[changes++] = (struct change){ task->start, 1 };
		if (task->end != STAMP_NEVER)
			change[changes++] = (struct change){ task_end(task, last), -1 };
		if (task_usage(task)->has_cpu)
			w->cpu_ns = (isnan(w->cpu_ns) ? 0 : w->cpu_ns) +
				    (double)task_usage(task)->cpu_ns;
	}
	qsort(change, changes, sizeof(*change), by_stamp);
	sweep(w, change, changes, curves);
	qsort(lived, count, sizeof(*lived), by_life);
	w->count = count < WORKER_ROWS_MAX ? count : WORKER_ROWS_MAX;
	for (size_t i = 0; i < w->count; i++)
		w->rows[i] = lived[i].task;
	qsort(w->rows, w->count, sizeof(*w->rows), by_start);
	free(change);
	free(lived);
	return 0;
}

void workers_fini(struct workers *w)
{
	free(w->rows);
	*w = (struct workers){ 0 };
}
