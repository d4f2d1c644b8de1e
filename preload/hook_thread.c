/* SPDX-License-Identifier: MIT */
/*
 * Threads begin in our trampoline, under an id that their creator chose, and
 * end there: by return, by pthread_exit, or cancelled.
 */
#include <stdatomic.h>

#include "hook_io.h"
#include "thread.h"

/* What a creator hands to the trampoline. Nodes come from a small pool, since
 * the program's heap must not see them; a pool that is empty borrows from it. */
struct start {
	void *(*routine)(void *);
	void *arg;
	uint64_t thread, parent;
	uint32_t next; /* index + 1 of the next free node */
};

#define POOL 1024
static struct start pool[POOL];
static _Atomic uint64_t pool_free; /* tag << 32 | index + 1 */
static _Atomic uint32_t pool_fresh;

static struct start *start_new(void)
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

static void start_free(struct start *node)
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

static void ended_early(void *unused)
{
	(void)unused;
	record_fill_gaps(&probe_thread);
	thread_end(END_pthread_exit);
}

static void *trampoline(void *data)
{
	struct start start = *(struct start *)data;
	void *value;

	start_free(data);
	thread_begin(start.thread, start.parent, (const void *)start.routine);
	/* Runs after the program's own cleanup handlers, for pthread_exit and for a
	 * cancelled thread; built on sigsetjmp, so it needs no unwinder of ours. */
	pthread_cleanup_push(ended_early, NULL);
	value = start.routine(start.arg);
	pthread_cleanup_pop(0);
	thread_end(END_return);
	return value;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
		   void *arg)
{
	struct io_call c;
	struct start *start;
	uint64_t id;
	int result;

	if (!io_begin(&c) || !(start = start_new()))
		return real_pthread_create(thread, attr, routine, arg);
	id = probe_next_id();
	start->routine = routine;
	start->arg = arg;
	start->thread = id;
	start->parent = atomic_load_explicit(&c.thread->slot->task, memory_order_relaxed);
	result = real_pthread_create(thread, attr, trampoline, start);
	if (result)
		start_free(start);
	else
		probe_count(c.thread, COUNTER_threads_created, 1);
	if (probe.level != LEVEL_counters)
		record_3(c.thread, EVENT_THREAD_CREATE, (uint32_t)result, id, probe_now() - c.begun,
			 probe_now());
	return result;
}

static int joined(struct io_call *c, enum call call, pthread_t thread, int result)
{
	if (io_still(c))
		wait_tell(c, call, WAIT_sync, (uint64_t)thread, result);
	return result;
}

int pthread_join(pthread_t thread, void **value)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pthread_join(thread, value);
	return joined(&c, CALL_pthread_join, thread, real_pthread_join(thread, value));
}

int pthread_tryjoin_np(pthread_t thread, void **value)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pthread_tryjoin_np(thread, value);
	return joined(&c, CALL_pthread_tryjoin_np, thread, real_pthread_tryjoin_np(thread, value));
}

int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *until)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pthread_timedjoin_np(thread, value, until);
	return joined(&c, CALL_pthread_timedjoin_np, thread,
		      real_pthread_timedjoin_np(thread, value, until));
}

int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
			 const struct timespec *until)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pthread_clockjoin_np(thread, value, clock, until);
	return joined(&c, CALL_pthread_clockjoin_np, thread,
		      real_pthread_clockjoin_np(thread, value, clock, until));
}

/* Other threads end in the trampoline's cleanup; the main thread has none. */
void pthread_exit(void *value)
{
	struct probe_thread *t = probe_enter();

	if (t && t->how == THREAD_main)
		thread_end(END_pthread_exit);
	real_pthread_exit(value);
	__builtin_unreachable();
}

/* A jump may leave hooks behind that a handler had interrupted. The saved stack
 * pointer is mangled (glibc's PTR_MANGLE): rotated left by 17 after an
 * exclusive-or with the guard at %fs:0x30; slot 6 of the buffer. */
static void jump_begins(const struct __jmp_buf_tag *env)
{
	struct probe_thread *t = &probe_thread;
	uint64_t sp, guard;

	if (likely(!t->pending))
		return;
	__asm__("mov %%fs:0x30, %0" : "=r"(guard));
	sp = (uint64_t)env->__jmpbuf[6];
	sp = (sp >> 17 | sp << 47) ^ guard;
	record_abandon(t, (uintptr_t)sp);
}

#define JUMP(name)                                                                                 \
	void name(struct __jmp_buf_tag env[1], int value)                                          \
	{                                                                                          \
		jump_begins(env);                                                                  \
		real_##name(env, value);                                                           \
		__builtin_unreachable();                                                           \
	}

JUMP(longjmp)
JUMP(_longjmp)
JUMP(siglongjmp)
JUMP(__longjmp_chk)
