/* SPDX-License-Identifier: MIT */
#include "hook_syscall.h"

#include <sys/syscall.h>

#include "hook_io.h"

struct raw_call {
	struct io_call io;
	long number, a, b, c, d, e, f;
};

static long call_now(const struct raw_call *r)
{
	return real_syscall(r->number, r->a, r->b, r->c, r->d, r->e, r->f);
}

static bool is_transfer(struct raw_call *r, long *result)
{
	struct io_call *io = &r->io;
	int fd = (int)r->a;

	switch (r->number) {
	case SYS_read:
		*result = io_end(io, CALL_read, IO_in, fd, call_now(r));
		return true;
	case SYS_write:
		*result = io_end(io, CALL_write, IO_out, fd, call_now(r));
		return true;
	case SYS_readv:
		*result = io_end(io, CALL_readv, IO_in, fd, call_now(r));
		return true;
	case SYS_writev:
		*result = io_end(io, CALL_writev, IO_out, fd, call_now(r));
		return true;
	case SYS_pread64:
		*result = io_end_at(io, CALL_pread64, IO_in, fd, r->d, call_now(r));
		return true;
	case SYS_pwrite64:
		*result = io_end_at(io, CALL_pwrite64, IO_out, fd, r->d, call_now(r));
		return true;
	case SYS_preadv:
		*result = io_end_at(io, CALL_preadv, IO_in, fd, r->d, call_now(r));
		return true;
	case SYS_pwritev:
		*result = io_end_at(io, CALL_pwritev, IO_out, fd, r->d, call_now(r));
		return true;
	case SYS_sendto:
		*result = io_sent(io, CALL_sendto, fd, call_now(r));
		return true;
	case SYS_sendmsg:
		*result = io_sent(io, CALL_sendmsg, fd, call_now(r));
		return true;
	case SYS_recvfrom:
		*result = io_received(io, CALL_recvfrom, fd, r->d & MSG_PEEK, call_now(r));
		return true;
	case SYS_recvmsg:
		*result = io_received(io, CALL_recvmsg, fd, r->c & MSG_PEEK, call_now(r));
		return true;
	case SYS_sendfile:
		*result = io_moved(io, CALL_sendfile, (int)r->b, fd, false, call_now(r));
		return true;
	case SYS_copy_file_range:
		*result = io_moved(io, CALL_copy_file_range, fd, (int)r->c, false, call_now(r));
		return true;
	case SYS_splice:
		*result = io_moved(io, CALL_splice, fd, (int)r->c, true, call_now(r));
		return true;
	}
	return false;
}

static bool is_descriptor(struct raw_call *r, long *result)
{
	struct io_call *io = &r->io;
	int fd = (int)r->a;
	uint64_t entry;

	switch (r->number) {
	case SYS_open:
		*result = fd_opened(io, CALL_open, (int)call_now(r), AT_FDCWD, (char *)r->a);
		return true;
	case SYS_openat:
		*result = fd_opened(io, CALL_openat, (int)call_now(r), fd, (char *)r->b);
		return true;
	case SYS_memfd_create:
		*result = fd_made(io, CALL_memfd_create, (int)call_now(r));
		return true;
	case SYS_close:
		entry = fd_closing(fd);
		*result = fd_closed(io, CALL_close, fd, entry, (int)call_now(r));
		return true;
	case SYS_dup:
		*result = fd_copied(io, CALL_dup, fd, (int)call_now(r));
		return true;
	case SYS_dup2:
		*result = fd_copied(io, CALL_dup2, fd, (int)call_now(r));
		return true;
	case SYS_dup3:
		*result = fd_copied(io, CALL_dup3, fd, (int)call_now(r));
		return true;
	case SYS_fsync:
		*result = fd_worked(io, CALL_fsync, fd, call_now(r));
		return true;
	case SYS_fdatasync:
		*result = fd_worked(io, CALL_fdatasync, fd, call_now(r));
		return true;
	case SYS_ftruncate:
		*result = fd_worked(io, CALL_ftruncate, fd, call_now(r));
		return true;
	case SYS_lseek:
		*result = seek_end(io, CALL_lseek, fd, call_now(r));
		return true;
	}
	return false;
}

bool syscall_io(long number, long *result, long a, long b, long c, long d, long e, long f)
{
	struct raw_call r = { .number = number, .a = a, .b = b, .c = c, .d = d, .e = e, .f = f };

	if (!io_begin(&r.io))
		return false;
	return is_transfer(&r, result) || is_descriptor(&r, result);
}
