/* SPDX-License-Identifier: MIT */
/*
 * Semaphores, barriers, once, spin locks.
 *
 * sem_wait is a cancellation point, so there is no trying first. A look at the value
 * tells whether it will wait: when it will not, the call costs no clock and is not
 * told, since it is no wait. (Should another thread take the value in between, that
 * one wait is not seen.)
 */
#include "hook_lock.h"
#include "waiting.h"

/* nptl's struct new_sem: the value below, the number of those who wait above. */
static uint64_t sem_data(const sem_t *sem)
{
	return __atomic_load_n((const uint64_t *)(const void *)sem, __ATOMIC_RELAXED);
}

static bool must_wait(const sem_t *sem)
{
	return unlikely((uint32_t)sem_data(sem) == 0);
}

static bool sem_begin(struct io_call *c, const sem_t *sem)
{
	return must_wait(sem) && wait_begin(c, WAIT_sync);
}

/* Out of line, so that the way past it is a look and a jump (mk/build.mk lets this
 * file make sibling calls). */
static __attribute__((noinline)) int sem_wait_slowly(sem_t *sem)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_sem_wait(sem);
	return (int)wait_end_errno(&c, CALL_sem_wait, WAIT_sync, (uintptr_t)sem,
				   real_sem_wait(sem));
}

int sem_wait(sem_t *sem)
{
	return must_wait(sem) ? sem_wait_slowly(sem) : real_sem_wait(sem);
}

int sem_timedwait(sem_t *sem, const struct timespec *until)
{
	struct io_call c;

	if (!sem_begin(&c, sem))
		return real_sem_timedwait(sem, until);
	return (int)wait_end_errno(&c, CALL_sem_timedwait, WAIT_sync, (uintptr_t)sem,
				   real_sem_timedwait(sem, until));
}

int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *until)
{
	struct io_call c;

	if (!sem_begin(&c, sem))
		return real_sem_clockwait(sem, clock, until);
	return (int)wait_end_errno(&c, CALL_sem_clockwait, WAIT_sync, (uintptr_t)sem,
				   real_sem_clockwait(sem, clock, until));
}

int sem_post(sem_t *sem)
{
	struct probe_thread *t = probe_enter();

	if (likely(t)) {
		probe_count(t, COUNTER_wakes, 1);
		if (unlikely(sem_data(sem) >> 32))
			wake_tell(t, CALL_sem_post, (uintptr_t)sem, __builtin_return_address(0), 1,
				  probe_now());
	}
	return real_sem_post(sem);
}

/* Each arrival is a wait; the last one's is short, and wakes the others. */
int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_sync))
		return real_pthread_barrier_wait(barrier);
	return wait_end(&c, CALL_pthread_barrier_wait, WAIT_sync, (uintptr_t)barrier,
			real_pthread_barrier_wait(barrier));
}

static __attribute__((noinline)) int spin_slowly(struct probe_thread *t, pthread_spinlock_t *l,
						 void *site)
{
	struct lock_wait w;

	lock_wait_begin(&w, t, 0);
	wait_unmark(t); /* it is at work */
	return lock_wait_end(&w, CALL_pthread_spin_lock, (const void *)l, site, true,
			     real_pthread_spin_lock(l));
}

/* Waiting in here is CPU time, so it is told but not added to the waits. */
int pthread_spin_lock(pthread_spinlock_t *l)
{
	struct probe_thread *t = probe_enter();

	if (unlikely(!t))
		return real_pthread_spin_lock(l);
	if (unlikely(real_pthread_spin_trylock(l) != 0))
		return spin_slowly(t, l, __builtin_return_address(0));
	lock_taken(t);
	return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *l)
{
	struct probe_thread *t = probe_enter();
	int result = real_pthread_spin_trylock(l);

	if (likely(t) && result == 0)
		lock_taken(t);
	return result;
}

/* nptl/pthread_once.c: 1 in progress, 2 done; above them the number of the fork that
 * it began in. Only who finds another thread at it waits. */
static bool once_begin(struct io_call *c, const int *control)
{
	int word = __atomic_load_n(control, __ATOMIC_RELAXED);

	return unlikely((word & 3) == 1) && wait_begin(c, WAIT_sync);
}

int pthread_once(pthread_once_t *control, void (*routine)(void))
{
	struct io_call c;

	if (!once_begin(&c, control))
		return real_pthread_once(control, routine);
	return wait_end(&c, CALL_pthread_once, WAIT_sync, (uintptr_t)control,
			real_pthread_once(control, routine));
}

int __pthread_once(pthread_once_t *control, void (*routine)(void))
{
	struct io_call c;

	if (!once_begin(&c, control))
		return real___pthread_once(control, routine);
	return wait_end(&c, CALL___pthread_once, WAIT_sync, (uintptr_t)control,
			real___pthread_once(control, routine));
}

void call_once(once_flag *control, void (*routine)(void))
{
	struct io_call c;

	if (!once_begin(&c, &control->__data)) {
		real_call_once(control, routine);
		return;
	}
	real_call_once(control, routine);
	wait_end(&c, CALL_call_once, WAIT_sync, (uintptr_t)control, 0);
}
