/* SPDX-License-Identifier: MIT */
/*
 * C11 threads and mutexes. libc's own functions call the insides of pthread's, past
 * our hooks of those. What is a mtx_t here is a pthread_mutex_t inside.
 */
#include "hook_lock.h"
#include "waiting.h"
#include "start.h"
#include "thread.h"

static int trampoline(void *data)
{
	struct start start = *(struct start *)data;
	int value;

	start_free(data);
	thread_begin(start.thread, start.parent, (const void *)start.c11_routine);
	pthread_cleanup_push(start_ended_early, NULL);
	value = start.c11_routine(start.arg);
	pthread_cleanup_pop(0);
	thread_end(END_return);
	return value;
}

int thrd_create(thrd_t *thread, int (*routine)(void *), void *arg)
{
	struct io_call c;
	struct start *start;
	uint64_t id;
	int result;

	if (!io_begin(&c) || !(start = start_new(c.thread, arg)))
		return real_thrd_create(thread, routine, arg);
	start->c11_routine = routine;
	id = start->thread;
	result = real_thrd_create(thread, trampoline, start);
	start_tell(&c, start, id, result, result ? 0 : *thread);
	return result;
}

int thrd_join(thrd_t thread, int *value)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_thrd_join(thread, value);
	return wait_end(&c, CALL_thrd_join, WAIT_sync, thread, real_thrd_join(thread, value));
}

/* As pthread_exit. */
void thrd_exit(int value)
{
	struct probe_thread *t = probe_enter();

	if (t && t->how == THREAD_main)
		thread_end(END_pthread_exit);
	real_thrd_exit(value);
	__builtin_unreachable();
}

static const pthread_mutex_t *inside(const mtx_t *m)
{
	return (const pthread_mutex_t *)(const void *)m;
}

/* 1: the try had the last word. */
static bool is_final(struct probe_thread *t, int result)
{
	if (likely(result == thrd_success))
		lock_taken(t);
	return result != thrd_busy;
}

static void mtx_wait_begin(struct lock_wait *w, struct probe_thread *t, const mtx_t *m)
{
	lock_wait_begin(w, t, __atomic_load_n(&inside(m)->__data.__owner, __ATOMIC_RELAXED));
}

int mtx_lock(mtx_t *m)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t))
		return real_mtx_lock(m);
	if (likely(is_final(t, result = real_mtx_trylock(m))))
		return result;
	mtx_wait_begin(&w, t, m);
	result = real_mtx_lock(m);
	return lock_wait_end(&w, CALL_mtx_lock, m, __builtin_return_address(0),
			     result == thrd_success, result);
}

int mtx_timedlock(mtx_t *m, const struct timespec *until)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t))
		return real_mtx_timedlock(m, until);
	if (likely(is_final(t, result = real_mtx_trylock(m))))
		return result;
	mtx_wait_begin(&w, t, m);
	result = real_mtx_timedlock(m, until);
	return lock_wait_end(&w, CALL_mtx_timedlock, m, __builtin_return_address(0),
			     result == thrd_success, result);
}

int mtx_trylock(mtx_t *m)
{
	struct probe_thread *t = probe_enter();
	int result = real_mtx_trylock(m);

	if (likely(t) && result == thrd_success)
		lock_taken(t);
	return result;
}

int mtx_unlock(mtx_t *m)
{
	if (unlikely(mutex_has_waiters(inside(m))))
		unlock_tell(CALL_mtx_unlock, m, __builtin_return_address(0));
	return real_mtx_unlock(m);
}
