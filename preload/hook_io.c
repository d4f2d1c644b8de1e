/* SPDX-License-Identifier: MIT */
/*
 * read, write and their family: one record a call, with what it moved and how
 * long it took.
 */
#include "hook_io.h"

#include "fd_table.h"

/* Counters of a transfer: calls, bytes, ticks lie side by side. */
_Static_assert(COUNTER_file_read_bytes == COUNTER_file_reads + 1 &&
		       COUNTER_file_read_ticks == COUNTER_file_reads + 2 &&
		       COUNTER_file_write_ticks == COUNTER_file_writes + 2 &&
		       COUNTER_net_receive_ticks == COUNTER_net_receives + 2 &&
		       COUNTER_net_send_ticks == COUNTER_net_sends + 2,
	       "counters of a transfer");

void io_tell(struct io_call *c, enum call call, enum io_direction direction, int fd, ssize_t got)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	int error = got < 0 ? errno : 0;
	uint64_t entry = error == EBADF ? 0 : fd_lookup(t, fd);
	unsigned kind = fd_entry_kind(entry);
	enum counter_id first;

	if (fd_kind_is_socket(kind))
		first = direction == IO_in ? COUNTER_net_receives : COUNTER_net_sends;
	else
		first = direction == IO_in ? COUNTER_file_reads : COUNTER_file_writes;
	probe_count(t, first, 1);
	if (got > 0)
		probe_count(t, first + 1, (uint64_t)got);
	probe_count(t, first + 2, took);
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	record_3(t, EVENT_IO, took | (uint64_t)call << 48 | (uint64_t)kind << 58,
		 (uint64_t)(error ? -(int64_t)error : got),
		 fd_entry_file(entry) | ((uint64_t)fd & EVENT_MASK(30)) << 32, end);
}

ssize_t read(int fd, void *buf, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_read(fd, buf, n);
	return io_end(&c, CALL_read, IO_in, fd, real_read(fd, buf, n));
}

ssize_t __read(int fd, void *buf, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___read(fd, buf, n);
	return io_end(&c, CALL___read, IO_in, fd, real___read(fd, buf, n));
}

ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___read_chk(fd, buf, n, room);
	return io_end(&c, CALL___read_chk, IO_in, fd, real___read_chk(fd, buf, n, room));
}

ssize_t write(int fd, const void *buf, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_write(fd, buf, n);
	return io_end(&c, CALL_write, IO_out, fd, real_write(fd, buf, n));
}

ssize_t __write(int fd, const void *buf, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___write(fd, buf, n);
	return io_end(&c, CALL___write, IO_out, fd, real___write(fd, buf, n));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_readv(fd, iov, count);
	return io_end(&c, CALL_readv, IO_in, fd, real_readv(fd, iov, count));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_writev(fd, iov, count);
	return io_end(&c, CALL_writev, IO_out, fd, real_writev(fd, iov, count));
}

ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pread(fd, buf, n, at);
	return io_end(&c, CALL_pread, IO_in, fd, real_pread(fd, buf, n, at));
}

ssize_t pread64(int fd, void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pread64(fd, buf, n, at);
	return io_end(&c, CALL_pread64, IO_in, fd, real_pread64(fd, buf, n, at));
}

ssize_t __pread64(int fd, void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread64(fd, buf, n, at);
	return io_end(&c, CALL___pread64, IO_in, fd, real___pread64(fd, buf, n, at));
}

ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread_chk(fd, buf, n, at, room);
	return io_end(&c, CALL___pread_chk, IO_in, fd, real___pread_chk(fd, buf, n, at, room));
}

ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t room)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pread64_chk(fd, buf, n, at, room);
	return io_end(&c, CALL___pread64_chk, IO_in, fd, real___pread64_chk(fd, buf, n, at, room));
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwrite(fd, buf, n, at);
	return io_end(&c, CALL_pwrite, IO_out, fd, real_pwrite(fd, buf, n, at));
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pwrite64(fd, buf, n, at);
	return io_end(&c, CALL_pwrite64, IO_out, fd, real_pwrite64(fd, buf, n, at));
}

ssize_t __pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pwrite64(fd, buf, n, at);
	return io_end(&c, CALL___pwrite64, IO_out, fd, real___pwrite64(fd, buf, n, at));
}
