/* SPDX-License-Identifier: MIT */
/*
 * Processes that are made and that end inside functions. Each way in a child of its
 * own: dies NAME… prints how the child ended.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger.h"

extern char **environ;
static volatile long zero;

OWN static long t_after(long n)
{
	return n + 1 + zero;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* --- children that are made inside ----------------------------------------- */

/* The child goes back through frames that its parent entered. */
OWN static pid_t t_forks(void)
{
	pid_t pid = fork();

	return pid + (pid_t)zero;
}

OWN static pid_t t_around(void)
{
	pid_t pid = t_forks();

	return pid + (pid_t)t_after(-1);
}

static void forks(void)
{
	pid_t pid;
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		fflush(stdout);
		pid = t_around();
		if (!pid) {
			t_after(i);
			_exit((int)t_after(i));
		}
		sum += WEXITSTATUS(status_of(pid));
	}
	tally("t_forks", RETURN, 10);
	tally("t_around", RETURN, 10);
	tally("t_after", RETURN, 10 + 30); /* the child's: one within t_around */
	printf("forks %d\n", sum);
}

OWN static int t_vforks(void)
{
	char *argv[] = { "sh", "-c", "exit 7", NULL };
	pid_t pid = vfork();

	if (!pid) {
		execve("/bin/sh", argv, environ);
		_exit(127);
	}
	return WEXITSTATUS(status_of(pid));
}

OWN static int t_spawns(void)
{
	char *argv[] = { "sh", "-c", "exit 9", NULL };
	pid_t pid;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ))
		return -1;
	return WEXITSTATUS(status_of(pid));
}

OWN static int t_system(void)
{
	return WEXITSTATUS(system("exit 11"));
}

static void *start(void *n)
{
	return (void *)t_after((long)n);
}

OWN static long t_makes_thread(void)
{
	pthread_t t;
	void *got = NULL;

	pthread_create(&t, NULL, start, (void *)41);
	pthread_join(t, &got);
	return (long)got;
}

static void children(void)
{
	int sum = 0;

	for (int i = 0; i < 5; i++)
		sum += t_vforks() + 100 * t_spawns() + 10000 * t_system();
	tally("t_vforks", RETURN, 5);
	tally("t_spawns", RETURN, 5);
	tally("t_system", RETURN, 5);
	printf("children %d thread %ld\n", sum, t_makes_thread());
	tally("t_makes_thread", RETURN, 1);
	tally("t_after", RETURN, 1);
}

/* --- ways to end ----------------------------------------------------------- */

static void at_exit(void)
{
	t_after(3);
}

OWN static void t_exit(void)
{
	exit(21 + (int)zero);
}

OWN static void t_exit_now(void)
{
	_exit(22 + (int)zero);
}

OWN static void t_quick_exit(void)
{
	quick_exit(23 + (int)zero);
}

OWN static void t_abort(void)
{
	abort();
}

OWN static void t_killed(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

OWN static void t_segv(void)
{
	*(volatile int *)zero = 0;
}

OWN static void t_exec(void)
{
	execl("/bin/sh", "sh", "-c", "exit 24", (char *)NULL);
}

OWN static void t_thread_of_main_exits(void)
{
	pthread_exit(NULL);
}

static void *exits_in_thread(void *unused)
{
	(void)unused;
	t_exit();
	return NULL;
}

OWN static void t_exit_elsewhere(void)
{
	pthread_t t;

	pthread_create(&t, NULL, exits_in_thread, NULL);
	for (;;)
		pause();
}

OWN static void t_outer(void (*way)(void))
{
	long kept = zero;

	way();
	zero += kept;
}

static const struct way {
	const char *name;
	void (*function)(void);
	enum left outer, inner;
} ways[] = {
	{ "t_exit", t_exit, RUNNING, RUNNING },
	{ "t_exit_now", t_exit_now, RUNNING, RUNNING },
	{ "t_quick_exit", t_quick_exit, RUNNING, RUNNING },
	{ "t_abort", t_abort, RUNNING, RUNNING },
	{ "t_killed", t_killed, RUNNING, RUNNING },
	{ "t_segv", t_segv, RUNNING, RUNNING },
	{ "t_exec", t_exec, RUNNING, RUNNING },
	{ "t_thread_of_main_exits", t_thread_of_main_exits, EXITED, EXITED },
	{ "t_exit_elsewhere", t_exit_elsewhere, RUNNING, RUNNING },
};

int main(void)
{
	int status;
	pid_t pid;

	ledger_open();
	forks();
	children();
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fflush(stdout);
		pid = fork();
		if (!pid) {
			atexit(at_exit);
			if (at_quick_exit(at_exit))
				_exit(1);
			t_outer(ways[i].function);
			_exit(0);
		}
		status = status_of(pid);
		printf("%s: status %d signal %d\n", ways[i].name, WEXITSTATUS(status),
		       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		tally("t_outer", ways[i].outer, 1);
		tally(ways[i].name, ways[i].inner, 1);
	}
	tally("t_exit", RUNNING, 1); /* the other thread's */
	tally("t_after", RETURN, 4); /* at exit, twice; quick exit; the main thread's exit */
	return ledger_close();
}
