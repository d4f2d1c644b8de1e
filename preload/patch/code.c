/* SPDX-License-Identifier: MIT */
/*
 * Room for code near an object, and writing into code. By system calls alone: a
 * function of libc that is being patched must not be the one that patches.
 */
#include <errno.h>
#include <sys/mman.h>

#include "../sys.h"
#include "patch.h"

#define PAGE 4096u
#define LOWEST 65536u /* vm.mmap_min_addr, mostly */
#define APART 65536u  /* kept free beside what is there */
#define REACH (UINT64_C(1) << 31)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

void code_open(struct code_writer *w)
{
	w->memory = sys_open("/proc/self/mem", O_RDWR, 0);
}

void code_close(struct code_writer *w)
{
	if (w->memory >= 0)
		sys_close(w->memory);
	w->memory = -1;
}

/* Not by memcpy: see above. */
static void copy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
}

int code_read(struct code_writer *w, uintptr_t at, void *bytes, size_t n)
{
	if (w->memory >= 0 && sys4(SYS_pread64, w->memory, bytes, n, at) == (long)n)
		return 0;
	copy(bytes, (const void *)at, n);
	return 0;
}

int code_write(struct code_writer *w, uintptr_t at, const void *bytes, size_t n)
{
	uintptr_t page = at & ~(uintptr_t)(PAGE - 1);
	size_t length = (at + n - page + PAGE - 1) & ~(size_t)(PAGE - 1);
	long err;

	if (w->memory >= 0 && sys4(SYS_pwrite64, w->memory, bytes, n, at) == (long)n)
		return 0;
	err = sys3(SYS_mprotect, page, length, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (err)
		return (int)err;
	copy((void *)at, bytes, n);
	sys3(SYS_mprotect, page, length, PROT_READ | PROT_EXEC);
	return 0;
}

/* /proc/self/maps, line by line. */
struct maps {
	int fd;
	size_t at, have;
	char buffer[4096];
};

struct mapping {
	uintptr_t start, end;
	bool is_stack;
};

static int next_char(struct maps *m)
{
	if (m->at == m->have) {
		long got = sys3(SYS_read, m->fd, m->buffer, sizeof(m->buffer));

		if (got <= 0)
			return -1;
		m->have = (size_t)got;
		m->at = 0;
	}
	return (unsigned char)m->buffer[m->at++];
}

static uintptr_t next_number(struct maps *m)
{
	uintptr_t n = 0;

	for (;;) {
		int c = next_char(m);

		if (c >= '0' && c <= '9')
			n = n << 4 | (uintptr_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (uintptr_t)(c - 'a' + 10);
		else
			return n;
	}
}

static bool next_mapping(struct maps *m, struct mapping *is)
{
	int c;

	is->start = next_number(m);
	is->end = next_number(m);
	is->is_stack = false;
	while ((c = next_char(m)) >= 0 && c != '\n')
		if (c == '[')
			is->is_stack = next_char(m) == 's';
	return is->end > is->start;
}

static uintptr_t down(uintptr_t at)
{
	return at & ~(uintptr_t)(PAGE - 1);
}

/* The place in the gap [from, to) that leaves most of it in one piece for others: its
 * upper end. 0: none that is within reach. */
static uintptr_t place_in(uintptr_t from, uintptr_t to, uintptr_t low, uintptr_t high, size_t bytes)
{
	uintptr_t lowest = high > REACH - PAGE ? high - (REACH - PAGE) : 0;
	uintptr_t highest = low + (REACH - PAGE) - bytes, at;

	if (to < from + bytes + 2 * APART)
		return 0;
	at = to - APART - bytes;
	if (at > highest)
		at = highest;
	at = down(at);
	return at >= lowest && at >= from + APART ? at : 0;
}

static bool take(uintptr_t at, size_t bytes)
{
	long got = sys6(SYS_mmap, (long)at, (long)bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == (long)at)
		return true;
	if (got > 0 || got < -4095) /* a kernel that takes the address for a hint */
		sys2(SYS_munmap, got, bytes);
	return false;
}

/* The gap next below the object; else the next one above, but not the one that the stack
 * grows into. Others may map at the same moment: then the next best. */
void *code_room(uintptr_t low, uintptr_t high, size_t bytes)
{
	for (int tries = 0; tries < 8; tries++) {
		struct maps m = { .fd = sys_open("/proc/self/maps", O_RDONLY, 0) };
		uintptr_t end = LOWEST, below = 0, above = 0;
		struct mapping is;

		if (m.fd < 0)
			return NULL;
		while (next_mapping(&m, &is)) {
			uintptr_t at = place_in(end, is.start, low, high, bytes);

			if (at && at < low)
				below = at;
			else if (at && !above && !is.is_stack)
				above = at;
			end = is.end;
		}
		sys_close(m.fd);
		if (below && take(below, bytes))
			return (void *)below;
		if (above && take(above, bytes))
			return (void *)above;
		if (!below && !above)
			return NULL;
	}
	return NULL;
}
