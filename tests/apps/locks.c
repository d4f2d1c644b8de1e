/* SPDX-License-Identifier: MIT */
/*
 * locks quiet LOOPS THREADS   every thread takes a mutex of its own LOOPS times
 * locks queue WAITS MS        a thread waits WAITS times for a mutex held MS ms
 * locks fight LOOPS THREADS   all take the same one
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t own[64];
static long loops, hold_ms;
static atomic_int held;
static uint64_t guarded;

static void pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void *quiet(void *arg)
{
	pthread_mutex_t *m = arg;

	for (long i = 0; i < loops; i++) {
		pthread_mutex_lock(m);
		if (pthread_mutex_trylock(m) != EBUSY) /* fails: no acquisition */
			_exit(98);
		pthread_mutex_unlock(m);
	}
	return NULL;
}

static void *fight(void *arg)
{
	(void)arg;
	for (long i = 0; i < loops; i++) {
		pthread_mutex_lock(&shared);
		guarded++;
		pthread_mutex_unlock(&shared);
	}
	return NULL;
}

static void *queue(void *arg)
{
	(void)arg;
	for (long i = 0; i < loops; i++) {
		while (!atomic_load(&held))
			sched_yield();
		pthread_mutex_lock(&shared); /* the other holds it */
		pthread_mutex_unlock(&shared);
		atomic_store(&held, 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "quiet";
	pthread_t thread[64];
	long threads = 1;

	loops = argument(argc, argv, 2, 100);
	if (!strcmp(mode, "queue")) {
		hold_ms = argument(argc, argv, 3, 20);
		CHECK(!pthread_create(&thread[0], NULL, queue, NULL));
		for (long i = 0; i < loops; i++) {
			pthread_mutex_lock(&shared);
			atomic_store(&held, 1);
			pause_ms(hold_ms);
			pthread_mutex_unlock(&shared);
			while (atomic_load(&held))
				sched_yield();
		}
		pthread_join(thread[0], NULL);
		ledger_add("acquires", 2 * loops);
		ledger_add("contended", loops);
		ledger_add("waited_ms", loops * hold_ms);
	} else {
		threads = argument(argc, argv, 3, 1);
		CHECK(threads <= 64);
		for (long i = 0; i < threads; i++) {
			pthread_mutex_init(&own[i], NULL);
			CHECK(!pthread_create(&thread[i], NULL, mode[0] == 'q' ? quiet : fight,
					      &own[i]));
		}
		for (long i = 0; i < threads; i++)
			pthread_join(thread[i], NULL);
		ledger_add("acquires", threads * loops);
		if (mode[0] == 'f')
			CHECK(guarded == (uint64_t)(threads * loops));
	}
	ledger_close();
	return 0;
}
