/* SPDX-License-Identifier: MIT */
/*
 * Asleep on purpose, or waiting for events. One call inside libc does not pass
 * through another's hook (sleep does not reach ours of nanosleep), so nothing
 * counts twice.
 */
#include "waiting.h"

/* name(params), which returns -1 and sets errno, or what is left. */
#define SLEEP(type, name, params, args, object)                                                    \
	type name params                                                                           \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!wait_begin(&c, WAIT_sleep))                                                   \
			return real_##name args;                                                   \
		return (type)wait_end_errno(&c, CALL_##name, WAIT_sleep, object,                   \
					    real_##name args);                                     \
	}

/* The same for one that returns an error number. */
#define SLEEP_ERROR(name, params, args)                                                            \
	int name params                                                                            \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!wait_begin(&c, WAIT_sleep))                                                   \
			return real_##name args;                                                   \
		return wait_end(&c, CALL_##name, WAIT_sleep, 0, real_##name args);                 \
	}

SLEEP(int, nanosleep, (const struct timespec *want, struct timespec *left), (want, left), 0)
SLEEP(int, __nanosleep, (const struct timespec *want, struct timespec *left), (want, left), 0)
SLEEP_ERROR(clock_nanosleep,
	    (clockid_t clock, int flags, const struct timespec *want, struct timespec *left),
	    (clock, flags, want, left))
SLEEP(unsigned, sleep, (unsigned seconds), (seconds), 0)
SLEEP(int, usleep, (useconds_t us), (us), 0)
SLEEP_ERROR(thrd_sleep, (const struct timespec *want, struct timespec *left), (want, left))

SLEEP(int, pause, (void), (), 0)
SLEEP(int, sigsuspend, (const sigset_t *mask), (mask), 0)
SLEEP(int, __sigsuspend, (const sigset_t *mask), (mask), 0)
SLEEP(int, __sigpause, (int sig_or_mask, int is_sig), (sig_or_mask, is_sig), 0)
SLEEP(int, __xpg_sigpause, (int sig), (sig), 0)
SLEEP_ERROR(sigwait, (const sigset_t *set, int *got), (set, got))
SLEEP(int, sigwaitinfo, (const sigset_t *set, siginfo_t *info), (set, info), 0)
SLEEP(int, sigtimedwait, (const sigset_t *set, siginfo_t *info, const struct timespec *limit),
      (set, info, limit), 0)

SLEEP(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout), 0)
SLEEP(int, __poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout), 0)
SLEEP(int, __poll_chk, (struct pollfd * fds, nfds_t n, int timeout, size_t room),
      (fds, n, timeout, room), 0)
SLEEP(int, ppoll,
      (struct pollfd * fds, nfds_t n, const struct timespec *limit, const sigset_t *mask),
      (fds, n, limit, mask), 0)
SLEEP(int, __ppoll_chk,
      (struct pollfd * fds, nfds_t n, const struct timespec *limit, const sigset_t *mask,
       size_t room),
      (fds, n, limit, mask, room), 0)
SLEEP(int, select, (int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *limit),
      (n, in, out, bad, limit), 0)
SLEEP(int, __select, (int n, fd_set *in, fd_set *out, fd_set *bad, struct timeval *limit),
      (n, in, out, bad, limit), 0)
SLEEP(int, pselect,
      (int n, fd_set *in, fd_set *out, fd_set *bad, const struct timespec *limit,
       const sigset_t *mask),
      (n, in, out, bad, limit, mask), 0)

SLEEP(int, epoll_wait, (int fd, struct epoll_event *events, int n, int timeout),
      (fd, events, n, timeout), (uint32_t)fd)
SLEEP(int, epoll_pwait,
      (int fd, struct epoll_event *events, int n, int timeout, const sigset_t *mask),
      (fd, events, n, timeout, mask), (uint32_t)fd)
SLEEP(int, epoll_pwait2,
      (int fd, struct epoll_event *events, int n, const struct timespec *limit,
       const sigset_t *mask),
      (fd, events, n, limit, mask), (uint32_t)fd)
