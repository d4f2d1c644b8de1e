/* SPDX-License-Identifier: MIT */
/*
 * reap WAY PROGRAM [ARG…]: runs the program and waits for it by wait, waitpid, wait3,
 * wait4, waitid, nohang (waitpid with WNOHANG until it has ended) or thread (waitid
 * beside another thread). Ends with its status; a signal as 100 + signal.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "ledger.h"

static int by_waitid(pid_t pid, int *status)
{
	siginfo_t info;

	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED) == 0);
	CHECK(info.si_pid == pid);
	*status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
	/* Reaped: there is no second time, and errno says so. */
	CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1 && errno == ECHILD);
	return pid;
}

static void *stand_by(void *data)
{
	for (;;)
		pause();
	return data;
}

static int reap(const char *way, pid_t pid, int *status)
{
	struct rusage usage;
	pthread_t thread;
	int got;

	if (!strcmp(way, "wait"))
		return wait(status);
	if (!strcmp(way, "waitpid"))
		return waitpid(pid, status, 0);
	if (!strcmp(way, "wait3"))
		return wait3(status, 0, &usage);
	if (!strcmp(way, "wait4"))
		return wait4(pid, status, 0, &usage);
	if (!strcmp(way, "waitid"))
		return by_waitid(pid, status);
	if (!strcmp(way, "thread")) {
		CHECK(pthread_create(&thread, NULL, stand_by, NULL) == 0);
		return by_waitid(pid, status);
	}
	while (!(got = waitpid(pid, status, WNOHANG)))
		usleep(1000);
	return got;
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc < 3)
		return 2;
	pid = vfork();
	if (!pid) {
		execv(argv[2], argv + 2);
		_exit(127);
	}
	CHECK(reap(argv[1], pid, &status) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}
