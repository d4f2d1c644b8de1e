/* SPDX-License-Identifier: MIT */
/*
 * bench WHAT COUNT: does one thing COUNT times, prints nanoseconds for each.
 *
 *	malloc  a pair of malloc and free      write   to /dev/null
 *	mutex   lock and unlock, uncontended   thread  create and join
 *	spawn   posix_spawn of /bin/true and wait
 */
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger.h"

extern char **environ;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void *nothing(void *arg)
{
	return arg;
}

static void do_one(char what, int fd)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	char *args[] = { "true", NULL };
	pthread_t thread;
	pid_t pid;
	void *block;

	switch (what) {
	case 'm':
		block = malloc(64);
		__asm__ volatile("" ::"r"(block) : "memory");
		free(block);
		break;
	case 'w':
		CHECK(write(fd, "x", 1) == 1);
		break;
	case 'l':
		pthread_mutex_lock(&m);
		pthread_mutex_unlock(&m);
		break;
	case 't':
		CHECK(!pthread_create(&thread, NULL, nothing, NULL));
		pthread_join(thread, NULL);
		break;
	case 's':
		CHECK(!posix_spawn(&pid, "/bin/true", NULL, NULL, args, environ));
		CHECK(waitpid(pid, NULL, 0) == pid);
		break;
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "malloc";
	long count = argument(argc, argv, 2, 1000000);
	char which = !strcmp(what, "mutex") ? 'l' : what[0];
	int fd = open("/dev/null", O_WRONLY);
	double begin;

	for (long i = 0; i < count / 10; i++)
		do_one(which, fd);
	begin = now_ns();
	for (long i = 0; i < count; i++)
		do_one(which, fd);
	printf("%.1f\n", (now_ns() - begin) / count);
	return 0;
}
