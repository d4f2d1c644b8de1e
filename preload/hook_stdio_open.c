/* SPDX-License-Identifier: MIT */
/* Streams that are opened and closed: what open and close say, said of fopen and fclose. */
#include <fcntl.h>

#include "fd_table.h"
#include "stream.h"

/* A stream on a descriptor that libc just opened. */
static FILE *opened(struct io_call *c, enum call call, FILE *f, const char *path)
{
	fd_opened(c, call, f ? f->_fileno : -1, AT_FDCWD, path);
	return f;
}

FILE *fopen(const char *path, const char *mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_fopen(path, mode);
	return opened(&c, CALL_fopen, real_fopen(path, mode), path);
}

FILE *fopen64(const char *path, const char *mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_fopen64(path, mode);
	return opened(&c, CALL_fopen64, real_fopen64(path, mode), path);
}

/* The old file is written out and closed, whether the new one opens or not; mostly
 * the new one takes over the number. Without a path it is the old one once more. */
static inline FILE *reopen(FILE *(*real)(const char *, const char *, FILE *), enum call call,
			   const char *path, const char *mode, FILE *f)
{
	struct io_call c;
	FILE *result;
	int saved, fd;

	if (!io_begin(&c))
		return real(path, mode, f);
	stream_tell_pending(c.thread, f);
	if ((fd = stream_fd(f)) >= 0)
		fd_put(fd, 0);
	result = real(path, mode, f);
	if (path)
		return opened(&c, call, result, path);
	saved = errno;
	fd = result ? result->_fileno : -1;
	if (io_still(&c))
		fd_tell(&c, call, fd, fd < 0 ? 0 : fd_lookup(c.thread, fd), -1);
	errno = saved;
	return result;
}

FILE *freopen(const char *path, const char *mode, FILE *stream)
{
	return reopen(real_freopen, CALL_freopen, path, mode, stream);
}

FILE *freopen64(const char *path, const char *mode, FILE *stream)
{
	return reopen(real_freopen64, CALL_freopen64, path, mode, stream);
}

/* Its name, if it has one, is in /proc alone. */
static inline FILE *temporary(FILE *(*real)(void), enum call call)
{
	struct io_call c;
	FILE *f;
	int saved, fd;

	if (!io_begin(&c))
		return real();
	f = real();
	saved = errno;
	fd = f ? f->_fileno : -1;
	if (fd >= 0)
		fd_put(fd, 0);
	if (io_still(&c))
		fd_tell(&c, call, fd, fd < 0 ? 0 : fd_lookup(c.thread, fd), -1);
	errno = saved;
	return f;
}

FILE *tmpfile(void)
{
	return temporary(real_tmpfile, CALL_tmpfile);
}

FILE *tmpfile64(void)
{
	return temporary(real_tmpfile64, CALL_tmpfile64);
}

/* The entry goes first, as in close(); what is pending needs it. */
int fclose(FILE *stream)
{
	struct io_call c = { .thread = probe_enter() };
	size_t pending;
	uint64_t entry;
	int fd, result;

	if (!c.thread || !stream || (fd = stream_fd(stream)) < 0)
		return real_fclose(stream);
	pending = stream_is_told(stream) ? stream_pending(stream) : 0;
	entry = pending ? fd_lookup(c.thread, fd) : 0;
	fd_put(fd, 0);
	if (!pending)
		return real_fclose(stream);
	c.begun = probe_now();
	result = real_fclose(stream);
	stream_tell_closed(&c, CALL_fclose, fd, entry, result < 0 ? -1 : (ssize_t)pending);
	return result;
}
