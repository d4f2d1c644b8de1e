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

static inline uint64_t transfer_word0(enum call call, uint64_t entry, uint64_t took)
{
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	return took | (uint64_t)call << 48 | (uint64_t)fd_entry_kind(entry) << 58;
}

static inline uint64_t transfer_word2(uint64_t entry, int fd)
{
	return fd_entry_file(entry) | ((uint64_t)fd & EVENT_MASK(30)) << 32;
}

static inline void count_transfer(struct probe_thread *t, enum io_direction direction,
				  uint64_t entry, int64_t result, uint64_t took)
{
	enum counter_id first;

	if (fd_kind_is_socket(fd_entry_kind(entry)))
		first = direction == IO_in ? COUNTER_net_receives : COUNTER_net_sends;
	else
		first = direction == IO_in ? COUNTER_file_reads : COUNTER_file_writes;
	probe_count(t, first, 1);
	if (result > 0)
		probe_count(t, first + 1, (uint64_t)result);
	probe_count(t, first + 2, took);
}

/* Inlined where every read and write comes by. */
static __attribute__((always_inline)) inline void tell(struct probe_thread *t, enum call call,
						       enum io_direction direction, int fd,
						       uint64_t entry, int64_t result,
						       uint64_t took, uint64_t end)
{
	count_transfer(t, direction, entry, result, took);
	if (probe.level != LEVEL_counters)
		record_3(t, EVENT_IO, transfer_word0(call, entry, took), (uint64_t)result,
			 transfer_word2(entry, fd), end);
}

static inline uint64_t entry_of(struct probe_thread *t, int fd, int64_t result)
{
	return result == -EBADF ? 0 : fd_lookup(t, fd);
}

void io_record(struct probe_thread *t, enum call call, enum io_direction direction, int fd,
	       int64_t result, uint64_t took, uint64_t end)
{
	tell(t, call, direction, fd, entry_of(t, fd, result), result, took, end);
}

void io_tell(struct io_call *c, enum call call, enum io_direction direction, int fd, ssize_t got)
{
	uint64_t end = probe_now();
	int64_t result = got < 0 ? -errno : got;

	tell(c->thread, call, direction, fd, entry_of(c->thread, fd, result), result,
	     end - c->begun, end);
}

void io_tell_closed(struct io_call *c, enum call call, enum io_direction direction, int fd,
		    uint64_t entry, ssize_t got)
{
	uint64_t end = probe_now();

	tell(c->thread, call, direction, fd, entry, got < 0 ? -errno : got, end - c->begun, end);
}

void io_tell_at(struct io_call *c, enum call call, enum io_direction direction, int fd, int64_t at,
		ssize_t got)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	int64_t result = got < 0 ? -errno : got;
	uint64_t entry = entry_of(t, fd, result);
	uint64_t v[4] = { transfer_word0(call, entry, took), (uint64_t)result,
			  transfer_word2(entry, fd), (uint64_t)at };

	count_transfer(t, direction, entry, result, took);
	if (probe.level != LEVEL_counters)
		record_n(t, EVENT_IO_AT, v, 4, end);
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
