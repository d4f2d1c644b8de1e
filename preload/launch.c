/* SPDX-License-Identifier: MIT */
/*
 * Two clones with exit signal 0, both sharing our memory and holding us up until
 * the exec (as vfork does): the first becomes a session leader and dies, which
 * hands the second to init (or a subreaper above us).
 */
#include "launch.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>

#include "real.h"
#include "session.h"
#include "sys.h"

#define STACK_BYTES (32u << 10)

struct launch {
	const char *collector;
	const char *session_dir;
	char *stack; /* two of STACK_BYTES */
	long pid;    /* of the program */
	long error;
};

static int become_collector(void *data)
{
	struct launch *l = data;
	const char *argv[] = { SESSION_COLLECTOR, "--session", l->session_dir, NULL };
	const char *envp[] = { NULL };
	uint64_t none = 0;

	sys3(SYS_close_range, 0, ~0u, 0);
	for (int fd = 0; fd < 3; fd++)
		sys4(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
	/* As descriptor 3, so that the collector learns how the program ended even
	 * when it dies, and is waited for, before the collector is up. */
	if (sys2(SYS_pidfd_open, l->pid, 0) == 3)
		sys3(SYS_fcntl, 3, F_SETFD, 0);
	sys1(SYS_chdir, "/");
	sys4(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, NULL, 8);
	l->error = sys3(SYS_execve, l->collector, argv, envp);
	sys1(SYS_exit_group, 127);
	return 0;
}

static int stand_between(void *data)
{
	struct launch *l = data;

	sys0(SYS_setsid);
	if (real_clone(become_collector, l->stack + 2 * STACK_BYTES, CLONE_VM | CLONE_VFORK, l) < 0)
		l->error = -EAGAIN;
	sys1(SYS_exit_group, 0);
	return 0;
}

int launch_collector(const char *collector, const char *session_dir)
{
	struct launch l = { .collector = collector,
			    .session_dir = session_dir,
			    .pid = sys0(SYS_getpid) };
	uint64_t all = ~UINT64_C(0), old;
	long memory = sys6(SYS_mmap, 0, 2 * STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int pid, saved = errno;

	if (memory < 0 && memory > -4096)
		return (int)memory;
	l.stack = (char *)memory;
	/* A handler of the program's must not run in a child on our memory. */
	sys4(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, &old, 8);
	pid = real_clone(stand_between, l.stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, &l);
	if (pid < 0)
		l.error = -errno;
	else
		sys4(SYS_wait4, pid, NULL, __WALL, NULL);
	sys4(SYS_rt_sigprocmask, 2, &old, NULL, 8);
	sys2(SYS_munmap, memory, 2 * STACK_BYTES);
	errno = saved;
	return (int)l.error;
}
