/* SPDX-License-Identifier: MIT */
/*
 * hooks_sync: makes threads wait in every way that the hooks around locks, conditions,
 * semaphores and C11 threads know, and keeps a ledger of how often each function had
 * to wait or woke somebody. A waker goes on when the other one sleeps in the kernel,
 * so the counts are exact.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#include "blocked.h"

/* Twins that libc keeps for programs linked long ago. */
#define OLD(name, symbol) __asm__(".symver " #name "," #symbol "@GLIBC_2.2.5")
int old_rdlock(pthread_rwlock_t *l);
int old_wrlock(pthread_rwlock_t *l);
int old_tryrdlock(pthread_rwlock_t *l);
int old_trywrlock(pthread_rwlock_t *l);
int old_rwunlock(pthread_rwlock_t *l);
int old_lock(pthread_mutex_t *m);
int old_trylock(pthread_mutex_t *m);
int old_unlock(pthread_mutex_t *m);
int old_once(pthread_once_t *control, void (*routine)(void));
OLD(old_rdlock, __pthread_rwlock_rdlock);
OLD(old_wrlock, __pthread_rwlock_wrlock);
OLD(old_tryrdlock, __pthread_rwlock_tryrdlock);
OLD(old_trywrlock, __pthread_rwlock_trywrlock);
OLD(old_rwunlock, __pthread_rwlock_unlock);
OLD(old_lock, __pthread_mutex_lock);
OLD(old_trylock, __pthread_mutex_trylock);
OLD(old_unlock, __pthread_mutex_unlock);
OLD(old_once, __pthread_once);

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t sem;
static mtx_t mtx;
static cnd_t cnd;
static atomic_int ready, waiter_tid;
static int word;

/* Every way of waiting: how it waits, what follows, what lets it go on. */
static struct timespec soon(void)
{
	return seconds_from_now(CLOCK_REALTIME, 100);
}

static struct timespec soon_monotonic(void)
{
	return seconds_from_now(CLOCK_MONOTONIC, 100);
}

static int timed_read(void)
{
	struct timespec until = soon();

	return pthread_rwlock_timedrdlock(&rwlock, &until);
}

static int timed_write(void)
{
	struct timespec until = soon();

	return pthread_rwlock_timedwrlock(&rwlock, &until);
}

static int clock_read(void)
{
	struct timespec until = soon_monotonic();

	return pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &until);
}

static int clock_write(void)
{
	struct timespec until = soon_monotonic();

	return pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &until);
}

static int cond_plain(void)
{
	return pthread_cond_wait(&cond, &mutex);
}

static int cond_timed(void)
{
	struct timespec until = soon();

	return pthread_cond_timedwait(&cond, &mutex, &until);
}

static int cond_clock(void)
{
	struct timespec until = soon_monotonic();

	return pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &until);
}

static int c11_timed(void)
{
	struct timespec until = soon();

	return mtx_timedlock(&mtx, &until);
}

static int cnd_timed(void)
{
	struct timespec until = soon();

	return cnd_timedwait(&cnd, &mtx, &until);
}

static int sem_timed(void)
{
	struct timespec until = soon();

	return sem_timedwait(&sem, &until);
}

static int sem_clock(void)
{
	struct timespec until = soon_monotonic();

	return sem_clockwait(&sem, CLOCK_MONOTONIC, &until);
}

#define CALL(name, expression)                                                                     \
	static int name(void)                                                                      \
	{                                                                                          \
		return expression;                                                                 \
	}
CALL(read_lock, pthread_rwlock_rdlock(&rwlock))
CALL(write_lock, pthread_rwlock_wrlock(&rwlock))
CALL(old_read_lock, old_rdlock(&rwlock))
CALL(old_write_lock, old_wrlock(&rwlock))
CALL(rw_unlock, pthread_rwlock_unlock(&rwlock))
CALL(old_rw_unlock, old_rwunlock(&rwlock))
CALL(mutex_lock, pthread_mutex_lock(&mutex))
CALL(mutex_unlock, pthread_mutex_unlock(&mutex))
CALL(old_mutex_lock, old_lock(&mutex))
CALL(old_mutex_unlock, old_unlock(&mutex))
CALL(c11_lock, mtx_lock(&mtx))
CALL(c11_unlock, mtx_unlock(&mtx))
CALL(cond_wake, pthread_cond_signal(&cond))
CALL(cond_wake_all, pthread_cond_broadcast(&cond))
CALL(c11_wait, cnd_wait(&cnd, &mtx))
CALL(c11_wake, cnd_signal(&cnd))
CALL(c11_wake_all, cnd_broadcast(&cnd))
CALL(sem_plain, sem_wait(&sem))
CALL(sem_wake, sem_post(&sem))
CALL(futex_wait, (int)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0))
CALL(futex_wake, syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0) == 1 ? 0 : -1)
CALL(nothing, 0)

/* before: by the main thread. take, wait, leave: by the other. release: by the main
 * thread, when the other one sleeps in wait; after: by it as well. */
