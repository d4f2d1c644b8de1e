/* SPDX-License-Identifier: MIT */
/*
 * self: prints all of a process's state that it can find out about itself, so
 * that a run with the probe and one without can be compared: environment,
 * descriptors, threads, children, signals, limits.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ledger.h"

extern char **environ;

static void print_status_line(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			fputs(line, stdout);
	}
	fclose(f);
}

static void print_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	char link[64], target[512];

	while ((e = readdir(dir))) {
		ssize_t n;

		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(dir))
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%.20s", e->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = 0;
		target[strcspn(target, "[")] = 0; /* pipe:[12345] */
		printf("fd %s %s\n", e->d_name, target);
	}
	printf("next fd %d\n", dirfd(dir));
	closedir(dir);
}

static void print_tasks(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *e;
	int threads = 0;
	char children[256] = "";
	FILE *f;

	while ((e = readdir(dir)))
		threads += e->d_name[0] != '.';
	closedir(dir);
	printf("threads %d\n", threads);
	f = fopen("/proc/thread-self/children", "r");
	if (f && !fgets(children, sizeof(children), f))
		children[0] = 0;
	if (f)
		fclose(f);
	printf("children '%s'\n", children);
}

int main(int argc, char **argv)
{
	struct sigaction action;
	struct rlimit limit;
	sigset_t set;
	int status;
	char cwd[512];
	pid_t pid;

	for (int i = 0; i < argc; i++)
		printf("arg %d %s\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env %s\n", *e);
	for (const char *const *name =
		     (const char *const[]){ "LD_PRELOAD", "TPPROBE_SESSION", NULL };
	     *name; name++)
		printf("getenv %s %s\n", *name, getenv(*name) ? getenv(*name) : "none");
	print_descriptors();
	print_tasks();
	pid = waitpid(-1, &status, WNOHANG);
	printf("waitpid %d %s\n", pid, pid < 0 ? strerror(errno) : "");
	pid = waitpid(-1, &status, WNOHANG | __WALL);
	printf("waitpid all %d %s\n", pid, pid < 0 ? strerror(errno) : "");
	sigpending(&set);
	for (int s = 1; s < 65; s++) {
		if (sigismember(&set, s) == 1)
			printf("pending %d\n", s);
	}
	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int s = 1; s < 65; s++) {
		if (sigismember(&set, s) == 1)
			printf("blocked %d\n", s);
		if (sigaction(s, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			printf("handled %d %s\n", s,
			       action.sa_handler == SIG_IGN ? "ignored" : "yes");
	}
	for (int r = 0; r < RLIMIT_NLIMITS; r++) {
		getrlimit(r, &limit);
		printf("limit %d %llu %llu\n", r, (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_max);
	}
	printf("umask %o\n", umask(0));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	printf("leader %d group %d\n", getsid(0) == getpid(), getpgrp() == getpid());
	print_status_line("Seccomp:");
	print_status_line("NoNewPrivs:");
	print_status_line("Cpus_allowed:");
	print_status_line("TracerPid:");
	return 0;
}
