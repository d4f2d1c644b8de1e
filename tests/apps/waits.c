/* SPDX-License-Identifier: MIT */
/*
 * waits KIND COUNT MS: a thread waits COUNT times until the main thread, after MS ms,
 * lets it go on. The ledger has how long it waited by its own clock, and how often;
 * the main thread itself waits by system calls that nobody sees.
 *
 *	mutex mtx read write cond cnd sem once barrier join futex queue
 *	sleep    the thread sleeps, MS ms in each way there is, COUNT times
 *	spin     the thread burns its time
 *	free     the locks and semaphores are free: nothing waits
 */
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <poll.h>
#include <threads.h>

#include "blocked.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static pthread_once_t once;
static mtx_t mtx;
static cnd_t cnd;
static sem_t sem;
static int queue, epoll;
static int word;
static pthread_t other;

static long count, ms;
static atomic_int tid, done, go;
static uint64_t waited_ns, waits;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#define TIMED(call)                                                                                \
	do {                                                                                       \
		uint64_t begin = now_ns();                                                         \
		call;                                                                              \
		waited_ns += now_ns() - begin;                                                     \
		waits++;                                                                           \
	} while (0)

/* What the main thread has to do before a round, the other in it, and the main thread
 * to end it. */
static void nothing(void)
{
}

static void mutex_take(void)
{
	pthread_mutex_lock(&mutex);
}

static void mutex_wait(void)
{
	TIMED(pthread_mutex_lock(&mutex));
	pthread_mutex_unlock(&mutex);
}

static void mutex_give(void)
{
	pthread_mutex_unlock(&mutex);
}

static void mtx_take(void)
{
	mtx_lock(&mtx);
}

static void mtx_wait(void)
{
	TIMED(mtx_lock(&mtx));
	mtx_unlock(&mtx);
}

static void mtx_give(void)
{
	mtx_unlock(&mtx);
}

static void write_take(void)
{
	pthread_rwlock_wrlock(&rwlock);
}

static void read_take(void)
{
	pthread_rwlock_rdlock(&rwlock);
}

static void read_wait(void)
{
	TIMED(pthread_rwlock_rdlock(&rwlock));
	pthread_rwlock_unlock(&rwlock);
}

static void write_wait(void)
{
	TIMED(pthread_rwlock_wrlock(&rwlock));
	pthread_rwlock_unlock(&rwlock);
}

static void rw_give(void)
{
	pthread_rwlock_unlock(&rwlock);
}

static void cond_wait(void)
{
	pthread_mutex_lock(&mutex);
	while (!go)
		TIMED(pthread_cond_wait(&cond, &mutex));
	go = 0;
	pthread_mutex_unlock(&mutex);
}

static void cond_give(void)
{
	pthread_mutex_lock(&mutex);
	go = 1;
	pthread_mutex_unlock(&mutex);
	pthread_cond_signal(&cond);
}

static void cnd_wait_for_it(void)
{
	mtx_lock(&mtx);
	while (!go)
		TIMED(cnd_wait(&cnd, &mtx));
	go = 0;
	mtx_unlock(&mtx);
}

static void cnd_give(void)
{
	mtx_lock(&mtx);
	go = 1;
	mtx_unlock(&mtx);
	cnd_broadcast(&cnd);
}

static void sem_wait_for_it(void)
{
	TIMED(sem_wait(&sem));
}

static void sem_give(void)
{
	sem_post(&sem);
}

static void barrier_wait(void)
{
	TIMED(pthread_barrier_wait(&barrier));
}

static void barrier_give(void)
{
	TIMED(pthread_barrier_wait(&barrier));
}

/* Here the other thread runs the routine, and the main thread is the one that waits. */
static void routine(void)
{
	atomic_store(&tid, own_tid());
	rest_us(ms * 1000);
}

static void run_once(void)
{
	once = PTHREAD_ONCE_INIT;
	atomic_store(&tid, 0);
	pthread_once(&once, routine);
}

static void once_give(void)
{
	TIMED(pthread_once(&once, routine));
}

static void futex_wait(void)
{
	TIMED(syscall(SYS_futex, &word, 0, 0, NULL, NULL, 0));
}

static void futex_give(void)
{
	CHECK(syscall(SYS_futex, &word, 1, 1, NULL, NULL, 0) == 1);
}

static void queue_wait(void)
{
	struct {
		long type;
		char text[8];
	} message;

	TIMED(CHECK(msgrcv(queue, &message, 8, 0, 0) == 8));
}

static void queue_give(void)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "message" };

	TIMED(CHECK(msgsnd(queue, &message, 8, 0) == 0));
}

static void *rest(void *arg)
{
	rest_us(ms * 1000);
	return arg;
}