static const struct scene {
	const char *waits, *wakes;
	int (*before)(void), (*take)(void), (*wait)(void), (*leave)(void);
	int (*release)(void), (*after)(void);
} scenes[] = {
#define RW(waits, wakes, before, wait, release)                                                    \
	{                                                                                          \
		waits, wakes, before, nothing, wait, rw_unlock, release, nothing                   \
	}
	RW("pthread_rwlock_rdlock", "pthread_rwlock_unlock", write_lock, read_lock, rw_unlock),
	RW("pthread_rwlock_wrlock", "pthread_rwlock_unlock", write_lock, write_lock, rw_unlock),
	RW("pthread_rwlock_wrlock", "pthread_rwlock_unlock", read_lock, write_lock, rw_unlock),
	RW("pthread_rwlock_timedrdlock", "pthread_rwlock_unlock", write_lock, timed_read,
	   rw_unlock),
	RW("pthread_rwlock_timedwrlock", "pthread_rwlock_unlock", read_lock, timed_write,
	   rw_unlock),
	RW("pthread_rwlock_clockrdlock", "pthread_rwlock_unlock", write_lock, clock_read,
	   rw_unlock),
	RW("pthread_rwlock_clockwrlock", "pthread_rwlock_unlock", write_lock, clock_write,
	   rw_unlock),
	RW("__pthread_rwlock_rdlock", "__pthread_rwlock_unlock", write_lock, old_read_lock,
	   old_rw_unlock),
	RW("__pthread_rwlock_wrlock", "__pthread_rwlock_unlock", read_lock, old_write_lock,
	   old_rw_unlock),
	{ "__pthread_mutex_lock", "__pthread_mutex_unlock", old_mutex_lock, nothing, old_mutex_lock,
	  mutex_unlock, old_mutex_unlock, nothing },
	{ "pthread_cond_wait", "pthread_cond_signal", nothing, mutex_lock, cond_plain, mutex_unlock,
	  cond_wake, nothing },
	{ "pthread_cond_timedwait", "pthread_cond_broadcast", nothing, mutex_lock, cond_timed,
	  mutex_unlock, cond_wake_all, nothing },
	{ "pthread_cond_clockwait", "pthread_cond_signal", nothing, mutex_lock, cond_clock,
	  mutex_unlock, cond_wake, nothing },
	{ "sem_wait", "sem_post", nothing, nothing, sem_plain, nothing, sem_wake, nothing },
	{ "sem_timedwait", "sem_post", nothing, nothing, sem_timed, nothing, sem_wake, nothing },
	{ "sem_clockwait", "sem_post", nothing, nothing, sem_clock, nothing, sem_wake, nothing },
	{ "mtx_lock", "mtx_unlock", c11_lock, nothing, c11_lock, c11_unlock, c11_unlock, nothing },
	{ "mtx_timedlock", "mtx_unlock", c11_lock, nothing, c11_timed, c11_unlock, c11_unlock,
	  nothing },
	{ "cnd_wait", "cnd_signal", nothing, c11_lock, c11_wait, c11_unlock, c11_wake, nothing },
	{ "cnd_timedwait", "cnd_broadcast", nothing, c11_lock, cnd_timed, c11_unlock, c11_wake_all,
	  nothing },
	{ "syscall", "syscall", nothing, nothing, futex_wait, nothing, futex_wake, nothing },
};

static void *wait_in_scene(void *arg)
{
	const struct scene *s = arg;

	CHECK(s->take() == 0);
	atomic_store(&waiter_tid, own_tid());
	CHECK(s->wait() == 0);
	CHECK(s->leave() == 0);
	return NULL;
}

static void play(const struct scene *s)
{
	pthread_t thread;

	atomic_store(&waiter_tid, 0);
	CHECK(s->before() == 0);
	CHECK(!pthread_create(&thread, NULL, wait_in_scene, (void *)s));
	await_blocked(&waiter_tid);
	CHECK(s->release() == 0);
	CHECK(!pthread_join(thread, NULL));
	ledger_add(s->waits, 1);
	/* A lock that was waited for is given up as if somebody still did. */
	if (strcmp(s->wakes, "mtx_unlock") != 0 && strcmp(s->wakes, "pthread_rwlock_unlock") != 0)
		ledger_add(s->wakes, 1);
}

/* Nobody waits, nobody is woken: counted, but no records. */
static void uncontended(void)
{
	struct timespec until = soon(), wrong = { 1, -1 };

	CHECK(!read_lock() && !pthread_rwlock_tryrdlock(&rwlock));
	CHECK(pthread_rwlock_trywrlock(&rwlock) == EBUSY && !rw_unlock() && !rw_unlock());
	CHECK(!old_tryrdlock(&rwlock) && !old_rw_unlock());
	CHECK(!old_trywrlock(&rwlock) && old_tryrdlock(&rwlock) == EBUSY && !rw_unlock());
	CHECK(!timed_read() && !rw_unlock() && !clock_write() && !rw_unlock());
	CHECK(pthread_rwlock_timedrdlock(&rwlock, &wrong) == EINVAL);
	CHECK(pthread_rwlock_clockrdlock(&rwlock, CLOCK_PROCESS_CPUTIME_ID, &until) == EINVAL);
	CHECK(!old_trylock(&mutex) && old_trylock(&mutex) == EBUSY && !old_mutex_unlock());
	CHECK(!cond_wake() && !cond_wake_all() && !c11_wake() && !c11_wake_all());
	CHECK(!sem_wake() && !sem_wake() && !sem_plain() && !sem_timed());
	CHECK(mtx_trylock(&mtx) == thrd_success && mtx_trylock(&mtx) == thrd_busy && !c11_unlock());
	CHECK(pthread_spin_trylock(&spin) == 0 && pthread_spin_trylock(&spin) == EBUSY);
	CHECK(!pthread_spin_unlock(&spin) && !pthread_spin_lock(&spin));
	CHECK(!pthread_spin_unlock(&spin));
	errno = 0;
	CHECK(sem_timedwait(&sem, &wrong) == -1 && errno == EINVAL);
	ledger_add("sem_timedwait", 1); /* a wait that failed */
}

