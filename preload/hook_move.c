/* SPDX-License-Identifier: MIT */
/*
 * From one descriptor to another inside the kernel: two IO records of the same
 * moment. The first is the reading side's, with the call `read` and no duration;
 * the second the writing side's, with the function itself and the whole duration.
 *
 * What rchar and wchar of /proc/PID/io count of it (tried on Linux 6.18): both sides
 * of sendfile and copy_file_range, whatever the descriptors are; nothing of splice,
 * tee and vmsplice, which goes to the aside counters as well.
 */
#include "hook_io.h"
#include "sys.h"

static void count_aside(struct probe_thread *t, bool reads, bool writes, ssize_t bytes)
{
	if (reads && bytes > 0)
		probe_count(t, COUNTER_aside_read_bytes, (uint64_t)bytes);
	if (writes && bytes > 0)
		probe_count(t, COUNTER_aside_write_bytes, (uint64_t)bytes);
}

ssize_t io_moved(struct io_call *c, enum call call, int from, int to, bool aside, ssize_t got)
{
	int saved = errno;
	uint64_t end;

	if (io_still(c)) {
		int64_t result = got < 0 ? -saved : got;

		end = probe_now();
		count_aside(c->thread, aside, aside, got);
		io_record(c->thread, CALL_read, IO_in, from, result, 0, end);
		io_record(c->thread, call, IO_out, to, result, end - c->begun, end);
	}
	errno = saved;
	return got;
}

ssize_t sendfile(int to, int from, off_t *at, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_sendfile(to, from, at, n);
	return io_moved(&c, CALL_sendfile, from, to, false, real_sendfile(to, from, at, n));
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t n)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_sendfile64(to, from, at, n);
	return io_moved(&c, CALL_sendfile64, from, to, false, real_sendfile64(to, from, at, n));
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t n,
			unsigned flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_copy_file_range(from, from_at, to, to_at, n, flags);
	return io_moved(&c, CALL_copy_file_range, from, to, false,
			real_copy_file_range(from, from_at, to, to_at, n, flags));
}

ssize_t splice(int from, off64_t *from_at, int to, off64_t *to_at, size_t n, unsigned flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_splice(from, from_at, to, to_at, n, flags);
	return io_moved(&c, CALL_splice, from, to, true,
			real_splice(from, from_at, to, to_at, n, flags));
}

ssize_t tee(int from, int to, size_t n, unsigned flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_tee(from, to, n, flags);
	return io_moved(&c, CALL_tee, from, to, true, real_tee(from, to, n, flags));
}

/* Memory is the other side; which end of a pipe this is only the kernel knows. */
ssize_t vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags)
{
	struct io_call c;
	bool reads;
	ssize_t got;
	int saved;

	if (!io_begin(&c))
		return real_vmsplice(fd, iov, count, flags);
	got = real_vmsplice(fd, iov, count, flags);
	saved = errno;
	if (io_still(&c)) {
		reads = got >= 0 && !probe.no_syscalls &&
			(sys2(SYS_fcntl, fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
		count_aside(c.thread, reads, !reads, got);
		errno = saved;
		io_tell(&c, reads ? CALL_read : CALL_vmsplice, reads ? IO_in : IO_out, fd, got);
	}
	errno = saved;
	return got;
}
