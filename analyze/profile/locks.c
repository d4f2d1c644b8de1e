/* SPDX-License-Identifier: MIT */
/*
 * Locks that somebody had to wait for.
 */
#include "locks.h"

#include <errno.h>
#include <stdlib.h>

static struct lock_row *row_get(struct locks *l, const struct process *p, uint64_t addr,
				bool is_new_fine)
{
	uint64_t key = idmap_hash(addr ^ p->task->id << 48) | 1;
	struct lock_row *first = idmap_get(&l->by_addr, key), *row = first;

	while (row && (row->addr != addr || row->process != p->task))
		row = row->same_hash;
	if (row || !is_new_fine)
		return row;
	if (l->count >= LOCK_ROWS_MAX) {
		l->is_full = true;
		return NULL;
	}
	if (l->count == l->room) {
		uint32_t room = l->room * 2 + 64;
		struct lock_row **more = realloc(l->rows, room * sizeof(struct lock_row *));

		if (!more)
			return NULL;
		l->rows = more;
		l->room = room;
	}
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

static void on_wait(struct locks *l, const struct process *p, const struct record *r)
{
	struct lock_row *row = row_get(l, p, event_LOCK_WAIT_lock(r->v), true);
	uint64_t ticks = event_LOCK_WAIT_wait_ticks(r->v);

	if (!row)
		return;
	row->contended++;
	row->wait_ticks += ticks;
	if (ticks >= row->max_wait_ticks) {
		row->max_wait_ticks = ticks;
		row->site = event_LOCK_WAIT_site(r->v);
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

void locks_on_event(struct locks *locks, const struct process *process, const struct record *r)
{
	if (r->type == EVENT_LOCK_WAIT)
		on_wait(locks, process, r);
	else if (r->type == EVENT_UNLOCK_WAKE)
		on_wake(locks, process, r);
}

void locks_fini(struct locks *l)
{
	for (uint32_t i = 0; i < l->count; i++)
		free(l->rows[i]);
	free(l->rows);
	idmap_fini(&l->by_addr);
	*l = (struct locks){ 0 };
}
