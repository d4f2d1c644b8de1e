/* SPDX-License-Identifier: MIT */
/*
 * Custom metrics.
 */
#include "custom.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "profile.h"

const char *const custom_suffix[CUSTOM_PARTS] = { "", ".last", ".min", ".max" };

static void *number_as_value(uint32_t number)
{
	return (void *)((uintptr_t)number + 1);
}

/* The number of the metric; -1: there are too many. */
static int64_t metric_get(struct profile *p, uint32_t id)
{
	struct custom_metrics *c = &p->custom;
	const char *name = idmap_get(&p->tasks.functions.names, (uint64_t)id + 1);
	struct idmap *map = name ? &c->by_name : &c->by_id;
	uint64_t key = name ? (uintptr_t)name : (uint64_t)id + 1;
	void *known = idmap_get(map, key);
	struct custom_metric *more;

	if (known)
		return (int64_t)(uintptr_t)known - 1;
	if (c->count == CUSTOM_METRICS_MAX) {
		c->is_full = true;
		return -1;
	}
	more = array_grown(c->metric, c->count, &c->room, sizeof(*more));
	if (!more || idmap_put(map, key, number_as_value(c->count))) {
		p->tasks.out_of_memory = true;
		return -1;
	}
	c->metric = more;
	more[c->count] = (struct custom_metric){ name, id };
	return c->count++;
}

static void merge(struct custom_value *into, const struct custom_value *v)
{
	if (isnan(into->sum)) {
		into->sum = v->sum;
		into->min = v->min;
		into->max = v->max;
	} else if (!isnan(v->sum)) {
		into->sum += v->sum;
		into->min = v->min < into->min ? v->min : into->min;
		into->max = v->max > into->max ? v->max : into->max;
	}
	if (!isnan(v->last) && (isnan(into->last) || v->stamp >= into->stamp))
		into->last = v->last;
	if (v->text && (!into->text || v->stamp >= into->stamp))
		into->text = v->text;
	into->stamp = v->stamp > into->stamp ? v->stamp : into->stamp;
}

const struct custom_value *custom_find(const struct custom_value *list, uint32_t metric)
{
	while (list && list->metric != metric)
		list = list->next;
	return list;
}

int custom_add(struct custom_value **list, struct pool *pool, const struct custom_value *from)
{
	for (; from; from = from->next) {
		struct custom_value *v = (struct custom_value *)custom_find(*list, from->metric);

		if (v) {
			merge(v, from);
			continue;
		}
		v = pool_take(pool, sizeof(*v));
		if (!v)
			return -ENOMEM;
		*v = *from;
		v->next = *list;
		*list = v;
	}
	return 0;
}

void custom_give(struct custom_value *list, struct pool *pool)
{
	while (list) {
		struct custom_value *next = list->next;

		pool_give(pool, list, sizeof(*list));
		list = next;
	}
}

double custom_part_get(const struct custom_value *v, enum custom_part part)
{
	const double of[CUSTOM_PARTS] = { v->sum, v->last, v->min, v->max };

	return of[part];
}

/* NAN for what no sum can hold. */
static double number_of(const struct record *r)
{
	uint64_t bits = event_METRIC_value(r->v);
	double number = NAN;

	switch (event_METRIC_type(r->v)) {
	case VALUE_signed:
		return (double)(int64_t)bits;
	case VALUE_unsigned:
		return (double)bits;
	case VALUE_float:
		memcpy(&number, &bits, sizeof(number));
		return isfinite(number) ? number : NAN;
	}
	return NAN;
}

static const char *text_of(const struct thread *thread, const struct record *r)
{
	if (event_METRIC_type(r->v) != VALUE_text ||
	    thread->text.value_id != event_METRIC_value(r->v))
		return NULL;
	return thread->text.value;
}

/* Only the last one is kept. */
static int set_text(struct custom_value *v, struct pool *pool, const char *text)
{
	size_t bytes = strnlen(text, CUSTOM_TEXT_MAX);
	char *copy = pool_take(pool, bytes + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, bytes); /* what is taken from the pool is zeroed */
	if (v->text)
		pool_give(pool, (void *)v->text, strlen(v->text) + 1);
	v->text = copy;
	return 0;
}

void custom_on_event(struct profile *p, struct thread *thread, const struct record *r)
{
	struct task *task = event_METRIC_task(r->v) ? tasks_find(&p->tasks, event_METRIC_task(r->v))
						    : thread->current;
	int64_t metric = metric_get(p, (uint32_t)event_METRIC_name(r->v));
	struct custom_value v = { .stamp = r->stamp, .metric = (uint32_t)metric };
	const char *text = text_of(thread, r);
	int err;

	v.sum = v.last = v.min = v.max = number_of(r);
	if (metric < 0 || (isnan(v.sum) && !text)) {
		p->custom.left_out++;
		return;
	}
	if (!task) /* its begin was lost: what it is a part of has it */
		task = thread->current;
	err = custom_add(&task->custom, &p->tasks.pool, &v);
	if (!err && text)
		err = set_text((struct custom_value *)custom_find(task->custom, v.metric),
			       &p->tasks.pool, text);
	if (err)
		p->tasks.out_of_memory = true;
}

/* Where a metric of this number went. */
static uint32_t resolve(struct profile *p, uint32_t number)
{
	static const char unknown[] = "(unknown)";
	struct custom_metrics *c = &p->custom;
	struct custom_metric *m = &c->metric[number];
	void *known;

	if (m->name)
		return number;
	m->name = idmap_get(&p->tasks.functions.names, (uint64_t)m->id + 1);
	if (!m->name)
		m->name = unknown;
	known = idmap_get(&c->by_name, (uintptr_t)m->name);
	if (!known && idmap_put(&c->by_name, (uintptr_t)m->name, number_as_value(number)))
		p->tasks.out_of_memory = true;
	return known ? (uint32_t)((uintptr_t)known - 1) : number;
}

void custom_finish(struct profile *p)
{
	uint32_t to[CUSTOM_METRICS_MAX];
	bool moves = false;

	for (uint32_t i = 0; i < p->custom.count; i++) {
		to[i] = resolve(p, i);
		moves |= to[i] != i;
	}
	for (size_t i = 0; moves && i < p->tasks.count; i++) {
		struct custom_value *old = p->tasks.all[i]->custom, *v;

		p->tasks.all[i]->custom = NULL;
		for (v = old; v; v = v->next)
			v->metric = to[v->metric];
		if (custom_add(&p->tasks.all[i]->custom, &p->tasks.pool, old))
			p->tasks.out_of_memory = true;
		custom_give(old, &p->tasks.pool);
	}
}

void custom_fini(struct custom_metrics *c)
{
	free(c->metric);
	idmap_fini(&c->by_name);
	idmap_fini(&c->by_id);
}

int custom_group_add(struct custom_group **list, const struct custom_value *v)
{
	int err = 0;

	for (; !err && v; v = v->next) {
		struct custom_group *g = *list;

		while (g && g->metric != v->metric)
			g = g->next;
		if (!g) {
			g = calloc(1, sizeof(*g));
			if (!g)
				return -ENOMEM;
			g->metric = v->metric;
			g->next = *list;
			*list = g;
		}
		for (int part = 0; !err && part < CUSTOM_PARTS; part++)
			err = histogram_add(&g->part[part], custom_part_get(v, part));
	}
	return err;
}

void custom_group_free(struct custom_group *list)
{
	while (list) {
		struct custom_group *next = list->next;

		for (int part = 0; part < CUSTOM_PARTS; part++)
			histogram_fini(&list->part[part]);
		free(list);
		list = next;
	}
}
