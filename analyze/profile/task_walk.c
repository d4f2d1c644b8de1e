/* SPDX-License-Identifier: MIT */
/*
 * From the leaves to the roots: backwards in the order of starts, in which a child comes
 * before its parent unless a trace is damaged; then the parent waits for it.
 */
#include "task_walk.h"

#include <errno.h>
#include <stdlib.h>

struct walk {
	int (*each)(void *to, struct task *task, struct metrics *sum);
	void *to;
	struct metrics *sums; /* [0] is not used */
	uint32_t count, room;
	uint32_t *spare; /* as many as sums have room */
	uint32_t spares;
};

/* A place for a sum; 0: out of memory. */
static uint32_t take(struct walk *w)
{
	if (w->spares)
		return w->spare[--w->spares];
	if (w->count + 1 >= w->room) {
		uint32_t room = w->room * 2 + 64;
		struct metrics *sums = realloc(w->sums, room * sizeof(*sums));
		uint32_t *spare = sums ? realloc(w->spare, room * sizeof(*spare)) : NULL;

		if (sums)
			w->sums = sums;
		if (!spare)
			return 0;
		w->spare = spare;
		w->room = room;
	}
	return ++w->count;
}

static int add_to(struct walk *w, struct task *parent, const struct metrics *sum)
{
	if (parent->tally.sum) {
		metrics_add(&w->sums[parent->tally.sum], sum);
		return 0;
	}
	parent->tally.sum = take(w);
	if (!parent->tally.sum)
		return -ENOMEM;
	metrics_clear(&w->sums[parent->tally.sum]);
	metrics_add(&w->sums[parent->tally.sum], sum);
	return 0;
}

/* The task, and those above it that waited for it alone. */
static int done(struct walk *w, struct task *task)
{
	for (;;) {
		struct task *parent = task->parent;
		struct metrics sum;
		int err;

		if (task->tally.sum) {
			sum = w->sums[task->tally.sum];
			w->spare[w->spares++] = task->tally.sum;
		} else {
			metrics_clear(&sum);
		}
		err = w->each(w->to, task, &sum);
		if (!err && parent)
			err = add_to(w, parent, &sum);
		if (err || !parent || --parent->tally.children || !parent->waits_for_children)
			return err;
		task = parent;
	}
}

int task_walk(const struct tasks *tasks,
	      int (*each)(void *to, struct task *task, struct metrics *sum), void *to)
{
	struct walk w = { .each = each, .to = to };
	int err = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		tasks->all[i]->tally = (struct task_tally){ 0 };
		tasks->all[i]->waits_for_children = false;
	}
	for (size_t i = 0; i < tasks->count; i++)
		if (tasks->all[i]->parent)
			tasks->all[i]->parent->tally.children++;
	for (size_t i = tasks->count; !err && i-- > 0;) {
		struct task *task = tasks->all[i];

		if (task->tally.children)
			task->waits_for_children = true;
		else
			err = done(&w, task);
	}
	free(w.sums);
	free(w.spare);
	return err;
}
