/* SPDX-License-Identifier: MIT */
/*
 * timed RESULT CPU [NAME=VALUE…] -- COMMAND…: runs COMMAND on this CPU (-1: any)
 * with these variables set, writes into RESULT
 *
 *	status wall_seconds user_seconds system_seconds peak_rss_kb
 *
 * The variables are for COMMAND alone, so that LD_PRELOAD does not meet us.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static void start(char **argv, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0) {
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	for (; *argv && strcmp(*argv, "--"); argv++)
		putenv(*argv);
	if (*argv)
		execvp(argv[1], argv + 1);
	perror("timed");
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	double begin, wall;
	int status;
	FILE *out;
	pid_t pid;

	if (argc < 5)
		return 2;
	begin = now();
	pid = fork();
	if (pid == 0)
		start(argv + 3, atoi(argv[2]));
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
		return 125;
	wall = now() - begin;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	out = fopen(argv[1], "w");
	if (!out)
		return 125;
	fprintf(out, "%d %.6f %.6f %.6f %ld\n", status, wall, seconds(usage.ru_utime),
		seconds(usage.ru_stime), usage.ru_maxrss);
	return fclose(out) ? 125 : status;
}
