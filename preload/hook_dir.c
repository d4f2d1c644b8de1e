/* SPDX-License-Identifier: MIT */
/*
 * Directory streams. They open and close descriptors behind our back; a number that
 * nobody has told is looked at when it is first used, so the table stays right
 * through scandir, which keeps none.
 */
#include "fd_table.h"
#include "hook_io.h"

DIR *opendir(const char *path)
{
	struct io_call c;
	DIR *dir;

	if (!io_begin(&c))
		return real_opendir(path);
	dir = real_opendir(path);
	fd_opened(&c, CALL_opendir, dir ? dirfd(dir) : -1, AT_FDCWD, path);
	return dir;
}

DIR *fdopendir(int fd)
{
	struct io_call c;
	DIR *dir;

	if (!io_begin(&c))
		return real_fdopendir(fd);
	dir = real_fdopendir(fd);
	fd_worked(&c, CALL_fdopendir, fd, dir ? 0 : -1);
	return dir;
}

int closedir(DIR *stream)
{
	DIR *given = stream;
	struct io_call c;
	uint64_t entry;
	int fd;

	/* declared nonnull, so compilers drop the test; but closedir(NULL) is EINVAL */
	__asm__("" : "+r"(given));
	if (!given || !io_begin(&c))
		return real_closedir(given);
	fd = dirfd(given);
	entry = fd_closing(fd);
	return fd_closed(&c, CALL_closedir, fd, entry, real_closedir(given));
}

/* The beginning of glibc's struct __dirstream (sysdeps/unix/sysv/linux/dirstream.h),
 * the same since 2.3. It is only read, and all that hangs on it is which calls count. */
struct directory_stream {
	int fd;
	int lock;
	size_t allocation;
	size_t size;
	size_t offset;
};

/* Is there nothing left in the buffer? What comes from there is too cheap to tell. */
static bool enters_kernel(const DIR *dir)
{
	const struct directory_stream *stream = (const void *)dir;

	return stream->offset >= stream->size;
}

/* The end and an error both give NULL; only the error sets errno. */
static void has_read(struct io_call *c, enum call call, const void *entry, int before)
{
	int saved = errno;

	if (io_still(c))
		path_tell(c, call, !entry && saved != before ? saved : 0);
	errno = saved;
}

struct dirent *readdir(DIR *dir)
{
	struct io_call c;
	struct dirent *entry;
	int before = errno;

	if (!enters_kernel(dir) || !io_begin(&c))
		return real_readdir(dir);
	entry = real_readdir(dir);
	has_read(&c, CALL_readdir, entry, before);
	return entry;
}

struct dirent64 *readdir64(DIR *dir)
{
	struct io_call c;
	struct dirent64 *entry;
	int before = errno;

	if (!enters_kernel(dir) || !io_begin(&c))
		return real_readdir64(dir);
	entry = real_readdir64(dir);
	has_read(&c, CALL_readdir64, entry, before);
	return entry;
}

/* The _r ones return the error and leave errno alone. */
static int has_read_r(struct io_call *c, enum call call, int error)
{
	int saved = errno;

	if (io_still(c))
		path_tell(c, call, error);
	errno = saved;
	return error;
}

int readdir_r(DIR *dir, struct dirent *entry, struct dirent **got)
{
	struct io_call c;

	if (!enters_kernel(dir) || !io_begin(&c))
		return real_readdir_r(dir, entry, got);
	return has_read_r(&c, CALL_readdir_r, real_readdir_r(dir, entry, got));
}

int readdir64_r(DIR *dir, struct dirent64 *entry, struct dirent64 **got)
{
	struct io_call c;

	if (!enters_kernel(dir) || !io_begin(&c))
		return real_readdir64_r(dir, entry, got);
	return has_read_r(&c, CALL_readdir64_r, real_readdir64_r(dir, entry, got));
}

/* The callbacks are the program's own: what they do is told as it happens. */
HOOK_PATH(int, scandir,
	  (const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
	   int (*compare)(const struct dirent **, const struct dirent **)),
	  (path, list, filter, compare))
HOOK_PATH(int, scandir64,
	  (const char *path, struct dirent64 ***list, int (*filter)(const struct dirent64 *),
	   int (*compare)(const struct dirent64 **, const struct dirent64 **)),
	  (path, list, filter, compare))
