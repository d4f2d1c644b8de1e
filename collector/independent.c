/* SPDX-License-Identifier: MIT */
/*
 * A program may have been started under `nice`, `taskset`, `ulimit`, `chrt`, with
 * signals blocked; none of that is meant for us, and some of it would make us
 * lose what it writes.
 */
#include "independent.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY_DESCRIPTORS 65536
#define FEW_DESCRIPTORS 16

static void reset_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, ignored = { .sa_handler = SIG_IGN };
	static const int unwanted[] = { SIGPIPE, SIGXFSZ, SIGHUP, SIGINT, SIGQUIT, SIGTSTP };
	sigset_t none;

	for (int n = 1; n < NSIG; n++)
		sigaction(n, &plain, NULL);
	for (unsigned i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		sigaction(unwanted[i], &ignored, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_null(int fd)
{
	struct stat st, null;

	return !fstat(fd, &st) && !stat("/dev/null", &null) && st.st_rdev == null.st_rdev &&
	       S_ISCHR(st.st_mode);
}

static void lift_limit(int which)
{
	struct rlimit limit;

	if (getrlimit(which, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(which, &limit);
}

/* Root may have more descriptors than the program's hard limit; for others every
 * one counts: those of /dev/null go first. */
static void lift_descriptors(void)
{
	struct rlimit limit = { MANY_DESCRIPTORS, MANY_DESCRIPTORS };

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max >= MANY_DESCRIPTORS) {
		lift_limit(RLIMIT_NOFILE);
		return;
	}
	limit.rlim_cur = limit.rlim_max = MANY_DESCRIPTORS;
	if (!setrlimit(RLIMIT_NOFILE, &limit))
		return;
	lift_limit(RLIMIT_NOFILE);
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_max < FEW_DESCRIPTORS)
		for (int fd = 0; fd < 3; fd++)
			if (is_null(fd))
				close(fd);
}

static void reset_oom_score(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) < 0) {
		/* A lower one than inherited needs a capability; a higher one never. */
	}
	close(fd);
}

void become_independent(void)
{
	static const int limits[] = { RLIMIT_FSIZE, RLIMIT_AS,	RLIMIT_DATA,   RLIMIT_CPU,
				      RLIMIT_STACK, RLIMIT_RSS, RLIMIT_MEMLOCK };
	struct sched_param normal = { 0 };
	cpu_set_t cpus;

	clearenv();
	reset_signals();
	memset(&cpus, 0xff, sizeof(cpus));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	sched_setscheduler(0, SCHED_OTHER, &normal);
	setpriority(PRIO_PROCESS, 0, 0);
	for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		lift_limit(limits[i]);
	lift_descriptors();
	umask(077);
	if (chdir("/")) {
		/* We hold the directory then; nothing worse. */
	}
	reset_oom_score();
	prctl(PR_SET_NAME, "tpprobe-collect");
}
