/* SPDX-License-Identifier: MIT */
/*
 * procs WAY COUNT MALLOCS: COUNT children, each of which allocates and frees
 * MALLOCS blocks, writes three times to /dev/null, and ends with status 0.
 *
 *	fork  _Fork  clone      a copy does it
 *	vfork spawn system popen  another image of this program does it (`procs work`)
 *	daemon                  forked twice, in a session of its own
 *	threads                 fork() in a thread while others allocate
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>

#include "ledger.h"

extern char **environ;
static long mallocs;
static atomic_int stop;

static void work(void)
{
	int fd = open("/dev/null", O_WRONLY);

	for (long i = 0; i < mallocs; i++) {
		void *block = malloc(100);

		__asm__ volatile("" ::"r"(block) : "memory");
		free(block);
	}
	for (int i = 0; i < 3; i++)
		CHECK(write(fd, "abc", 3) == 3);
	close(fd);
	ledger_add("allocs", mallocs);
	ledger_add("bytes", mallocs * 100);
	ledger_add("writes", 3);
	ledger_add("write_bytes", 9);
	ledger_add("children", 1);
	ledger_close();
}

static int work_in_clone(void *arg)
{
	(void)arg;
	work();
	_exit(0);
}

static void wait_for(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *noise(void *arg)
{
	while (!stop)
		free(malloc(50));
	return arg;
}

static void *fork_in_thread(void *arg)
{
	for (long i = 0; i < *(long *)arg; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			work();
			_exit(0);
		}
		wait_for(pid);
	}
	return NULL;
}

static void one(const char *way, const char *self)
{
	char number[32], command[600];
	char *args[] = { (char *)self, "work", "1", number, NULL };
	static char stack[256 << 10];
	pid_t pid;
	FILE *stream;

	snprintf(number, sizeof(number), "%ld", mallocs);
	snprintf(command, sizeof(command), "%s work 1 %ld", self, mallocs);
	if (!strcmp(way, "fork") || !strcmp(way, "_Fork")) {
		pid = way[0] == 'f' ? fork() : _Fork();
		if (pid == 0) {
			work();
			_exit(0);
		}
		wait_for(pid);
	} else if (!strcmp(way, "clone")) {
		wait_for(clone(work_in_clone, stack + sizeof(stack), SIGCHLD, NULL));
	} else if (!strcmp(way, "vfork")) {
		pid = vfork();
		if (pid == 0) {
			execv(self, args);
			_exit(97);
		}
		wait_for(pid);
	} else if (!strcmp(way, "spawn")) {
		CHECK(!posix_spawn(&pid, self, NULL, NULL, args, environ));
		wait_for(pid);
	} else if (!strcmp(way, "system")) {
		CHECK(system(command) == 0);
	} else if (!strcmp(way, "popen")) {
		stream = popen(command, "r");
		CHECK(stream && pclose(stream) == 0);
	} else if (!strcmp(way, "daemon")) {
		pid = fork();
		if (pid == 0) {
			CHECK(setsid() > 0);
			pid = fork();
			if (pid == 0) {
				work();
				_exit(0);
			}
			_exit(0);
		}
		wait_for(pid);
	}
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "fork";
	long count = argument(argc, argv, 2, 3);
	pthread_t thread[3];

	mallocs = argument(argc, argv, 3, 10);
	if (!strcmp(way, "work")) {
		work();
	} else if (!strcmp(way, "threads")) {
		CHECK(!pthread_create(&thread[0], NULL, noise, NULL));
		CHECK(!pthread_create(&thread[1], NULL, fork_in_thread, &count));
		CHECK(!pthread_create(&thread[2], NULL, fork_in_thread, &count));
		pthread_join(thread[1], NULL);
		pthread_join(thread[2], NULL);
		stop = 1;
		pthread_join(thread[0], NULL);
	} else {
		for (long i = 0; i < count; i++)
			one(way, argv[0]);
	}
	return 0;
}
