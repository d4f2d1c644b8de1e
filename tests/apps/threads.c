/* SPDX-License-Identifier: MIT */
/*
 * threads MODE COUNT MALLOCS [AT_ONCE]: COUNT threads that each allocate and free
 * MALLOCS blocks of 64 bytes and write once.
 *
 *	join      they return and are joined
 *	exit      they leave by pthread_exit from a nested call
 *	detached  nobody joins them
 *	keys      destructors of thread-specific data allocate and free
 *	cancel    they are cancelled while they sleep
 *	leave     main calls pthread_exit first; the last thread ends the process
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static const char *mode;
static long mallocs;
static pthread_key_t key;
static sem_t done;
static int null_fd;
static atomic_ulong allocs, frees, writes;
static atomic_long left;

static void take_and_give(long n)
{
	for (long i = 0; i < n; i++) {
		void *block = malloc(64);

		__asm__ volatile("" ::"r"(block) : "memory");
		free(block);
	}
	atomic_fetch_add(&allocs, n);
	atomic_fetch_add(&frees, n);
}

static void destroy(void *value)
{
	free(value);
	atomic_fetch_add(&frees, 1);
	take_and_give(3);
}

static void leave_now(void)
{
	pthread_exit((void *)42);
}

static void tell(void)
{
	ledger_add("allocs", allocs);
	ledger_add("frees", frees);
	ledger_add("bytes", allocs * 64);
	ledger_add("writes", writes);
	ledger_close();
}

static void *work(void *arg)
{
	(void)arg;
	take_and_give(mallocs);
	if (write(null_fd, "x", 1) == 1)
		atomic_fetch_add(&writes, 1);
	if (!strcmp(mode, "keys")) {
		pthread_setspecific(key, malloc(64));
		atomic_fetch_add(&allocs, 1);
	} else if (!strcmp(mode, "cancel")) {
		struct timespec t = { 100, 0 };

		sem_post(&done);
		nanosleep(&t, NULL);
	} else if (!strcmp(mode, "detached")) {
		sem_post(&done);
	} else if (!strcmp(mode, "exit")) {
		leave_now();
	} else if (!strcmp(mode, "leave") && atomic_fetch_sub(&left, 1) == 1) {
		tell();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long count = argument(argc, argv, 2, 10), at_once = argument(argc, argv, 4, 50);
	static pthread_t thread[1024];
	pthread_attr_t attr;

	mode = argc > 1 ? argv[1] : "join";
	mallocs = argument(argc, argv, 3, 10);
	CHECK(at_once <= 1024);
	if (!strcmp(mode, "leave"))
		at_once = count;
	null_fd = open("/dev/null", O_WRONLY);
	CHECK(null_fd >= 0 && !sem_init(&done, 0, 0) && !pthread_key_create(&key, destroy));
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	if (!strcmp(mode, "detached") || !strcmp(mode, "leave"))
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	left = count;
	for (long from = 0; from < count; from += at_once) {
		long to = from + at_once < count ? from + at_once : count;

		for (long i = from; i < to; i++)
			CHECK(!pthread_create(&thread[i - from], &attr, work, NULL));
		if (!strcmp(mode, "leave"))
			pthread_exit(NULL);
		for (long i = from; i < to; i++) {
			if (!strcmp(mode, "detached") || !strcmp(mode, "cancel"))
				sem_wait(&done);
		}
		for (long i = from; i < to && strcmp(mode, "detached"); i++) {
			if (!strcmp(mode, "cancel"))
				pthread_cancel(thread[i - from]);
			CHECK(!pthread_join(thread[i - from], NULL));
		}
	}
	tell();
	return 0;
}
