/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: how long it took, how the child ended, what it used.
 * wait and waitpid are wait4 without the usage; asking for it costs nothing.
 */
#include <sys/single_threaded.h>

#include "child.h"
#include "fd_table.h"
#include "stream.h"
#include "sys.h"
#include "thread.h"
#include "waiting.h"

static void tell_child(struct probe_thread *t, pid_t pid, int status, const struct rusage *usage)
{
	uint64_t v[6] = { (uint32_t)pid | (uint64_t)(uint32_t)status << 32 };

	if (usage) {
		v[1] = 1;
		v[2] = (uint64_t)usage->ru_utime.tv_sec * 1000000u +
		       (uint64_t)usage->ru_utime.tv_usec;
		v[3] = (uint64_t)usage->ru_stime.tv_sec * 1000000u +
		       (uint64_t)usage->ru_stime.tv_usec;
		v[4] = (uint64_t)usage->ru_maxrss;
		v[5] = (uint64_t)(usage->ru_nvcsw + usage->ru_nivcsw);
	}
	record_n(t, EVENT_CHILD_EXIT, v, 6, probe_now());
}

static pid_t wait_by(enum call call, pid_t pid, int *status, int options, struct rusage *usage)
{
	struct rusage own;
	struct io_call c;
	int seen = 0, saved;
	pid_t got;

	if (!wait_begin(&c, WAIT_sync))
		return real_wait4(pid, status, options, usage);
	if (!usage)
		usage = &own;
	if (!status)
		status = &seen;
	got = real_wait4(pid, status, options, usage); /* a bad pointer is EFAULT */
	saved = errno;
	if (got > 0)
		seen = *status;
	if (io_still(&c)) {
		wait_tell(&c, call, WAIT_sync,
			  (uint32_t)(got > 0   ? got
				     : pid > 0 ? pid
					       : 0),
			  got < 0 ? -saved : got);
		if (got > 0 && (WIFEXITED(seen) || WIFSIGNALED(seen)))
			tell_child(c.thread, got, seen, usage);
	}
	errno = saved;
	return got;
}

pid_t wait(int *status)
{
	return wait_by(CALL_wait, -1, status, 0, NULL);
}

pid_t __wait(int *status)
{
	return wait_by(CALL___wait, -1, status, 0, NULL);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait_by(CALL_waitpid, pid, status, options, NULL);
}

pid_t __waitpid(pid_t pid, int *status, int options)
{
	return wait_by(CALL___waitpid, pid, status, options, NULL);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait_by(CALL_wait3, -1, status, options, usage);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return wait_by(CALL_wait4, pid, status, options, usage);
}

/* The packed status that wait would have given. */
static int packed_status(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED   ? (info->si_status & 0xff) << 8
	       : info->si_code == CLD_DUMPED ? info->si_status | 0x80
					     : info->si_status;
}

/* The system call also tells what the child used, but it is no cancellation point:
 * made by ourselves only where there is nobody to cancel us. */
static int wait_id(idtype_t type, id_t id, siginfo_t *info, int options, struct rusage **usage)
{
	long got;

	if (!__libc_single_threaded) {
		*usage = NULL;
		return real_waitid(type, id, info, options);
	}
	got = sys6(SYS_waitid, type, id, SYS_ARG(info), options, SYS_ARG(*usage), 0);
	if (got < 0)
		errno = (int)-got;
	return got < 0 ? -1 : 0;
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct rusage own_usage, *usage = &own_usage;
	siginfo_t own = { 0 };
	struct io_call c;
	int result, saved;

	if (!wait_begin(&c, WAIT_sync))
		return real_waitid(type, id, info, options);
	if (!info)
		info = &own;
	result = wait_id(type, id, info, options, &usage);
	saved = errno;
	if (io_still(&c)) {
		wait_tell(&c, CALL_waitid, WAIT_sync, result == 0 ? (uint32_t)info->si_pid : 0,
			  result < 0 ? -saved : result);
		if (result == 0 && info->si_pid && options & WEXITED && !(options & WNOWAIT) &&
		    (info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
		     info->si_code == CLD_DUMPED))
			tell_child(c.thread, info->si_pid, packed_status(info), usage);
	}
	errno = saved;
	return result;
}

/* glibc waits from the inside; the status says how the command ended. */
int pclose(FILE *stream)
{
	struct io_call c;
	int status, saved;

	if (!wait_begin(&c, WAIT_sync))
		return real_pclose(stream);
	if (stream && (status = fileno(stream)) >= 0) {
		stream_tell_pending(c.thread, stream);
		fd_put(status, 0);
	}
	status = real_pclose(stream);
	saved = errno;
	if (io_still(&c))
		wait_tell(&c, CALL_pclose, WAIT_sync, 0, status);
	errno = saved;
	return status;
}
