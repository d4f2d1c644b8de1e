/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of objects that threads wait for.
 */
#include "edge_objects.h"

#include <stdlib.h>
#include <string.h>

#define WAKES 8	     /* remembered per object */
#define READS 4	     /* that wait for their writer to be told */
#define ARRIVALS 256 /* of a barrier's round; more are not looked at */

struct edge_object {
	uint64_t object;
	const struct process *process; /* NULL: a pipe or connection */
	struct edge_object *same_hash;
	struct wake {
		uint64_t begin, stamp;
		const struct task *task;
		uint64_t thread;
		uint32_t left; /* waiters that it may still wake */
	} wake[WAKES];
	uint32_t wakes; /* ever; the newest is at (wakes - 1) % WAKES */
	struct edge read[READS];
	uint32_t reads;
	struct round {
		struct edge arrival[ARRIVALS];
		uint32_t count;
		uint64_t first_end;
	} * round;
};

static uint64_t begin_of(const struct edge *edge)
{
	return edge->stamp > edge->waited ? edge->stamp - edge->waited : 0;
}

static struct edge_object *object_get(struct edges *e, const struct process *p, uint64_t object,
				      bool is_new_fine)
{
	uint64_t key = idmap_hash(object ^ (p ? p->task->id << 48 : 0)) | 1;
	struct edge_object *first = idmap_get(&e->objects, key), *o = first;

	while (o && (o->object != object || o->process != p))
		o = o->same_hash;
	if (o || !is_new_fine)
		return o;
	if (e->objects.count >= EDGE_OBJECTS_MAX) {
		edge_objects_forget(e);
		first = NULL;
	}
	o = calloc(1, sizeof(*o));
	if (!o || idmap_put(&e->objects, key, o)) {
		free(o);
		return NULL;
	}
	o->object = object;
	o->process = p;
	o->same_hash = first;
	return o;
}

static void remember(struct edge_object *o, const struct wake *wake)
{
	o->wake[o->wakes++ % WAKES] = *wake;
}

/* The i-th wake from the newest; NULL: none, or forgotten. */
static struct wake *wake_back(struct edge_object *o, uint32_t i)
{
	return i < o->wakes && i < WAKES ? &o->wake[(o->wakes - 1 - i) % WAKES] : NULL;
}

void edge_woken(struct edges *e, const struct thread *by, uint64_t object, uint32_t count,
		uint64_t stamp)
{
	struct edge_object *o = object_get(e, by->own->process, object, true);

	if (o)
		remember(o, &(struct wake){ stamp, stamp, by->current, by->id, count });
}

static const struct task *holder(const struct thread *waiter, uint32_t tid)
{
	for (const struct thread *t = tid ? waiter->own->process->threads : NULL; t; t = t->next)
		if (t->own->tid == tid)
			return t->current;
	return NULL;
}

void edge_lock_taken(struct edges *e, const struct thread *by, uint64_t object, uint32_t owner_tid,
		     const struct edge *edge)
{
	struct edge_object *o = object_get(e, by->own->process, object, false);
	struct edge found = *edge;
	const struct wake *wake;

	for (uint32_t i = 0; o && !found.from && (wake = wake_back(o, i)); i++)
		if (wake->thread != by->id && wake->stamp >= begin_of(edge) &&
		    wake->stamp <= edge->stamp)
			found.from = wake->task;
	if (!found.from)
		found.from = holder(by, owner_tid);
	edges_add(e, &found);
}

void edge_wait_ends(struct edges *e, const struct process *p, uint64_t object,
		    const struct edge *edge)
{
	struct edge_object *o = object_get(e, p, object, false);
	struct edge found = *edge;
	struct wake *wake;

	for (uint32_t i = WAKES; o && i-- > 0;) {
		wake = wake_back(o, i);
		if (!wake || !wake->left || wake->stamp < begin_of(edge) ||
		    wake->stamp > edge->stamp)
			continue;
		wake->left -= wake->left != UINT32_MAX; /* that many: all */
		found.from = wake->task;
		edges_add(e, &found);
		return;
	}
}

static void round_ends(struct edges *e, struct round *round)
{
	const struct edge *last = NULL;

	for (uint32_t i = 0; i < round->count; i++)
		if (!last || begin_of(&round->arrival[i]) > begin_of(last))
			last = &round->arrival[i];
	for (uint32_t i = 0; i < round->count; i++) {
		round->arrival[i].from = last->to;
		edges_add(e, &round->arrival[i]);
	}
	round->count = 0;
}

/* All of one round are inside at the moment when the last one arrives: who begins
 * after the first one has left belongs to the next round. */
void edge_barrier(struct edges *e, const struct process *p, uint64_t object,
		  const struct edge *edge)
{
	struct edge_object *o = object_get(e, p, object, true);
	struct round *round;

	if (!o || (!o->round && !(o->round = calloc(1, sizeof(*o->round)))))
		return;
	round = o->round;
	if (round->count && begin_of(edge) > round->first_end)
		round_ends(e, round);
	if (!round->count || edge->stamp < round->first_end)
		round->first_end = edge->stamp;
	if (round->count < ARRIVALS) {
		round->arrival[round->count] = *edge;
		round->arrival[round->count++].kind = EDGE_barrier;
	}
}

static bool is_during(uint64_t stamp, const struct edge *read)
{
	return stamp >= begin_of(read) && stamp <= read->stamp;
}

void edge_written(struct edges *e, uint64_t channel, const struct edge *by)
{
	struct edge_object *o = channel ? object_get(e, NULL, channel, true) : NULL;
	uint64_t begin = begin_of(by);

	if (!o)
		return;
	for (int i = 0; i < READS; i++) {
		struct edge *read = &o->read[i];

		if (!read->to || !is_during(begin, read))
			continue;
		read->from = by->to;
		edges_add(e, read);
		*read = (struct edge){ 0 };
	}
	remember(o, &(struct wake){ begin, by->stamp, by->to, 0, 1 });
}

void edge_read(struct edges *e, uint64_t channel, const struct edge *edge)
{
	struct edge_object *o = channel ? object_get(e, NULL, channel, true) : NULL;
	struct edge found = *edge;

	if (!o)
		return;
	for (uint32_t i = WAKES; !found.from && i-- > 0;) {
		const struct wake *wake = wake_back(o, i);

		if (wake && is_during(wake->begin, edge))
			found.from = wake->task;
	}
	if (found.from)
		edges_add(e, &found);
	else
		o->read[o->reads++ % READS] = *edge;
}

void edge_objects_forget(struct edges *e)
{
	for (size_t i = 0; i < e->objects.places; i++) {
		struct edge_object *o = e->objects.entry[i].value, *next;

		for (; o; o = next) {
			next = o->same_hash;
			if (o->round)
				round_ends(e, o->round);
			free(o->round);
			free(o);
		}
	}
	idmap_fini(&e->objects);
}
