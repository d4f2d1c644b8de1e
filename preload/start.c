/* SPDX-License-Identifier: MIT */
/*
 * Nodes for starting threads come from a small pool, since the program's heap must
 * not see them; a pool that is empty borrows from it.
 */
#include "start.h"

#include <stdatomic.h>

#include "thread.h"

#define POOL 1024
static struct start pool[POOL];
static _Atomic uint64_t pool_free; /* tag << 32 | index + 1 */
static _Atomic uint32_t pool_fresh;

static struct start *take(void)
{
	uint64_t top = atomic_load(&pool_free);
	uint32_t fresh;

	while ((uint32_t)top) {
		struct start *node = &pool[(uint32_t)top - 1];
		uint64_t next = ((top >> 32) + 1) << 32 | node->next;

		if (atomic_compare_exchange_weak(&pool_free, &top, next))
			return node;
	}
	fresh = atomic_fetch_add(&pool_fresh, 1);
	if (fresh < POOL)
		return &pool[fresh];
	atomic_store(&pool_fresh, POOL);
	return real_malloc(sizeof(struct start));
}

struct start *start_new(const struct probe_thread *creator, void *arg)
{
	struct start *node = take();

	if (node) {
		node->arg = arg;
		node->thread = probe_next_id();
		node->parent = atomic_load_explicit(&creator->slot->task, memory_order_relaxed);
	}
	return node;
}

void start_free(struct start *node)
{
	uint64_t top = atomic_load(&pool_free);
	uint64_t me;

	if (node < pool || node >= pool + POOL) {
		real_free(node);
		return;
	}
	do {
		node->next = (uint32_t)top;
		me = ((top >> 32) + 1) << 32 | (uint32_t)(node - pool + 1);
	} while (!atomic_compare_exchange_weak(&pool_free, &top, me));
}

void start_tell(struct io_call *c, struct start *node, uint64_t id, int result, pthread_t thread)
{
	if (result)
		start_free(node);
	else
		probe_count(c->thread, COUNTER_threads_created, 1);
	if (probe.level != LEVEL_counters)
		record_3(c->thread, EVENT_THREAD_CREATE,
			 (uint32_t)result | (result ? 0 : (uint64_t)start_handle(thread) << 32), id,
			 probe_now() - c->begun, probe_now());
}

/* Runs after the program's own cleanup handlers, for pthread_exit and for a
 * cancelled thread. */
void start_ended_early(void *unused)
{
	(void)unused;
	record_fill_gaps(&probe_thread);
	thread_end(END_pthread_exit);
}
