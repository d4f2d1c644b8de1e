/* SPDX-License-Identifier: MIT */
/*
 * Mutexes, and what the hooks around locks and waits tell (hook_lock.h,
 * waiting.h). A pair of lock and unlock that nobody fights for costs one counter:
 * 2 ns, against 24 with stamps (TECHNIQUES §6).
 */
#include "hook_lock.h"
#include "waiting.h"

void wait_tell(struct io_call *c, enum call call, enum wait_reason reason, uint64_t object,
	       int result)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	int counter = arena_wait_counter(reason);

	wait_unmark(t);
	probe_count(t, (enum counter_id)counter, 1);
	probe_count(t, (enum counter_id)(counter + 1), took);
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	record_3(t, EVENT_WAIT, took | (uint64_t)call << 48 | (uint64_t)reason << 58, object,
		 (uint32_t)result, end);
}

void wake_tell(struct probe_thread *t, enum call call, uint64_t object, void *site, uint32_t count,
	       uint64_t stamp)
{
	if (probe.level != LEVEL_counters)
		record_3(t, EVENT_WAKE, (object & EVENT_MASK(48)) | (uint64_t)call << 48,
			 (uintptr_t)site, count, stamp);
}

void lock_wait_begin(struct lock_wait *w, struct probe_thread *t, int owner_tid)
{
	w->call.thread = t;
	w->owner_tid = (uint32_t)owner_tid;
	w->call.begun = probe_now();
	wait_mark(t, WAIT_lock, w->call.begun);
}

int lock_wait_end(struct lock_wait *w, enum call call, const void *lock, void *site, bool taken,
		  int result)
{
	struct probe_thread *t = w->call.thread;
	uint64_t end = probe_now(), took = end - w->call.begun;

	if (!io_still(&w->call))
		return result;
	wait_unmark(t);
	if (taken)
		lock_taken(t);
	probe_count(t, COUNTER_lock_contended, 1);
	if (call != CALL_pthread_spin_lock) /* that one burns CPU time, and is in there */
		probe_count(t, COUNTER_lock_wait_ticks, took);
	if (probe.level != LEVEL_counters) {
		uint64_t v[5] = { ((uintptr_t)lock & EVENT_MASK(48)) | (uint64_t)call << 48,
				  (uintptr_t)site, took, w->owner_tid, (uint32_t)result };

		record_n(t, EVENT_LOCK_WAIT, v, 5, end);
	}
	return result;
}

void unlock_tell(enum call call, const void *lock, void *site)
{
	struct probe_thread *t = probe_enter();

	if (t && probe.level != LEVEL_counters)
		record_3(t, EVENT_UNLOCK_WAKE,
			 ((uintptr_t)lock & EVENT_MASK(48)) | (uint64_t)call << 48, (uintptr_t)site,
			 0, probe_now());
}

/* EOWNERDEAD, too, is the lock in hand. */
static bool has_it(int result)
{
	return result == 0 || result == EOWNERDEAD;
}

/* 1: the trylock had the last word, *result is it. EOWNERDEAD, ENOTRECOVERABLE and
 * misuse are as final as success. */
static bool lock_at_once(struct probe_thread *t, pthread_mutex_t *m, int *result)
{
	*result = real_pthread_mutex_trylock(m);
	if (likely(*result == 0)) {
		lock_taken(t);
		return true;
	}
	if (*result == EOWNERDEAD)
		lock_taken(t);
	return *result != EBUSY;
}

static void mutex_wait_begin(struct lock_wait *w, struct probe_thread *t, const pthread_mutex_t *m)
{
	lock_wait_begin(w, t, __atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED));
}

/* Out of line, so that the way past it needs no room on the stack. */
static __attribute__((noinline)) int lock_slowly(struct probe_thread *t, enum call call,
						 pthread_mutex_t *m, void *site)
{
	struct lock_wait w;
	int result;

	mutex_wait_begin(&w, t, m);
	result = real_pthread_mutex_lock(m);
	return lock_wait_end(&w, call, m, site, has_it(result), result);
}

static inline int lock(enum call call, pthread_mutex_t *m, void *site)
{
	struct probe_thread *t = probe_enter();
	int result;

	if (unlikely(!t))
		return real_pthread_mutex_lock(m);
	if (likely(lock_at_once(t, m, &result)))
		return result;
	return lock_slowly(t, call, m, site);
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	return lock(CALL_pthread_mutex_lock, m, __builtin_return_address(0));
}

int __pthread_mutex_lock(pthread_mutex_t *m)
{
	return lock(CALL___pthread_mutex_lock, m, __builtin_return_address(0));
}

static inline int try(pthread_mutex_t *m)
{
	struct probe_thread *t = probe_enter();
	int result = real_pthread_mutex_trylock(m);

	if (likely(t) && has_it(result))
		lock_taken(t);
	return result;
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	return try(m);
}

int __pthread_mutex_trylock(pthread_mutex_t *m)
{
	return try(m);
}

int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t))
		return real_pthread_mutex_timedlock(m, until);
	if (likely(lock_at_once(t, m, &result)))
		return result;
	mutex_wait_begin(&w, t, m);
	result = real_pthread_mutex_timedlock(m, until);
	return lock_wait_end(&w, CALL_pthread_mutex_timedlock, m, __builtin_return_address(0),
			     has_it(result), result);
}

int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)))
		return real_pthread_mutex_clocklock(m, clock, until);
	if (likely(lock_at_once(t, m, &result)))
		return result;
	mutex_wait_begin(&w, t, m);
	result = real_pthread_mutex_clocklock(m, clock, until);
	return lock_wait_end(&w, CALL_pthread_mutex_clocklock, m, __builtin_return_address(0),
			     has_it(result), result);
}

static __attribute__((noinline)) int unlock_slowly(enum call call, pthread_mutex_t *m, void *site)
{
	if (mutex_has_waiters(m))
		unlock_tell(call, m, site);
	return real_pthread_mutex_unlock(m);
}

/* One look at the word says that a normal mutex has no waiters; then this is a jump
 * (mk/build.mk lets this file make sibling calls). */
static inline int unlock(enum call call, pthread_mutex_t *m, void *site)
{
	if (unlikely((unsigned)__atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED) > 1))
		return unlock_slowly(call, m, site);
	return real_pthread_mutex_unlock(m);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	return unlock(CALL_pthread_mutex_unlock, m, __builtin_return_address(0));
}

int __pthread_mutex_unlock(pthread_mutex_t *m)
{
	return unlock(CALL___pthread_mutex_unlock, m, __builtin_return_address(0));
}
