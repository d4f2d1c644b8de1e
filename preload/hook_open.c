/* SPDX-License-Identifier: MIT */
/* Calls that open a file by its path. */
#include <stdarg.h>
#include <sys/stat.h>

#include "fd_table.h"
#include "hook_io.h"
#include "sys.h"

/* A name and an id; the kind comes from the file itself. */
int fd_opened(struct io_call *c, enum call call, int fd, int dir, const char *path)
{
	int saved = errno;
	uint64_t entry = 0;
	struct stat st;

	if (!io_still(c))
		return fd;
	if (fd >= 0) {
		enum fd_kind kind = FD_KIND_file;

		if (!probe.no_syscalls && sys2(SYS_fstat, fd, &st) == 0)
			kind = fd_kind_of(fd, &st);
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
	return fd_opened(&c, CALL_open, real_open(path, flags, mode), AT_FDCWD, path);
}

int open64(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_open64(path, flags, mode);
	return fd_opened(&c, CALL_open64, real_open64(path, flags, mode), AT_FDCWD, path);
}

int __open(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real___open(path, flags, mode);
	return fd_opened(&c, CALL___open, real___open(path, flags, mode), AT_FDCWD, path);
}

int __open64(const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real___open64(path, flags, mode);
	return fd_opened(&c, CALL___open64, real___open64(path, flags, mode), AT_FDCWD, path);
}

int openat(int dir, const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_openat(dir, path, flags, mode);
	return fd_opened(&c, CALL_openat, real_openat(dir, path, flags, mode), dir, path);
}

int openat64(int dir, const char *path, int flags, ...)
{
	struct io_call c;
	TAKE_MODE(mode, flags);

	if (!io_begin(&c))
		return real_openat64(dir, path, flags, mode);
	return fd_opened(&c, CALL_openat64, real_openat64(dir, path, flags, mode), dir, path);
}

int creat(const char *path, mode_t mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_creat(path, mode);
	return fd_opened(&c, CALL_creat, real_creat(path, mode), AT_FDCWD, path);
}

int creat64(const char *path, mode_t mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_creat64(path, mode);
	return fd_opened(&c, CALL_creat64, real_creat64(path, mode), AT_FDCWD, path);
}

int __open_2(const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___open_2(path, flags);
	return fd_opened(&c, CALL___open_2, real___open_2(path, flags), AT_FDCWD, path);
}

int __open64_2(const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___open64_2(path, flags);
	return fd_opened(&c, CALL___open64_2, real___open64_2(path, flags), AT_FDCWD, path);
}

int __openat_2(int dir, const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___openat_2(dir, path, flags);
	return fd_opened(&c, CALL___openat_2, real___openat_2(dir, path, flags), dir, path);
}

int __openat64_2(int dir, const char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___openat64_2(dir, path, flags);
	return fd_opened(&c, CALL___openat64_2, real___openat64_2(dir, path, flags), dir, path);
}

/* The template has become the path. */
int mkstemp(char *path)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkstemp(path);
	return fd_opened(&c, CALL_mkstemp, real_mkstemp(path), AT_FDCWD, path);
}

int mkstemp64(char *path)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkstemp64(path);
	return fd_opened(&c, CALL_mkstemp64, real_mkstemp64(path), AT_FDCWD, path);
}

int mkostemp(char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkostemp(path, flags);
	return fd_opened(&c, CALL_mkostemp, real_mkostemp(path, flags), AT_FDCWD, path);
}

int mkostemp64(char *path, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkostemp64(path, flags);
	return fd_opened(&c, CALL_mkostemp64, real_mkostemp64(path, flags), AT_FDCWD, path);
}

int mkstemps(char *path, int suffix)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkstemps(path, suffix);
	return fd_opened(&c, CALL_mkstemps, real_mkstemps(path, suffix), AT_FDCWD, path);
}

int mkstemps64(char *path, int suffix)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkstemps64(path, suffix);
	return fd_opened(&c, CALL_mkstemps64, real_mkstemps64(path, suffix), AT_FDCWD, path);
}

int mkostemps(char *path, int suffix, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkostemps(path, suffix, flags);
	return fd_opened(&c, CALL_mkostemps, real_mkostemps(path, suffix, flags), AT_FDCWD, path);
}

int mkostemps64(char *path, int suffix, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mkostemps64(path, suffix, flags);
	return fd_opened(&c, CALL_mkostemps64, real_mkostemps64(path, suffix, flags), AT_FDCWD,
			 path);
}