static void *spin_a_while(void *arg)
{
	atomic_store(&ready, 1);
	CHECK(!pthread_spin_lock(&spin) && !pthread_spin_unlock(&spin));
	return arg;
}

static void *arrive(void *arg)
{
	int result = pthread_barrier_wait(&barrier);

	CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
	return result ? arg : NULL;
}

static void meetings(void)
{
	pthread_t thread;
	void *value;

	CHECK(!pthread_spin_lock(&spin));
	CHECK(!pthread_create(&thread, NULL, spin_a_while, NULL));
	while (!atomic_load(&ready))
		rest_us(200);
	rest_us(50000);
	CHECK(!pthread_spin_unlock(&spin) && !pthread_join(thread, NULL));
	ledger_add("pthread_spin_lock", 1);

	CHECK(!pthread_barrier_init(&barrier, NULL, 2));
	CHECK(!pthread_create(&thread, NULL, arrive, &barrier));
	CHECK((arrive(&barrier) != NULL) + (!pthread_join(thread, &value) && value) == 1);
	ledger_add("pthread_barrier_wait", 2);
}

static pthread_once_t once[2] = { PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT };
static once_flag c11_once = ONCE_FLAG_INIT;
static atomic_int runs;

static void slow_routine(void)
{
	atomic_store(&ready, 1);
	await_blocked(&waiter_tid);
	runs++;
}

static void do_once(int way)
{
	if (way == 0)
		CHECK(!pthread_once(&once[0], slow_routine));
	else if (way == 1)
		CHECK(!old_once(&once[1], slow_routine));
	else
		call_once(&c11_once, slow_routine);
}

static int run_once(void *way)
{
	do_once((int)(intptr_t)way);
	return 7;
}

static void onces(void)
{
	static const char *const names[] = { "pthread_once", "__pthread_once", "call_once" };
	int value;

	for (int way = 0; way < 3; way++) {
		thrd_t thread;

		atomic_store(&ready, 0);
		atomic_store(&waiter_tid, 0);
		CHECK(thrd_create(&thread, run_once, (void *)(intptr_t)way) == thrd_success);
		while (!atomic_load(&ready))
			rest_us(200);
		atomic_store(&waiter_tid, own_tid());
		do_once(way);
		do_once(way);
		CHECK(thrd_join(thread, &value) == thrd_success && value == 7 && runs == way + 1);
		ledger_add(names[way], 1);
		ledger_add("thrd_join", 1);
	}
}

/* The clock of a condition is in what pthread_cond_init of today has written; the
 * functions of glibc 2.2.5 would not find it and not wait at all. */
static void versions(void)
{
	struct timespec begin = seconds_from_now(CLOCK_MONOTONIC, 0), until = begin, end;
	pthread_condattr_t attr;
	pthread_cond_t timed;

	CHECK(!pthread_condattr_init(&attr));
	CHECK(!pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
	CHECK(!pthread_cond_init(&timed, &attr));
	until.tv_nsec += 30000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(pthread_cond_timedwait(&timed, &mutex, &until) == ETIMEDOUT);
	CHECK(!pthread_mutex_unlock(&mutex) && !pthread_cond_destroy(&timed));
	end = seconds_from_now(CLOCK_MONOTONIC, 0);
	CHECK((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec >= 30000000);
	ledger_add("pthread_cond_timedwait", 1);
}

static int leave_early(void *arg)
{
	(void)arg;
	thrd_exit(9);
}

int main(void)
{
	thrd_t thread;
	int value;

	CHECK(!pthread_spin_init(&spin, 0) && !sem_init(&sem, 0, 0));
	CHECK(mtx_init(&mtx, mtx_timed) == thrd_success && cnd_init(&cnd) == thrd_success);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		play(&scenes[i]);
		dprintf(1, "%s: waited and was woken\n", scenes[i].waits);
	}
	uncontended();
	meetings();
	onces();
	versions();
	CHECK(thrd_create(&thread, leave_early, NULL) == thrd_success);
	CHECK(thrd_join(thread, &value) == thrd_success && value == 9);
	ledger_add("thrd_join", 1);
	dprintf(1, "all as they should be\n");
	ledger_close();
	return 0;
}
