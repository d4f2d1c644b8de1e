/* SPDX-License-Identifier: MIT */
/*
 * Conditions. glibc has two versions of these functions; a program of this century
 * uses the newer, which is the default one and what dlsym finds (real.c).
 *
 * A wait takes its mutex again inside glibc: that is part of the wait and no record
 * of its own. A wake is told when somebody waits, counted always.
 */
#include "waiting.h"

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *m)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_cond_wait(cond, m);
	return wait_end(&c, CALL_pthread_cond_wait, WAIT_sync, (uintptr_t)cond,
			real_pthread_cond_wait(cond, m));
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *m, const struct timespec *until)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_cond_timedwait(cond, m, until);
	return wait_end(&c, CALL_pthread_cond_timedwait, WAIT_sync, (uintptr_t)cond,
			real_pthread_cond_timedwait(cond, m, until));
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *m, clockid_t clock,
			   const struct timespec *until)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_cond_clockwait(cond, m, clock, until);
	return wait_end(&c, CALL_pthread_cond_clockwait, WAIT_sync, (uintptr_t)cond,
			real_pthread_cond_clockwait(cond, m, clock, until));
}

/* nptl/pthread_cond_common.c: above three bits of flags, how many wait. A cnd_t is
 * the same inside. */
static bool has_waiters(const pthread_cond_t *cond)
{
	return __atomic_load_n(&cond->__data.__wrefs, __ATOMIC_RELAXED) >> 3;
}

static void wake(enum call call, const pthread_cond_t *cond, void *site, uint32_t count)
{
	struct probe_thread *t = probe_enter();

	if (!t)
		return;
	probe_count(t, COUNTER_wakes, 1);
	if (has_waiters(cond))
		wake_tell(t, call, (uintptr_t)cond, site, count, probe_now());
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	wake(CALL_pthread_cond_signal, cond, __builtin_return_address(0), 1);
	return real_pthread_cond_signal(cond);
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	wake(CALL_pthread_cond_broadcast, cond, __builtin_return_address(0), UINT32_MAX);
	return real_pthread_cond_broadcast(cond);
}

int cnd_wait(cnd_t *cond, mtx_t *m)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_cnd_wait(cond, m);
	return wait_end(&c, CALL_cnd_wait, WAIT_sync, (uintptr_t)cond, real_cnd_wait(cond, m));
}

int cnd_timedwait(cnd_t *cond, mtx_t *m, const struct timespec *until)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_cnd_timedwait(cond, m, until);
	return wait_end(&c, CALL_cnd_timedwait, WAIT_sync, (uintptr_t)cond,
			real_cnd_timedwait(cond, m, until));
}

int cnd_signal(cnd_t *cond)
{
	wake(CALL_cnd_signal, (const pthread_cond_t *)cond, __builtin_return_address(0), 1);
	return real_cnd_signal(cond);
}

int cnd_broadcast(cnd_t *cond)
{
	wake(CALL_cnd_broadcast, (const pthread_cond_t *)cond, __builtin_return_address(0),
	     UINT32_MAX);
	return real_cnd_broadcast(cond);
}
