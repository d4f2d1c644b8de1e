/* SPDX-License-Identifier: MIT */
/*
 * Mutexes and sleeping. A mutex is tried first: one that is free costs a counter
 * and no clock (7.5 ns against 28.8, TECHNIQUES §6); one that is not gives a
 * record with the wait, who held it and where. unlock looks at the futex word
 * before it lets go and records only when somebody waits.
 */
#include "hook_io.h"

void wait_tell(struct io_call *c, enum call call, enum wait_reason reason, uint64_t object,
	       int result)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	enum counter_id first = reason == WAIT_sleep ? COUNTER_sleeps : COUNTER_sync_waits;

	probe_count(t, first, 1);
	probe_count(t, first + 1, took);
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	record_3(t, EVENT_WAIT, took | (uint64_t)call << 48 | (uint64_t)reason << 58, object,
		 (uint32_t)result, end);
}

/* Does anybody wait in the kernel for this mutex? Normal mutexes: 2 says so;
 * robust and priority inheriting ones keep the owner there, and a bit for waiters. */
static bool has_waiters(const pthread_mutex_t *m)
{
	int word = __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED);

	return m->__data.__kind & (16 | 32) /* glibc's ROBUST and PRIO_INHERIT */
		       ? word < 0	    /* FUTEX_WAITERS */
		       : word > 1;
}

struct lock_wait {
	struct io_call call;
	uint32_t owner_tid;
};

/* 1: the trylock had the last word, *result is it. */
static bool lock_at_once(struct probe_thread *t, pthread_mutex_t *m, int *result)
{
	*result = real_pthread_mutex_trylock(m);
	if (*result == EBUSY)
		return false;
	/* EOWNERDEAD, ENOTRECOVERABLE and misuse are as final as success. */
	if (*result == 0 || *result == EOWNERDEAD)
		probe_count(t, COUNTER_lock_acquires, 1);
	return true;
}

static void lock_wait_begin(struct lock_wait *w, struct probe_thread *t, pthread_mutex_t *m)
{
	w->call.thread = t;
	w->owner_tid = (uint32_t)__atomic_load_n(&m->__data.__owner, __ATOMIC_RELAXED);
	w->call.begun = probe_now();
}

static int lock_wait_end(struct lock_wait *w, enum call call, pthread_mutex_t *m, void *site,
			 int result)
{
	struct probe_thread *t = w->call.thread;
	uint64_t end = probe_now(), took = end - w->call.begun;

	if (!io_still(&w->call))
		return result;
	if (result == 0 || result == EOWNERDEAD)
		probe_count(t, COUNTER_lock_acquires, 1);
	probe_count(t, COUNTER_lock_contended, 1);
	probe_count(t, COUNTER_lock_wait_ticks, took);
	if (probe.level != LEVEL_counters) {
		uint64_t v[5] = { ((uintptr_t)m & EVENT_MASK(48)) | (uint64_t)call << 48,
				  (uintptr_t)site, took, w->owner_tid, (uint32_t)result };

		record_n(t, EVENT_LOCK_WAIT, v, 5, end);
	}
	return result;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t))
		return real_pthread_mutex_lock(m);
	if (likely(lock_at_once(t, m, &result)))
		return result;
	lock_wait_begin(&w, t, m);
	result = real_pthread_mutex_lock(m);
	return lock_wait_end(&w, CALL_pthread_mutex_lock, m, __builtin_return_address(0), result);
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	struct probe_thread *t = probe_enter();
	int result = real_pthread_mutex_trylock(m);

	if (likely(t) && (result == 0 || result == EOWNERDEAD))
		probe_count(t, COUNTER_lock_acquires, 1);
	return result;
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
	lock_wait_begin(&w, t, m);
	result = real_pthread_mutex_timedlock(m, until);
	return lock_wait_end(&w, CALL_pthread_mutex_timedlock, m, __builtin_return_address(0),
			     result);
}

int pthread_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
	struct probe_thread *t = probe_enter();
	struct lock_wait w;
	int result;

	if (unlikely(!t))
		return real_pthread_mutex_clocklock(m, clock, until);
	if (likely(lock_at_once(t, m, &result)))
		return result;
	lock_wait_begin(&w, t, m);
	result = real_pthread_mutex_clocklock(m, clock, until);
	return lock_wait_end(&w, CALL_pthread_mutex_clocklock, m, __builtin_return_address(0),
			     result);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	struct probe_thread *t = probe_enter();

	if (likely(t) && unlikely(has_waiters(m)) && probe.level != LEVEL_counters)
		record_3(t, EVENT_UNLOCK_WAKE,
			 ((uintptr_t)m & EVENT_MASK(48)) | (uint64_t)CALL_pthread_mutex_unlock
								   << 48,
			 (uintptr_t)__builtin_return_address(0), 0, probe_now());
	return real_pthread_mutex_unlock(m);
}

static int slept(struct io_call *c, enum call call, int result)
{
	int saved = errno;

	if (io_still(c))
		wait_tell(c, call, WAIT_sleep, 0, result < 0 ? -saved : result);
	errno = saved;
	return result;
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_nanosleep(want, left);
	return slept(&c, CALL_nanosleep, real_nanosleep(want, left));
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_poll(fds, n, timeout);
	return slept(&c, CALL_poll, real_poll(fds, n, timeout));
}

int __poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___poll(fds, n, timeout);
	return slept(&c, CALL___poll, real___poll(fds, n, timeout));
}

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___poll_chk(fds, n, timeout, room);
	return slept(&c, CALL___poll_chk, real___poll_chk(fds, n, timeout, room));
}
