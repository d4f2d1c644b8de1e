/* SPDX-License-Identifier: MIT */
/* Terminals and daemons: libc makes and swaps descriptors, and forks, behind our back. */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "child.h"
#include "fd_table.h"
#include "hook_io.h"
#include "process.h"
#include "sys.h"

/* The leader is what the record tells; the follower is looked at. */
int openpty(int *leader, int *follower, char *name, const struct termios *terminal,
	    const struct winsize *size)
{
	struct io_call c;
	int result, saved;

	if (!io_begin(&c))
		return real_openpty(leader, follower, name, terminal, size);
	result = real_openpty(leader, follower, name, terminal, size);
	saved = errno;
	if (result == 0 && io_still(&c)) {
		fd_put(*follower, 0);
		fd_resolve(c.thread, *follower);
	}
	errno = saved;
	fd_made(&c, CALL_openpty, result == 0 ? *leader : -1);
	return result;
}

/* `fd` becomes 0, 1 and 2, and is closed. */
int login_tty(int fd)
{
	struct io_call c;
	uint64_t entry;
	int result, saved;

	if (!io_begin(&c))
		return real_login_tty(fd);
	entry = fd_lookup(c.thread, fd);
	result = real_login_tty(fd);
	saved = errno;
	if (io_still(&c)) {
		if (result == 0) {
			for (int i = 0; i < 3; i++)
				fd_put(i, entry);
			if (fd > 2)
				fd_put(fd, 0);
		}
		errno = saved;
		fd_tell(&c, CALL_login_tty, result == 0 ? 0 : -1, entry, fd);
	}
	errno = saved;
	return result;
}

pid_t forkpty(int *leader, char *name, const struct termios *terminal, const struct winsize *size)
{
	struct io_call c;
	pid_t pid;
	int saved;

	if (!io_begin(&c))
		return real_forkpty(leader, name, terminal, size);
	pid = real_forkpty(leader, name, terminal, size);
	saved = errno;
	if (pid == 0) {
		fd_forget(0, 2);
		probe_enter();
	} else if (io_still(&c)) {
		if (pid > 0)
			fd_put(*leader, 0);
		child_tell(&c, CALL_forkpty, pid < 0 ? -saved : pid, 0);
	}
	errno = saved;
	return pid;
}

/* /dev/null on 0, 1 and 2, if it is the one. */
static long silence(void)
{
	struct stat st;
	long fd = sys4(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0), err;

	if (fd < 0)
		return fd;
	err = sys2(SYS_fstat, fd, &st);
	if (!err && (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)))
		err = -ENODEV;
	for (long to = 0; !err && to < 3; to++)
		if (fd != to)
			sys3(SYS_dup3, fd, to, 0);
	if (err || fd > 2)
		sys1(SYS_close, fd);
	fd_forget(0, 2);
	return err;
}

static long leave_terminal(int stay, int keep)
{
	long err = sys0(SYS_setsid);

	if (err < 0)
		return err;
	if (!stay) {
		sys1(SYS_chdir, "/");
		process_cwd_changed();
	}
	return keep ? 0 : silence();
}

/*
 * glibc's own (misc/daemon.c), step by step: it forks and ends the caller without
 * passing a hook, so that nobody would know of the child in time, and a trace would
 * be closed before the child has come.
 */
int daemon(int stay, int keep)
{
	struct io_call c;
	int saved;
	long err;
	pid_t pid;

	if (!io_begin(&c) || probe.no_syscalls)
		return real_daemon(stay, keep);
	saved = errno;
	pid = real_fork();
	if (pid) {
		int why = errno;

		if (io_still(&c))
			child_tell(&c, CALL_daemon, pid < 0 ? -why : pid, 0);
		errno = why;
		if (pid < 0)
			return -1;
		process_tell_exit(0, END_exit_now);
		real__exit(0);
	}
	probe_enter();
	err = leave_terminal(stay, keep);
	errno = err < 0 ? (int)-err : saved;
	return err < 0 ? -1 : 0;
}
