/* SPDX-License-Identifier: MIT */
/* fcntl, ioctl and the file locks: what copies, changes or waits is told, the rest
 * passes straight through. */
#include <linux/fs.h>
#include <stdarg.h>

#include "waiting.h"

/* A lock that may have had to wait for another process. */
static int waited(struct io_call *c, enum call call, int fd, int result)
{
	return (int)wait_end_errno(c, call, WAIT_io, (uint32_t)fd, result);
}

static int controlled(struct io_call *c, enum call call, int fd, int command, int result)
{
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return fd_copied(c, call, fd, result);
	default: /* F_SETLKW and its like for open files */
		return waited(c, call, fd, result);
	}
}

static bool fcntl_is_told(int command)
{
	return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_SETLKW ||
	       command == F_OFD_SETLKW;
}

/* One argument, or none: reading a register that was not set does no harm. */
#define TAKE_ARGUMENT(last)                                                                        \
	void *argument;                                                                            \
	va_list list;                                                                              \
	va_start(list, last);                                                                      \
	argument = va_arg(list, void *);                                                           \
	va_end(list)

int fcntl(int fd, int command, ...)
{
	struct io_call c;
	TAKE_ARGUMENT(command);

	if (!fcntl_is_told(command) || !io_begin(&c))
		return real_fcntl(fd, command, argument);
	return controlled(&c, CALL_fcntl, fd, command, real_fcntl(fd, command, argument));
}

int fcntl64(int fd, int command, ...)
{
	struct io_call c;
	TAKE_ARGUMENT(command);

	if (!fcntl_is_told(command) || !io_begin(&c))
		return real_fcntl64(fd, command, argument);
	return controlled(&c, CALL_fcntl64, fd, command, real_fcntl64(fd, command, argument));
}

int __fcntl(int fd, int command, ...)
{
	struct io_call c;
	TAKE_ARGUMENT(command);

	if (!fcntl_is_told(command) || !io_begin(&c))
		return real___fcntl(fd, command, argument);
	return controlled(&c, CALL___fcntl, fd, command, real___fcntl(fd, command, argument));
}

static bool ioctl_is_told(unsigned long request)
{
	switch (request) {
	case FIONBIO:
	case FIOASYNC:
	case FIOCLEX:
	case FIONCLEX:
	case FICLONE:
	case FICLONERANGE:
	case TIOCGPTPEER:
		return true;
	}
	return false;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct io_call c;
	TAKE_ARGUMENT(request);

	if (!ioctl_is_told(request) || !io_begin(&c))
		return real_ioctl(fd, request, argument);
	if (request == TIOCGPTPEER)
		return fd_made(&c, CALL_ioctl, real_ioctl(fd, request, argument));
	return (int)fd_worked(&c, CALL_ioctl, fd, real_ioctl(fd, request, argument));
}

int flock(int fd, int operation)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_flock(fd, operation);
	if (operation & (LOCK_NB | LOCK_UN))
		return (int)fd_worked(&c, CALL_flock, fd, real_flock(fd, operation));
	return waited(&c, CALL_flock, fd, real_flock(fd, operation));
}

int lockf(int fd, int command, off_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_lockf(fd, command, n);
	if (command != F_LOCK)
		return (int)fd_worked(&c, CALL_lockf, fd, real_lockf(fd, command, n));
	return waited(&c, CALL_lockf, fd, real_lockf(fd, command, n));
}

int lockf64(int fd, int command, off64_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_lockf64(fd, command, n);
	if (command != F_LOCK)
		return (int)fd_worked(&c, CALL_lockf64, fd, real_lockf64(fd, command, n));
	return waited(&c, CALL_lockf64, fd, real_lockf64(fd, command, n));
}
