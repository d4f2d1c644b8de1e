/* SPDX-License-Identifier: MIT */
/*
 * What all kinds of locks have in common. A lock is tried first: one that is free
 * costs a counter and no clock; one that is not gives a LOCK_WAIT with the wait,
 * who held it and where. To unlock looks whether somebody waits, and records only
 * then.
 */
#ifndef TPPROBE_HOOK_LOCK_H
#define TPPROBE_HOOK_LOCK_H

#include "hook_io.h"

#pragma GCC visibility push(hidden)

struct lock_wait {
	struct io_call call;
	uint32_t owner_tid;
};

static inline void lock_taken(struct probe_thread *t)
{
	probe_count(t, COUNTER_lock_acquires, 1);
}

void lock_wait_begin(struct lock_wait *w, struct probe_thread *t, int owner_tid);

/* Counts and tells; `taken`: the wait was not in vain. Hands the result through. */
int lock_wait_end(struct lock_wait *w, enum call call, const void *lock, void *site, bool taken,
		  int result);

/* Before the lock is given up, and only when somebody waits for it. */
void unlock_tell(enum call call, const void *lock, void *site);

/* The limits that glibc looks at before the lock: a lock that is free must not
 * hide that one is wrong. */
static inline bool until_is_valid(clockid_t clock, const struct timespec *until)
{
	return (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC) && until->tv_nsec >= 0 &&
	       until->tv_nsec < 1000000000;
}

/* Does anybody wait in the kernel for this mutex? Normal mutexes: 2 says so;
 * robust and priority inheriting ones keep the owner there, and a bit for waiters. */
static inline bool mutex_has_waiters(const pthread_mutex_t *m)
{
	int word = __atomic_load_n(&m->__data.__lock, __ATOMIC_RELAXED);

	return m->__data.__kind & (16 | 32) /* glibc's ROBUST and PRIO_INHERIT */
		       ? word < 0	    /* FUTEX_WAITERS */
		       : word > 1;
}

#pragma GCC visibility pop

#endif
