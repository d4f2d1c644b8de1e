/* SPDX-License-Identifier: MIT */
/*
 * Locks that somebody had to wait for.
 */
#include "locks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

const char *lock_kind(const char *function)
{
	if (function && strstr(function, "rwlock"))
		return "rwlock";
	return function && strstr(function, "spin") ? "spin" : "mutex";
}

static struct lock_row *row_get(struct locks *l, const struct process *p, uint64_t addr,
				bool is_new_fine)
{
	uint64_t key = idmap_hash(addr ^ p->task->id << 48) | 1;
	struct lock_row *first = idmap_get(&l->by_addr, key), *row = first;
	struct lock_row **rows;

	while (row && (row->addr != addr || row->process != p->task))
		row = row->same_hash;
	if (row || !is_new_fine)
		return row;
	if (l->count >= LOCK_ROWS_MAX) {
		l->is_full = true;
		return NULL;
	}
	rows = array_grown(l->rows, l->count, &l->room, sizeof(*rows));
	if (!rows)
		return NULL;
	l->rows = rows;
	row = calloc(1, sizeof(*row));
	if (!row || idmap_put(&l->by_addr, key, row)) {
		free(row);
		return NULL;
	}
	row->addr = addr;
	row->process = p->task;
	row->same_hash = first;
	return l->rows[l->count++] = row;
}

static const struct task *owner_of(const struct process *p, uint32_t tid)
{
	for (const struct thread *t = tid ? p->threads : NULL; t; t = t->next)
		if (t->own->tid == tid)
			return t->own;
	return NULL;
}

static void on_wait(struct locks *l, const struct thread *thread, const struct record *r)
{
	const struct process *p = thread->own->process;
	struct lock_row *row = row_get(l, p, event_LOCK_WAIT_lock(r->v), true);
	uint64_t ticks = event_LOCK_WAIT_wait_ticks(r->v);

	if (!row)
		return;
	if (!row->contended++)
		row->kind = lock_kind(call_name((unsigned)event_LOCK_WAIT_call(r->v)));
	row->wait_ticks += ticks;
	if (ticks >= row->max_wait_ticks) {
		row->max_wait_ticks = ticks;
		row->site = event_LOCK_WAIT_site(r->v);
		row->site_stamp = r->stamp;
		row->site_image = thread->image;
		row->owner = owner_of(p, (uint32_t)event_LOCK_WAIT_owner_tid(r->v));
	}
	if (event_LOCK_WAIT_result(r->v) == 0 || event_LOCK_WAIT_result(r->v) == EOWNERDEAD) {
		row->holder = r->thread;
		row->held_since = r->stamp;
	}
}

static void on_wake(struct locks *l, const struct process *p, const struct record *r)
{
	struct lock_row *row = row_get(l, p, event_UNLOCK_WAKE_lock(r->v), false);

	if (!row || row->holder != r->thread || r->stamp < row->held_since)
		return;
	row->hold_ticks += r->stamp - row->held_since;
	row->has_hold = true;
	row->holder = 0;
}

void locks_on_event(struct locks *locks, const struct thread *thread, const struct record *r)
{
	if (r->type == EVENT_LOCK_WAIT)
		on_wait(locks, thread, r);
	else if (r->type == EVENT_UNLOCK_WAKE)
		on_wake(locks, thread->own->process, r);
}

void locks_fini(struct locks *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		free(l->rows[i]);
	free(l->rows);
	idmap_fini(&l->by_addr);
	*l = (struct locks){ 0 };
}
