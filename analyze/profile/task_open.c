/* SPDX-License-Identifier: MIT */
/*
 * Open tasks: their lists, and the way back from each.
 */
#include "task_open.h"

#include "tasks.h"

struct task_open *task_open_new(struct pool *pool)
{
	struct task_open *o = pool_take(pool, sizeof(*o));

	if (o)
		o->left = STAMP_NEVER;
	return o;
}

void task_open_release(struct pool *pool, struct task_open *o)
{
	while (o && !o->task && !o->after) {
		struct task_open *before = o->before;

		pool_give(pool, o, sizeof(*o));
		if (before)
			before->after--;
		o = before;
	}
}

void task_open_put(struct task_open **list, struct task_open *o)
{
	o->next = *list;
	o->place = list;
	if (*list)
		(*list)->place = &o->next;
	*list = o;
}

void task_open_take(struct task_open *o)
{
	*o->place = o->next;
	if (o->next)
		o->next->place = o->place;
}

void task_open_set_before(struct task_open *o, struct task_open *before)
{
	o->before = before;
	if (before)
		before->after++;
}

/* What has ended is left out of the chain, so that nobody steps over it twice. */
struct task_open *task_open_back(struct pool *pool, struct task_open *o)
{
	while (o->before && !o->before->task) {
		struct task_open *ended = o->before;

		task_open_set_before(o, ended->before);
		ended->after--;
		task_open_release(pool, ended);
	}
	return o->before;
}
