/* SPDX-License-Identifier: MIT */
/* Locks for many readers or one writer, as mutexes: tried first (hook_lock.h). */
#include "hook_lock.h"

/* nptl/pthread_rwlock_common.c: the low bits of __readers, above them their number;
 * __writers counts the writers that wait behind the first one where writers are
 * preferred; else only the bit in __writers_futex knows of them. */
#define WRITE_PHASE 1u
#define WRITE_LOCKED 2u
#define READERS_WAIT 4u
#define READER_SHIFT 3
#define WRITERS_HANDOVER (1u << 31)
#define FUTEX_USED 2u

/* Does this unlock let anybody in? The caller holds the lock: as writer when the
 * lock is in its write phase, else as one of the readers. Of those the last one
 * wakes the writer that has put its claim down and waits for them to leave. */
static bool has_waiters(const pthread_rwlock_t *l)
{
	unsigned readers = __atomic_load_n(&l->__data.__readers, __ATOMIC_RELAXED);
	unsigned writers = __atomic_load_n(&l->__data.__writers, __ATOMIC_RELAXED);
	unsigned futex = __atomic_load_n(&l->__data.__writers_futex, __ATOMIC_RELAXED);

	if (readers & WRITE_PHASE)
		return readers >> READER_SHIFT || readers & READERS_WAIT ||
		       writers & ~WRITERS_HANDOVER || futex & FUTEX_USED;
	return readers >> READER_SHIFT == 1 && readers & WRITE_LOCKED;
}

/* 1: the try had the last word. EBUSY: it must wait (or find its deadlock). */
static bool is_final(struct probe_thread *t, int result)
{
	if (likely(result == 0))
		lock_taken(t);
	return result != EBUSY;
}

static void rwlock_wait_begin(struct lock_wait *w, struct probe_thread *t,
			      const pthread_rwlock_t *l)
{
	lock_wait_begin(w, t, __atomic_load_n(&l->__data.__cur_writer, __ATOMIC_RELAXED));
}

/* The slow way is out of line, so that the way past it needs no room on the stack. */
#define LOCK(name, try)                                                                            \
	static __attribute__((noinline)) int slow_##name(struct probe_thread *t,                   \
							 pthread_rwlock_t *l, void *site)          \
	{                                                                                          \
		struct lock_wait w;                                                                \
		int result;                                                                        \
                                                                                                   \
		rwlock_wait_begin(&w, t, l);                                                       \
		result = real_##name(l);                                                           \
		return lock_wait_end(&w, CALL_##name, l, site, !result, result);                   \
	}                                                                                          \
	int name(pthread_rwlock_t *l)                                                              \
	{                                                                                          \
		struct probe_thread *t = probe_enter();                                            \
		int result;                                                                        \
                                                                                                   \
		if (unlikely(!t))                                                                  \
			return real_##name(l);                                                     \
		if (likely(is_final(t, result = real_##try(l))))                                   \
			return result;                                                             \
		return slow_##name(t, l, __builtin_return_address(0));                             \
	}

LOCK(pthread_rwlock_rdlock, pthread_rwlock_tryrdlock)
LOCK(pthread_rwlock_wrlock, pthread_rwlock_trywrlock)
LOCK(__pthread_rwlock_rdlock, pthread_rwlock_tryrdlock)
LOCK(__pthread_rwlock_wrlock, pthread_rwlock_trywrlock)

#define TRY(name)                                                                                  \
	int name(pthread_rwlock_t *l)                                                              \
	{                                                                                          \
		struct probe_thread *t = probe_enter();                                            \
		int result = real_##name(l);                                                       \
                                                                                                   \
		if (likely(t) && result == 0)                                                      \
			lock_taken(t);                                                             \
		return result;                                                                     \
	}

TRY(pthread_rwlock_tryrdlock)
TRY(pthread_rwlock_trywrlock)
TRY(__pthread_rwlock_tryrdlock)
TRY(__pthread_rwlock_trywrlock)

#define TIMED(name, try)                                                                           \
	int name(pthread_rwlock_t *l, const struct timespec *until)                                \
	{                                                                                          \
		struct probe_thread *t = probe_enter();                                            \
		struct lock_wait w;                                                                \
		int result;                                                                        \
                                                                                                   \
		if (unlikely(!t || !until_is_valid(CLOCK_REALTIME, until)))                        \
			return real_##name(l, until);                                              \
		if (likely(is_final(t, result = real_##try(l))))                                   \
			return result;                                                             \
		rwlock_wait_begin(&w, t, l);                                                       \
		result = real_##name(l, until);                                                    \
		return lock_wait_end(&w, CALL_##name, l, __builtin_return_address(0), !result,     \
				     result);                                                      \
	}

TIMED(pthread_rwlock_timedrdlock, pthread_rwlock_tryrdlock)
TIMED(pthread_rwlock_timedwrlock, pthread_rwlock_trywrlock)

#define CLOCKED(name, try)                                                                         \
	int name(pthread_rwlock_t *l, clockid_t clock, const struct timespec *until)               \
	{                                                                                          \
		struct probe_thread *t = probe_enter();                                            \
		struct lock_wait w;                                                                \
		int result;                                                                        \
                                                                                                   \
		if (unlikely(!t || !until_is_valid(clock, until)))                                 \
			return real_##name(l, clock, until);                                       \
		if (likely(is_final(t, result = real_##try(l))))                                   \
			return result;                                                             \
		rwlock_wait_begin(&w, t, l);                                                       \
		result = real_##name(l, clock, until);                                             \
		return lock_wait_end(&w, CALL_##name, l, __builtin_return_address(0), !result,     \
				     result);                                                      \
	}

CLOCKED(pthread_rwlock_clockrdlock, pthread_rwlock_tryrdlock)
CLOCKED(pthread_rwlock_clockwrlock, pthread_rwlock_trywrlock)

#define UNLOCK(name)                                                                               \
	int name(pthread_rwlock_t *l)                                                              \
	{                                                                                          \
		if (unlikely(has_waiters(l)))                                                      \
			unlock_tell(CALL_##name, l, __builtin_return_address(0));                  \
		return real_##name(l);                                                             \
	}

UNLOCK(pthread_rwlock_unlock)
UNLOCK(__pthread_rwlock_unlock)
