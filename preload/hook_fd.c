/* SPDX-License-Identifier: MIT */
/* Calls that make, copy and close descriptors, and the current directory. */
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "fd_table.h"
#include "hook_io.h"
#include "process.h"
#include "sys.h"

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

/* What an open made: a name and an id. The kind comes from the file itself. */
static int opened(struct io_call *c, enum call call, int fd, int dir, const char *path)
{
	int saved = errno;
	uint64_t entry = 0;
	struct stat st;

	if (!io_still(c))
		return fd;
	if (fd >= 0) {
		enum fd_kind kind = FD_KIND_file;

		if (!probe.no_syscalls && sys2(SYS_fstat, fd, &st) == 0)
			kind = fd_kind_of(fd, st.st_mode);
		entry = fd_new(fd, kind);
		if (probe.level != LEVEL_counters)
			fd_tell_path(c->thread, fd_entry_file(entry), dir, path);
	}
	errno = saved;
	fd_tell(c, call, fd, entry, -1);
	errno = saved;
	return fd;
}

static mode_t open_mode(int flags, va_list list)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, mode_t) : 0;
}

#define TAKE_MODE(mode, flags)                                                                     \
	mode_t mode;                                                                               \
	va_list list;                                                                              \
	va_start(list, flags);                                                                     \
	mode = open_mode(flags, list);                                                             \
	va_end(list)

int open(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_open(path, flags, mode);
	return opened(&c, CALL_open, real_open(path, flags, mode), AT_FDCWD, path);
}

int open64(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_open64(path, flags, mode);
	return opened(&c, CALL_open64, real_open64(path, flags, mode), AT_FDCWD, path);
}

int __open(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real___open(path, flags, mode);
	return opened(&c, CALL___open, real___open(path, flags, mode), AT_FDCWD, path);
}

int __open64(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real___open64(path, flags, mode);
	return opened(&c, CALL___open64, real___open64(path, flags, mode), AT_FDCWD, path);
}

int openat(int dir, const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_openat(dir, path, flags, mode);
	return opened(&c, CALL_openat, real_openat(dir, path, flags, mode), dir, path);
}

int openat64(int dir, const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_openat64(dir, path, flags, mode);
	return opened(&c, CALL_openat64, real_openat64(dir, path, flags, mode), dir, path);
}

int creat(const char *path, mode_t mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_creat(path, mode);
	return opened(&c, CALL_creat, real_creat(path, mode), AT_FDCWD, path);
}

int creat64(const char *path, mode_t mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_creat64(path, mode);
	return opened(&c, CALL_creat64, real_creat64(path, mode), AT_FDCWD, path);
}

int __open_2(const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___open_2(path, flags);
	return opened(&c, CALL___open_2, real___open_2(path, flags), AT_FDCWD, path);
}

int __open64_2(const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___open64_2(path, flags);
	return opened(&c, CALL___open64_2, real___open64_2(path, flags), AT_FDCWD, path);
}

int __openat_2(int dir, const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___openat_2(dir, path, flags);
	return opened(&c, CALL___openat_2, real___openat_2(dir, path, flags), dir, path);
}

int __openat64_2(int dir, const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___openat64_2(dir, path, flags);
	return opened(&c, CALL___openat64_2, real___openat64_2(dir, path, flags), dir, path);
}

/* Closing: the entry goes first, since the number may be another thread's the
 * moment that the kernel has it back. */
static int close_by(int (*real)(int), enum call call, int fd)
{
	struct io_call c;
	uint64_t entry;
	int result, saved;

	if (!io_begin(&c))
		return real(fd);
	entry = fd_peek(fd);
	fd_put(fd, 0);
	result = real(fd);
	saved = errno;
	if (io_still(&c))
		fd_tell(&c, call, result < 0 ? result : fd, entry, -1);
	errno = saved;
	return result;
}

int close(int fd)
{
	return close_by(real_close, CALL_close, fd);
}

int __close(int fd)
{
	return close_by(real___close, CALL___close, fd);
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

/* stdio and directory streams close behind our back: forget what they held. */
int fclose(FILE *stream)
{
	if (stream && probe_enter()) {
		int saved = errno, fd = fileno(stream);

		if (fd >= 0)
			fd_put(fd, 0);
		errno = saved;
	}
	return real_fclose(stream);
}

int closedir(DIR *stream)
{
	DIR *given = stream;

	/* declared nonnull, so compilers drop the test; but closedir(NULL) is EINVAL */
	__asm__("" : "+r"(given));
	if (given && probe_enter())
		fd_put(dirfd(given), 0);
	return real_closedir(given);
}

static int copied(struct io_call *c, enum call call, int fd, int to)
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
	return copied(&c, CALL_dup, fd, real_dup(fd));
}

int dup2(int fd, int to)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_dup2(fd, to);
	return copied(&c, CALL_dup2, fd, real_dup2(fd, to));
}

int __dup2(int fd, int to)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___dup2(fd, to);
	return copied(&c, CALL___dup2, fd, real___dup2(fd, to));
}

int dup3(int fd, int to, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_dup3(fd, to, flags);
	return copied(&c, CALL_dup3, fd, real_dup3(fd, to, flags));
}

/* Two new descriptors. Their names (pipe:[inode]) are told at their first use. */
static int paired(struct io_call *c, enum call call, int result, const int fds[2],
		  enum fd_kind kind)
{
	int saved = errno;

	if (!io_still(c))
		return result;
	if (result < 0) {
		fd_tell(c, call, result, 0, -1);
	} else {
		for (int i = 0; i < 2; i++) {
			/* both ends are told by their inode, which another process sees too */
			uint64_t entry = fd_resolve(c->thread, fds[i]);

			if (!entry)
				entry = fd_new(fds[i], kind);
			if (i == 0)
				fd_tell(c, call, fds[i], entry, -1);
		}
	}
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
