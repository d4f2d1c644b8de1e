/* SPDX-License-Identifier: MIT */
/*
 * Address space. The heap maps from within libc and is not seen here, which is
 * right: its blocks are told one by one.
 */
#include <stdarg.h>

#include "fd_table.h"
#include "hook_io.h"

struct mapping {
	uint64_t address; /* or -errno */
	uint64_t length;
	uint64_t old;
	uint64_t gained, given_back; /* bytes */
	uint32_t file;
	unsigned flags; /* MAP_FLAG_* */
};

static void map_tell(struct io_call *c, enum call call, const struct mapping *m, bool worked)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;
	uint64_t v[5];

	if (worked && call != CALL_munmap)
		probe_count(t, COUNTER_maps, 1);
	if (worked && m->gained)
		probe_count(t, COUNTER_map_bytes, m->gained);
	if (worked && m->given_back)
		probe_count(t, COUNTER_unmap_bytes, m->given_back);
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(48))
		took = EVENT_MASK(48);
	v[0] = took | (uint64_t)call << 48 | (uint64_t)m->flags << 58;
	v[1] = m->address;
	v[2] = m->length & EVENT_MASK(62);
	v[3] = m->old;
	v[4] = m->file;
	record_n(t, EVENT_MAP, v, 5, end);
}

static unsigned flags_of(int protection, int flags)
{
	return (flags & MAP_ANONYMOUS ? MAP_FLAG_anonymous : 0) |
	       ((flags & MAP_TYPE) != MAP_PRIVATE ? MAP_FLAG_shared : 0) |
	       (protection & PROT_EXEC ? MAP_FLAG_executable : 0) |
	       (flags & MAP_STACK ? MAP_FLAG_stack : 0);
}

/* What mmap and its like return, as the record says it. */
static uint64_t address_or_error(const void *address)
{
	return address == MAP_FAILED ? (uint64_t) - (int64_t)errno : (uintptr_t)address;
}

static void *mapped(struct io_call *c, enum call call, void *address, size_t length, int protection,
		    int flags, int fd)
{
	struct mapping m = { .address = address_or_error(address), .length = length };
	int saved = errno;

	if (!io_still(c))
		return address;
	m.gained = length;
	m.flags = flags_of(protection, flags);
	if (!(flags & MAP_ANONYMOUS) && !(address == MAP_FAILED && saved == EBADF))
		m.file = fd_entry_file(fd_lookup(c->thread, fd));
	map_tell(c, call, &m, address != MAP_FAILED);
	errno = saved;
	return address;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mmap(address, length, protection, flags, fd, at);
	return mapped(&c, CALL_mmap, real_mmap(address, length, protection, flags, fd, at), length,
		      protection, flags, fd);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t at)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_mmap64(address, length, protection, flags, fd, at);
	return mapped(&c, CALL_mmap64, real_mmap64(address, length, protection, flags, fd, at),
		      length, protection, flags, fd);
}

int munmap(void *address, size_t length)
{
	struct io_call c;
	int result, saved;

	if (!io_begin(&c))
		return real_munmap(address, length);
	result = real_munmap(address, length);
	saved = errno;
	if (io_still(&c)) {
		struct mapping m = { .length = length, .given_back = length };

		m.address = result < 0 ? (uint64_t) - (int64_t)saved : (uintptr_t)address;
		map_tell(&c, CALL_munmap, &m, result == 0);
	}
	errno = saved;
	return result;
}

void *mremap(void *old, size_t old_length, size_t length, int flags, ...)
{
	struct io_call c;
	void *place, *result;
	va_list list;
	int saved;

	va_start(list, flags);
	place = va_arg(list, void *);
	va_end(list);
	if (!io_begin(&c))
		return real_mremap(old, old_length, length, flags, place);
	result = real_mremap(old, old_length, length, flags, place);
	saved = errno;
	if (io_still(&c)) {
		struct mapping m = { .address = address_or_error(result),
				     .length = length,
				     .old = (uintptr_t)old };

		if (length > old_length)
			m.gained = length - old_length;
		else
			m.given_back = old_length - length;
		map_tell(&c, CALL_mremap, &m, result != MAP_FAILED);
	}
	errno = saved;
	return result;
}

/* The end of the data segment went from `before` to `before + by`. */
static void moved(struct io_call *c, enum call call, uintptr_t before, intptr_t by, bool worked)
{
	struct mapping m = { .address =
				     worked ? before + (uintptr_t)by : (uint64_t) - (int64_t)errno,
			     .length = by < 0 ? -(uint64_t)by : (uint64_t)by,
			     .old = (uint64_t)by,
			     .flags = MAP_FLAG_anonymous };
	int saved = errno;

	if (!io_still(c))
		return;
	if (by > 0)
		m.gained = m.length;
	else
		m.given_back = m.length;
	map_tell(c, call, &m, worked);
	errno = saved;
}

int brk(void *end)
{
	struct io_call c;
	uintptr_t before;
	int result;

	if (!io_begin(&c))
		return real_brk(end);
	before = (uintptr_t)real_sbrk(0); /* libc knows it without a system call */
	result = real_brk(end);
	moved(&c, CALL_brk, before, (intptr_t)((uintptr_t)end - before), result == 0);
	return result;
}

void *sbrk(intptr_t by)
{
	struct io_call c;
	void *before;

	if (!by || !io_begin(&c)) /* 0 only asks */
		return real_sbrk(by);
	before = real_sbrk(by);
	moved(&c, CALL_sbrk, (uintptr_t)before, by, before != (void *)-1);
	return before;
}

void *__sbrk(intptr_t by)
{
	struct io_call c;
	void *before;

	if (!by || !io_begin(&c))
		return real___sbrk(by);
	before = real___sbrk(by);
	moved(&c, CALL___sbrk, (uintptr_t)before, by, before != (void *)-1);
	return before;
}
