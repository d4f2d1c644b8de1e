/* SPDX-License-Identifier: MIT */
/*
 * idle HOW MS: threads that wait for what never comes, one in each way; after MS
 * milliseconds the process ends: exit, kill (-9), or cancel: the threads are cancelled
 * first, and joined. The main thread itself sleeps by system calls that nobody sees.
 * jump: no threads; a handler jumps out of a sleep, and what follows is none.
 */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t sem;

static sigjmp_buf out;

static void jump(int signal)
{
	siglongjmp(out, signal);
}

static void jump_out_of_sleep(const struct timespec *want)
{
	signal(SIGALRM, jump);
	if (!sigsetjmp(out, 1)) {
		ualarm(10000, 0);
		sleep(1000);
	}
	ledger_syscall(SYS_nanosleep, (long)want, 0, 0);
}

static void unlock(void *m)
{
	pthread_mutex_unlock(m);
}

static void *in_cond(void *unused)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return unused;
}

static void *in_sem(void *unused)
{
	sem_wait(&sem);
	return unused;
}

static void *in_sleep(void *unused)
{
	sleep(1000);
	return unused;
}

static void *in_lock(void *unused)
{
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
	return unused;
}

int main(int argc, char **argv)
{
	void *(*const routine[])(void *) = { in_cond, in_sem, in_sleep, in_lock };
	const char *how = argc > 1 ? argv[1] : "exit";
	long ms = argument(argc, argv, 2, 200);
	struct timespec want = { ms / 1000, ms % 1000 * 1000000 };
	pthread_t thread[4];

	if (!strcmp(how, "jump")) {
		jump_out_of_sleep(&want);
		return 0;
	}
	pthread_mutex_lock(&held);
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&thread[i], NULL, routine[i], NULL));
	ledger_syscall(SYS_nanosleep, (long)&want, 0, 0);
	if (!strcmp(how, "kill"))
		raise(SIGKILL);
	if (!strcmp(how, "cancel")) {
		for (int i = 0; i < 3; i++)
			pthread_cancel(thread[i]);
		pthread_mutex_unlock(&held); /* a lock is no cancellation point */
		for (int i = 0; i < 4; i++)
			CHECK(!pthread_join(thread[i], NULL));
	}
	return 0;
}
