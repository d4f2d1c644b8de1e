/* SPDX-License-Identifier: MIT */
/* Calls that copy and close descriptors, pairs of them, and the current directory. */
#include "fd_table.h"
#include "hook_io.h"
#include "process.h"

void fd_tell_as(struct io_call *c, enum counter_id calls, enum call call, int fd, uint64_t entry,
		int origin)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	int32_t told = fd < 0 ? -errno : fd;

	probe_count(t, calls, 1);
	probe_count(t, calls + 1, took); /* each has its ticks behind it in counters.def */
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	record_3(t, EVENT_FD, took | (uint64_t)call << 48 | (uint64_t)fd_entry_kind(entry) << 58,
		 (uint32_t)told | (uint64_t)(uint32_t)origin << 32, fd_entry_file(entry), end);
}

void fd_tell(struct io_call *c, enum call call, int fd, uint64_t entry, int origin)
{
	fd_tell_as(c, COUNTER_metadata_calls, call, fd, entry, origin);
}

/* Closing: the entry goes first, since the number may be another thread's the
 * moment that the kernel has it back. */
uint64_t fd_closing(int fd)
{
	uint64_t entry = fd_peek(fd);

	fd_put(fd, 0);
	return entry;
}

int fd_closed(struct io_call *c, enum call call, int fd, uint64_t entry, int result)
{
	int saved = errno;

	if (io_still(c))
		fd_tell(c, call, result < 0 ? result : fd, entry, -1);
	errno = saved;
	return result;
}

int close(int fd)
{
	struct io_call c;
	uint64_t entry;

	if (!io_begin(&c))
		return real_close(fd);
	entry = fd_closing(fd);
	return fd_closed(&c, CALL_close, fd, entry, real_close(fd));
}

int __close(int fd)
{
	struct io_call c;
	uint64_t entry;

	if (!io_begin(&c))
		return real___close(fd);
	entry = fd_closing(fd);
	return fd_closed(&c, CALL___close, fd, entry, real___close(fd));
}

int close_range(unsigned first, unsigned last, int flags)
{
	struct io_call c;
	int result, saved;

	if (!io_begin(&c))
		return real_close_range(first, last, flags);
	if (!(flags & 4 /* CLOSE_RANGE_CLOEXEC closes nothing yet */))
		fd_forget(first, last);
	result = real_close_range(first, last, flags);
	saved = errno;
	if (io_still(&c))
		fd_tell(&c, CALL_close_range, result < 0 ? result : (int)first, 0, -1);
	errno = saved;
	return result;
}

void closefrom(int first)
{
	struct io_call c;

	if (!io_begin(&c)) {
		real_closefrom(first);
		return;
	}
	fd_forget(first < 0 ? 0 : (unsigned)first, ~0u);
	real_closefrom(first);
	if (io_still(&c))
		fd_tell(&c, CALL_closefrom, first < 0 ? 0 : first, 0, -1);
}

int fd_copied(struct io_call *c, enum call call, int fd, int to)
{
	int saved = errno;
	uint64_t entry = 0;

	if (!io_still(c))
		return to;
	if (to >= 0) {
		entry = fd_lookup(c->thread, fd);
		fd_put(to, entry);
	}
	errno = saved;
	fd_tell(c, call, to, entry, fd);
	errno = saved;
	return to;
}

int dup(int fd)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_dup(fd);
	return fd_copied(&c, CALL_dup, fd, real_dup(fd));
}

int dup2(int fd, int to)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_dup2(fd, to);
	return fd_copied(&c, CALL_dup2, fd, real_dup2(fd, to));
}

int __dup2(int fd, int to)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___dup2(fd, to);
	return fd_copied(&c, CALL___dup2, fd, real___dup2(fd, to));
}

int dup3(int fd, int to, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_dup3(fd, to, flags);
	return fd_copied(&c, CALL_dup3, fd, real_dup3(fd, to, flags));
}

/* Two new descriptors. Pipes are told by their inode at both ends, which another
 * process sees too; of a pair of sockets the second says whose other end it is. */
static int paired(struct io_call *c, enum call call, int result, const int fds[2],
		  enum fd_kind kind)
{
	struct probe_thread *t = c->thread;
	int saved = errno;
	uint64_t entry[2];

	if (!io_still(c))
		return result;
	if (result < 0) {
		fd_tell(c, call, result, 0, -1);
		errno = saved;
		return result;
	}
	for (int i = 0; i < 2; i++) {
		entry[i] = fd_resolve(t, fds[i]);
		if (!entry[i])
			entry[i] = fd_new(fds[i], kind);
	}
	if (kind != FD_KIND_pipe && probe.level != LEVEL_counters)
		record_3(t, EVENT_FD, (uint64_t)fd_entry_kind(entry[1]) << 58,
			 (uint32_t)fds[1] | (uint64_t)(uint32_t)fds[0] << 32,
			 fd_entry_file(entry[1]), probe_now());
	fd_tell(c, call, fds[0], entry[0], -1);
	errno = saved;
	return result;
}

int pipe(int fds[2])
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pipe(fds);
	return paired(&c, CALL_pipe, real_pipe(fds), fds, FD_KIND_pipe);
}

int __pipe(int fds[2])
{
	struct io_call c;

	if (!io_begin(&c))
		return real___pipe(fds);
	return paired(&c, CALL___pipe, real___pipe(fds), fds, FD_KIND_pipe);
}

int pipe2(int fds[2], int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pipe2(fds, flags);
	return paired(&c, CALL_pipe2, real_pipe2(fds, flags), fds, FD_KIND_pipe);
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
	struct io_call c;

	if (!io_begin(&c))
		return real_socketpair(domain, type, protocol, fds);
	return paired(&c, CALL_socketpair, real_socketpair(domain, type, protocol, fds), fds,
		      FD_KIND_socket_other);
}

static int moved(int result)
{
	int saved = errno;

	if (result == 0 && probe_enter() && !probe.no_syscalls)
		process_cwd_changed();
	errno = saved;
	return result;
}

int chdir(const char *path)
{
	return moved(real_chdir(path));
}

int fchdir(int fd)
{
	return moved(real_fchdir(fd));
}
