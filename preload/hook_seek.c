/* SPDX-License-Identifier: MIT */
/* lseek by its names. It counts among the metadata calls. */
#include "fd_table.h"
#include "hook_io.h"

off_t seek_end(struct io_call *c, enum call call, int fd, off_t position)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun, entry;
	int saved = errno;

	if (!io_still(c))
		return position;
	entry = position < 0 && saved == EBADF ? 0 : fd_lookup(t, fd);
	probe_count(t, COUNTER_metadata_calls, 1);
	probe_count(t, COUNTER_metadata_ticks, took);
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	if (probe.level != LEVEL_counters)
		record_3(t, EVENT_SEEK,
			 took | (uint64_t)call << 48 | (uint64_t)fd_entry_kind(entry) << 58,
			 (uint64_t)(position < 0 ? -(int64_t)saved : position),
			 fd_entry_file(entry) | ((uint64_t)fd & EVENT_MASK(30)) << 32, end);
	errno = saved;
	return position;
}

off_t lseek(int fd, off_t at, int whence)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_lseek(fd, at, whence);
	return seek_end(&c, CALL_lseek, fd, real_lseek(fd, at, whence));
}

off64_t lseek64(int fd, off64_t at, int whence)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_lseek64(fd, at, whence);
	return seek_end(&c, CALL_lseek64, fd, real_lseek64(fd, at, whence));
}

off_t __lseek(int fd, off_t at, int whence)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___lseek(fd, at, whence);
	return seek_end(&c, CALL___lseek, fd, real___lseek(fd, at, whence));
}

/* Only old programs link to it, by its version. */
off64_t llseek(int fd, off64_t at, int whence)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_llseek(fd, at, whence);
	return seek_end(&c, CALL_llseek, fd, real_llseek(fd, at, whence));
}
