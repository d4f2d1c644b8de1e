/* SPDX-License-Identifier: MIT */
/* pread, pwrite and their family: transfers at a place that the call names. */
#include "hook_io.h"

ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pread(fd, buf, n, at);
	return io_end_at(&c, CALL_pread, IO_in, fd, at, real_pread(fd, buf, n, at));
}

ssize_t pread64(int fd, void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pread64(fd, buf, n, at);
	return io_end_at(&c, CALL_pread64, IO_in, fd, at, real_pread64(fd, buf, n, at));
}

ssize_t __pread64(int fd, void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread64(fd, buf, n, at);
	return io_end_at(&c, CALL___pread64, IO_in, fd, at, real___pread64(fd, buf, n, at));
}

ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread_chk(fd, buf, n, at, room);
	return io_end_at(&c, CALL___pread_chk, IO_in, fd, at,
			 real___pread_chk(fd, buf, n, at, room));
}

ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread64_chk(fd, buf, n, at, room);
	return io_end_at(&c, CALL___pread64_chk, IO_in, fd, at,
			 real___pread64_chk(fd, buf, n, at, room));
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwrite(fd, buf, n, at);
	return io_end_at(&c, CALL_pwrite, IO_out, fd, at, real_pwrite(fd, buf, n, at));
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwrite64(fd, buf, n, at);
	return io_end_at(&c, CALL_pwrite64, IO_out, fd, at, real_pwrite64(fd, buf, n, at));
}

ssize_t __pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pwrite64(fd, buf, n, at);
	return io_end_at(&c, CALL___pwrite64, IO_out, fd, at, real___pwrite64(fd, buf, n, at));
}

ssize_t preadv(int fd, const struct iovec *iov, int count, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_preadv(fd, iov, count, at);
	return io_end_at(&c, CALL_preadv, IO_in, fd, at, real_preadv(fd, iov, count, at));
}

ssize_t preadv64(int fd, const struct iovec *iov, int count, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_preadv64(fd, iov, count, at);
	return io_end_at(&c, CALL_preadv64, IO_in, fd, at, real_preadv64(fd, iov, count, at));
}

ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t at, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_preadv2(fd, iov, count, at, flags);
	return io_end_at(&c, CALL_preadv2, IO_in, fd, at, real_preadv2(fd, iov, count, at, flags));
}

ssize_t preadv64v2(int fd, const struct iovec *iov, int count, off64_t at, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_preadv64v2(fd, iov, count, at, flags);
	return io_end_at(&c, CALL_preadv64v2, IO_in, fd, at,
			 real_preadv64v2(fd, iov, count, at, flags));
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwritev(fd, iov, count, at);
	return io_end_at(&c, CALL_pwritev, IO_out, fd, at, real_pwritev(fd, iov, count, at));
}

ssize_t pwritev64(int fd, const struct iovec *iov, int count, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwritev64(fd, iov, count, at);
	return io_end_at(&c, CALL_pwritev64, IO_out, fd, at, real_pwritev64(fd, iov, count, at));
}

ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t at, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwritev2(fd, iov, count, at, flags);
	return io_end_at(&c, CALL_pwritev2, IO_out, fd, at,
			 real_pwritev2(fd, iov, count, at, flags));
}

ssize_t pwritev64v2(int fd, const struct iovec *iov, int count, off64_t at, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwritev64v2(fd, iov, count, at, flags);
	return io_end_at(&c, CALL_pwritev64v2, IO_out, fd, at,
			 real_pwritev64v2(fd, iov, count, at, flags));
}
