/* SPDX-License-Identifier: MIT */
/*
 * The heap of each process: a live table by address, and accounts of the tasks
 * that allocated.
 */
#include "heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"

static uint64_t place_of(const struct heap_table *t, uint64_t addr)
{
	uint64_t at = idmap_hash(addr >> 4) & (t->places - 1);

	while (t->block[at].addr && t->block[at].addr != addr)
		at = (at + 1) & (t->places - 1);
	return at;
}

static int table_grow(struct heap_table *t)
{
	struct heap_table larger = { .places = t->places ? t->places * 2 : 256 };

	larger.block = calloc(larger.places, sizeof(*larger.block));
	if (!larger.block)
		return -ENOMEM;
	for (uint64_t i = 0; i < t->places; i++)
		if (t->block[i].addr)
			larger.block[place_of(&larger, t->block[i].addr)] = t->block[i];
	free(t->block);
	t->block = larger.block;
	t->places = larger.places;
	return 0;
}

static void table_remove(struct heap_table *t, uint64_t hole)
{
	uint64_t mask = t->places - 1;

	t->count--;
	for (uint64_t at = (hole + 1) & mask; t->block[at].addr; at = (at + 1) & mask) {
		uint64_t home = idmap_hash(t->block[at].addr >> 4) & mask;

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			t->block[hole] = t->block[at];
			hole = at;
		}
	}
	t->block[hole].addr = 0;
}

