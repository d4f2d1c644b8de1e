/* SPDX-License-Identifier: MIT */
/* Calls that do something to an open file, but transfer nothing. */
#include "fd_table.h"
#include "hook_io.h"

long fd_worked(struct io_call *c, enum call call, int fd, long result)
{
	int saved = errno;
	uint64_t entry;

	if (!io_still(c))
		return result;
	entry = result < 0 && saved == EBADF ? 0 : fd_lookup(c->thread, fd);
	errno = saved;
	fd_tell(c, call, result < 0 ? -1 : fd, entry, -1);
	errno = saved;
	return result;
}

HOOK_FD(int, fsync, (int fd), (fd))
HOOK_FD(int, fdatasync, (int fd), (fd))
HOOK_FD(int, syncfs, (int fd), (fd))
HOOK_FD(int, sync_file_range, (int fd, off64_t at, off64_t n, unsigned flags), (fd, at, n, flags))
HOOK_FD(int, ftruncate, (int fd, off_t length), (fd, length))
HOOK_FD(int, ftruncate64, (int fd, off64_t length), (fd, length))
HOOK_FD(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))
HOOK_FD(int, fallocate64, (int fd, int mode, off64_t at, off64_t n), (fd, mode, at, n))
HOOK_FD(ssize_t, readahead, (int fd, off64_t at, size_t n), (fd, at, n))

HOOK_FD(int, fstat, (int fd, struct stat *st), (fd, st))
HOOK_FD(int, fstat64, (int fd, struct stat64 *st), (fd, st))
HOOK_FD(int, __fxstat, (int version, int fd, struct stat *st), (version, fd, st))
HOOK_FD(int, __fxstat64, (int version, int fd, struct stat64 *st), (version, fd, st))
HOOK_FD(int, fchmod, (int fd, mode_t mode), (fd, mode))
HOOK_FD(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
HOOK_FD(int, futimes, (int fd, const struct timeval times[2]), (fd, times))
HOOK_FD(int, futimens, (int fd, const struct timespec times[2]), (fd, times))

HOOK_FD(int, shutdown, (int fd, int how), (fd, how))
HOOK_FD(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t length),
	(fd, level, option, value, length))
HOOK_FD(int, getsockopt, (int fd, int level, int option, void *value, socklen_t *length),
	(fd, level, option, value, length))
HOOK_FD(int, getsockname, (int fd, struct sockaddr *address, socklen_t *length),
	(fd, address, length))
HOOK_FD(int, getpeername, (int fd, struct sockaddr *address, socklen_t *length),
	(fd, address, length))
HOOK_FD(int, epoll_ctl, (int fd, int op, int other, struct epoll_event *event),
	(fd, op, other, event))

/* The posix_ ones return the error and leave errno alone. */
static int worked_posix(struct io_call *c, enum call call, int fd, int error)
{
	int saved = errno;

	errno = error;
	fd_worked(c, call, fd, error ? -1 : 0);
	errno = saved;
	return error;
}

int posix_fadvise(int fd, off_t at, off_t n, int advice)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_posix_fadvise(fd, at, n, advice);
	return worked_posix(&c, CALL_posix_fadvise, fd, real_posix_fadvise(fd, at, n, advice));
}

int posix_fadvise64(int fd, off64_t at, off64_t n, int advice)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_posix_fadvise64(fd, at, n, advice);
	return worked_posix(&c, CALL_posix_fadvise64, fd, real_posix_fadvise64(fd, at, n, advice));
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_posix_fallocate(fd, at, n);
	return worked_posix(&c, CALL_posix_fallocate, fd, real_posix_fallocate(fd, at, n));
}

int posix_fallocate64(int fd, off64_t at, off64_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_posix_fallocate64(fd, at, n);
	return worked_posix(&c, CALL_posix_fallocate64, fd, real_posix_fallocate64(fd, at, n));
}

/* No descriptor of theirs: they count as calls on paths. */
HOOK_PATH(int, msync, (void *address, size_t length, int flags), (address, length, flags))

void sync(void)
{
	struct io_call c;

	if (!io_begin(&c)) {
		real_sync();
		return;
	}
	real_sync();
	path_end(&c, CALL_sync, 0);
}
