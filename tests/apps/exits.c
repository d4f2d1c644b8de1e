/* SPDX-License-Identifier: MIT */
/*
 * exits WAY [STATUS]: allocates 10 blocks of 1000 bytes, never frees them, ends.
 *
 *	return exit _exit _Exit quick_exit   with STATUS
 *	abort segv kill9 term                by a signal
 *	thread                               exit() called by a thread
 *	pthread_exit                         main's thread ends, another returns later
 *	exec N                               becomes itself N times, then exits with N
 *	exec_fail                            execve of nothing, then returns STATUS
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static int status;

static void *end_from_thread(void *arg)
{
	(void)arg;
	exit(status);
}

static void *return_later(void *arg)
{
	struct timespec t = { 0, 50000000 };

	nanosleep(&t, NULL);
	return arg;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "return";
	char number[32];
	pthread_t thread;
	struct timespec t = { 5, 0 };

	status = argument(argc, argv, 2, 3);
	for (int i = 0; i < 10; i++) {
		void *block = malloc(1000);

		__asm__ volatile("" ::"r"(block) : "memory");
	}
	ledger_add("allocs", 10);
	ledger_add("bytes", 10000);
	ledger_close();
	if (!strcmp(way, "exit")) {
		exit(status);
	} else if (!strcmp(way, "_exit")) {
		_exit(status);
	} else if (!strcmp(way, "_Exit")) {
		_Exit(status);
	} else if (!strcmp(way, "quick_exit")) {
		quick_exit(status);
	} else if (!strcmp(way, "abort")) {
		abort();
	} else if (!strcmp(way, "segv")) {
		*(volatile int *)8 = 0;
	} else if (!strcmp(way, "kill9")) {
		raise(SIGKILL);
	} else if (!strcmp(way, "term")) {
		raise(SIGTERM);
	} else if (!strcmp(way, "thread")) {
		CHECK(!pthread_create(&thread, NULL, end_from_thread, NULL));
		nanosleep(&t, NULL);
	} else if (!strcmp(way, "pthread_exit")) {
		CHECK(!pthread_create(&thread, NULL, return_later, NULL));
		pthread_exit(NULL);
	} else if (!strcmp(way, "exec")) {
		static long depth;

		depth = argument(argc, argv, 3, 0);
		if (depth < status) {
			char deeper[32];

			snprintf(number, sizeof(number), "%d", status);
			snprintf(deeper, sizeof(deeper), "%ld", depth + 1);
			execl(argv[0], argv[0], "exec", number, deeper, NULL);
			_exit(96);
		}
		return status;
	} else if (!strcmp(way, "exec_fail")) {
		execl("/nonexistent/program", "program", NULL);
	}
	return status;
}