/* Wraps instead of overflowing: the sizes of a damaged trace may be anything. */
static int64_t wrapped(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

struct heap_account heap_of(const struct task *task)
{
	if (task->heap_is_quiet)
		return (struct heap_account){ .self_peak = task->heap.quiet->self_peak,
					      .tree_peak = task->heap.quiet->tree_peak,
					      .temporary = task->heap.quiet->temporary };
	return task->heap.account ? *task->heap.account : (struct heap_account){ 0 };
}

/* To be changed. Never NULL: what cannot be kept goes where nobody reads it. */
static struct heap_account *account(struct task *task)
{
	static struct heap_account lost;
	struct tasks *tasks = task->process->tasks;
	struct heap_account *a;

	if (task->heap.account && !task->heap_is_quiet)
		return task->heap.account;
	a = pool_take(&tasks->pool, sizeof(*a));
	if (!a) {
		tasks->out_of_memory = true;
		return &lost;
	}
	*a = heap_of(task);
	if (task->heap_is_quiet)
		pool_give(&tasks->pool, task->heap.quiet, sizeof(*task->heap.quiet));
	task->heap_is_quiet = false;
	return task->heap.account = a;
}

/* The account of a task that has ended, when all that it tells are peaks. */
static void settle(struct task *task)
{
	struct pool *pool = &task->process->tasks->pool;
	struct heap_account *a = task->heap.account;
	struct heap_quiet *quiet;

	if (!a || task->heap_is_quiet || a->self_live || a->tree_live || a->leaked ||
	    a->self_at_end || a->tree_at_end)
		return;
	quiet = pool_take(pool, sizeof(*quiet));
	if (!quiet)
		return;
	*quiet = (struct heap_quiet){ a->self_peak, a->tree_peak, a->temporary };
	pool_give(pool, a, sizeof(*a));
	task->heap.quiet = quiet;
	task->heap_is_quiet = true;
}

static void live_add(struct task *task, int64_t bytes)
{
	struct heap_account *a = account(task);

	a->self_live = wrapped(a->self_live, bytes);
	if (a->self_live > a->self_peak)
		a->self_peak = a->self_live;
	for (; task; task = task->creator) {
		a = account(task);
		a->tree_live = wrapped(a->tree_live, bytes);
		if (a->tree_live > a->tree_peak)
			a->tree_peak = a->tree_live;
	}
}

static void remember(struct heap_repair *ring, uint8_t *at, const struct heap_repair *r)
{
	ring[*at] = *r;
	*at = (*at + 1) % HEAP_REPAIRS;
}

/* Takes a remembered record of this address out, if the two are close enough and
 * of different threads. */
static bool recall(struct heap_repair *ring, const struct heap_repair *r)
{
	for (int i = 0; i < HEAP_REPAIRS; i++) {
		uint64_t apart = r->stamp > ring[i].stamp ? r->stamp - ring[i].stamp
							  : ring[i].stamp - r->stamp;

		if (ring[i].addr != r->addr || ring[i].thread == r->thread ||
		    apart >= HEAP_REPAIR_TICKS)
			continue;
		ring[i].addr = 0;
		return true;
	}
	return false;
}

static int on_alloc(struct heap_table *t, struct thread *thread, struct task *task, uint64_t size,
		    const struct heap_repair *r)
{
	uint64_t at;

	if ((t->count + 1) * 10 > t->places * 7 && table_grow(t))
		return -ENOMEM;
	at = place_of(t, r->addr);
	if (t->block[at].addr) { /* it was freed, whether we were told or not */
		live_add(t->block[at].task, (int64_t)-t->block[at].size);
		remember(t->awaited_free, &t->awaited_at, r);
		t->has_awaited = true;
	} else {
		t->count++;
	}
	t->block[at] = (struct heap_block){ r->addr, size, task };
	live_add(task, (int64_t)size);
	thread->heap.last_alloc = r->addr;
	thread->heap.last_task = task;
	if (t->has_early && recall(t->early_free, r)) {
		t->repaired++;
		live_add(task, (int64_t)-size);
		table_remove(t, place_of(t, r->addr));
	}
	return 0;
}

static void on_free(struct heap_table *t, struct thread *thread, bool is_realloc,
		    const struct heap_repair *r)
{
	struct heap_thread *h = &thread->heap;
	uint64_t at;

	if (h->last_alloc == r->addr && r->addr)
		account(h->last_task)->temporary++;
	h->last_alloc = 0;
	if (is_realloc)
		h->reallocated.addr = 0;
	if (t->has_awaited && recall(t->awaited_free, r)) {
		t->repaired++;
		return;
	}
	at = t->places ? place_of(t, r->addr) : 0;
	if (!t->places || !t->block[at].addr) {
		t->unknown_frees++;
		t->has_early = true;
		remember(t->early_free, &t->early_at, r);
		return;
	}
	live_add(t->block[at].task, (int64_t)-t->block[at].size);
	if (is_realloc)
		h->reallocated = t->block[at];
	table_remove(t, at);
}

/* realloc failed: the block is still there. */
static int on_undo(struct heap_table *t, struct thread *thread)
{
	struct heap_block *b = &thread->heap.reallocated;
	uint64_t at;

	if (!b->addr)
		return 0;
	if ((t->count + 1) * 10 > t->places * 7 && table_grow(t))
		return -ENOMEM;
	at = place_of(t, b->addr);
	if (!t->block[at].addr) {
		t->block[at] = *b;
		t->count++;
		live_add(b->task, (int64_t)b->size);
	}
	b->addr = 0;
	return 0;
}

int heap_on_event(struct process *process, struct thread *thread, struct task *current,
		  const struct record *r)
{
	struct heap_table *t = &process->heap;
	struct heap_repair repair = { .stamp = r->stamp, .thread = r->thread };

	process->has_heap_events = true;
	/* A late record of a program that this process has left by an exec. */
	if (thread->image && thread->image != process->image)
		return 0;
	switch (r->type) {
	case EVENT_ALLOC:
		repair.addr = event_ALLOC_addr(r->v);
		return on_alloc(t, thread, current, event_ALLOC_size(r->v), &repair);
	case EVENT_ALLOC_BIG:
		repair.addr = event_ALLOC_BIG_addr(r->v);
		return on_alloc(t, thread, current, event_ALLOC_BIG_size(r->v), &repair);
	case EVENT_REALLOC_ALLOC:
		repair.addr = event_REALLOC_ALLOC_addr(r->v);
		thread->heap.reallocated.addr = 0;
		return on_alloc(t, thread, current, event_REALLOC_ALLOC_size(r->v), &repair);
	case EVENT_FREE:
		repair.addr = event_FREE_addr(r->v);
		on_free(t, thread, false, &repair);
		return 0;
	case EVENT_REALLOC_FREE:
		repair.addr = event_REALLOC_FREE_addr(r->v);
		on_free(t, thread, true, &repair);
		return 0;
	case EVENT_REALLOC_UNDO:
		return on_undo(t, thread);
	}
	return 0;
}

void heap_task_end(struct task *task)
{
	if (task->heap_has_ended)
		return;
	task->heap_has_ended = true;
	if (!task->heap.account || task->heap_is_quiet)
		return;
	task->heap.account->self_at_end = task->heap.account->self_live;
	task->heap.account->tree_at_end = task->heap.account->tree_live;
	settle(task);
}

void heap_process_end(struct process *process)
{
	struct heap_table *t = &process->heap;

	for (uint64_t i = 0; i < t->places; i++) {
		struct heap_block *b = &t->block[i];

		if (!b->addr)
			continue;
		account(b->task)->leaked += b->size;
		live_add(b->task, (int64_t)-b->size);
	}
	heap_table_fini(t);
}

void heap_table_fini(struct heap_table *t)
{
	uint64_t repaired = t->repaired, unknown = t->unknown_frees;

	free(t->block);
	*t = (struct heap_table){ .repaired = repaired, .unknown_frees = unknown };
}
