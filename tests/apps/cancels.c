/* SPDX-License-Identifier: MIT */
/*
 * cancels COUNT: threads are cancelled while they wait for a condition, a semaphore
 * and in poll, COUNT of each.
 */
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>

#include "blocked.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t sem;
static atomic_int tid, cleaned;

static void clean(void *locked)
{
	atomic_fetch_add(&cleaned, 1);
	if (locked)
		pthread_mutex_unlock(locked); /* a cancelled wait has taken it again */
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(clean, &mutex);
	atomic_store(&tid, own_tid());
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_sem(void *arg)
{
	pthread_cleanup_push(clean, NULL);
	atomic_store(&tid, own_tid());
	for (;;)
		sem_wait(&sem);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_poll(void *arg)
{
	pthread_cleanup_push(clean, NULL);
	atomic_store(&tid, own_tid());
	for (;;)
		poll(NULL, 0, 100000);
	pthread_cleanup_pop(0);
	return arg;
}

int main(int argc, char **argv)
{
	static void *(*const ways[])(void *) = { in_cond, in_sem, in_poll };
	long count = argument(argc, argv, 1, 200);

	CHECK(!sem_init(&sem, 0, 0));
	for (long i = 0; i < 3 * count; i++) {
		pthread_t thread;
		void *value;

		atomic_store(&tid, 0);
		CHECK(!pthread_create(&thread, NULL, ways[i % 3], NULL));
		await_blocked(&tid);
		CHECK(!pthread_cancel(thread));
		CHECK(!pthread_join(thread, &value) && value == PTHREAD_CANCELED);
	}
	CHECK(cleaned == 3 * count && !pthread_mutex_trylock(&mutex));
	ledger_add("cancelled", (uint64_t)(3 * count));
	ledger_close();
	return 0;
}