static void join(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, rest, NULL));
	TIMED(pthread_join(thread, NULL));
}

static void sleep_all(void)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	struct timeval v = { ms / 1000, ms % 1000 * 1000 };
	struct epoll_event event;
	sigset_t usr1;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	TIMED(nanosleep(&t, NULL));
	TIMED(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL));
	TIMED(usleep((unsigned)ms * 1000));
	TIMED(thrd_sleep(&t, NULL));
	TIMED(poll(NULL, 0, (int)ms));
	TIMED(ppoll(NULL, 0, &t, NULL));
	TIMED(select(0, NULL, NULL, NULL, &v));
	TIMED(pselect(0, NULL, NULL, NULL, &t, NULL));
	TIMED(epoll_wait(epoll, &event, 1, (int)ms));
	TIMED(sigtimedwait(&usr1, NULL, &t));
}

static void spin_take(void)
{
	pthread_spin_lock(&spin);
}

static void spin_wait(void)
{
	TIMED(pthread_spin_lock(&spin));
	pthread_spin_unlock(&spin);
}

static void spin_give(void)
{
	pthread_spin_unlock(&spin);
}

static void use_free(void)
{
	for (int i = 0; i < 1000; i++) {
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_wrlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
		mtx_lock(&mtx);
		mtx_unlock(&mtx);
		pthread_spin_lock(&spin);
		pthread_spin_unlock(&spin);
		sem_post(&sem);
		sem_wait(&sem);
		pthread_cond_signal(&cond);
	}
}

static const struct kind {
	const char *name;
	void (*before)(void), (*wait)(void), (*give)(void);
	int sleeps; /* the one who waits is seen asleep */
} kinds[] = {
	{ "mutex", mutex_take, mutex_wait, mutex_give, 1 },
	{ "mtx", mtx_take, mtx_wait, mtx_give, 1 },
	{ "read", write_take, read_wait, rw_give, 1 },
	{ "write", read_take, write_wait, rw_give, 1 },
	{ "cond", nothing, cond_wait, cond_give, 1 },
	{ "cnd", nothing, cnd_wait_for_it, cnd_give, 1 },
	{ "sem", nothing, sem_wait_for_it, sem_give, 1 },
	{ "barrier", nothing, barrier_wait, barrier_give, 1 },
	{ "once", nothing, run_once, once_give, 0 },
	{ "futex", nothing, futex_wait, futex_give, 1 },
	{ "queue", nothing, queue_wait, queue_give, 1 },
	{ "join", nothing, join, nothing, 0 },
	{ "sleep", nothing, sleep_all, nothing, 0 },
	{ "spin", spin_take, spin_wait, spin_give, 0 },
	{ "free", nothing, use_free, nothing, 0 },
};

static const struct kind *kind;
static atomic_int round_begun;

static void *waiter(void *arg)
{
	for (int i = 0; i < count; i++) {
		while (atomic_load(&round_begun) <= i)
			rest_us(100);
		atomic_store(&tid, own_tid());
		kind->wait();
		atomic_store(&done, i + 1);
	}
	return arg;
}

static void play_round(int i)
{
	atomic_store(&tid, 0);
	kind->before();
	atomic_store(&round_begun, i + 1);
	if (kind->sleeps)
		await_blocked(&tid);
	if (!strcmp(kind->name, "once")) {
		while (!(once & 1)) /* in progress */
			rest_us(100);
		kind->give();
	} else if (kind->give != nothing) {
		rest_us(ms * 1000);
		kind->give();
	}
	while (atomic_load(&done) <= i)
		rest_us(100);
}

int main(int argc, char **argv)
{
	count = argument(argc, argv, 2, 5);
	ms = argument(argc, argv, 3, 20);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (argc > 1 && !strcmp(argv[1], kinds[i].name))
			kind = &kinds[i];
	CHECK(kind);
	CHECK(!pthread_barrier_init(&barrier, NULL, 2) && !pthread_spin_init(&spin, 0));
	CHECK(!sem_init(&sem, 0, 0) && mtx_init(&mtx, mtx_plain) == thrd_success);
	CHECK(cnd_init(&cnd) == thrd_success);
	queue = msgget(IPC_PRIVATE, 0600);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	CHECK(queue >= 0 && epoll >= 0);
	CHECK(!pthread_create(&other, NULL, waiter, NULL));
	for (int i = 0; i < count; i++)
		play_round(i);
	msgctl(queue, IPC_RMID, NULL);
	ledger_add("waited_us", waited_ns / 1000);
	ledger_add("waits", waits);
	ledger_close();
	return 0; /* not joined: that would be one more wait */
}
