/* SPDX-License-Identifier: MIT */
/* Mapping the arena and finding the way in it. */
#include "arena_view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../preload/clock.h"
#include "proc.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define OWNERS_OFFSET arena_round_page(sizeof(struct arena_header))
#define SLOTS_OFFSET (OWNERS_OFFSET + arena_round_page(ARENA_SLOTS * 8))

static bool is_ours(const struct arena_header *h)
{
	return !memcmp(h->magic, ARENA_MAGIC, sizeof(h->magic)) && h->version == ARENA_VERSION &&
	       h->header_bytes == sizeof(*h) && h->slot_bytes == sizeof(struct slot) &&
	       h->slot_count == ARENA_SLOTS && h->total_bytes == arena_total_bytes() &&
	       h->owners_offset == OWNERS_OFFSET && h->slots_offset == SLOTS_OFFSET &&
	       h->rings_offset == arena_rings_offset();
}

static int map_file(struct arena_view *v, int fd)
{
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < arena_total_bytes())
		return -EBADMSG;
	v->base = mmap(NULL, arena_total_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (v->base == MAP_FAILED) {
		v->base = NULL;
		return -errno;
	}
	v->header = (struct arena_header *)v->base;
	err = arena_view_touch(v->base, SLOTS_OFFSET);
	if (err)
		return err;
	memcpy(&v->facts, v->base, sizeof(v->facts));
	v->facts.trace_dir[ARENA_PATH_SIZE - 1] = 0;
	v->facts.probe_path[ARENA_PATH_SIZE - 1] = 0;
	v->facts.options[ARENA_OPTIONS_SIZE - 1] = 0;
	if (v->facts.options_bytes > ARENA_OPTIONS_SIZE)
		v->facts.options_bytes = 0;
	return is_ours(&v->facts) ? 0 : -EBADMSG;
}

int arena_view_open(struct arena_view *v, const char *session_dir)
{
	char path[ARENA_PATH_SIZE + 16];
	int fd, err;

	memset(v, 0, sizeof(*v));
	if (strlen(session_dir) >= sizeof(v->dir))
		return -ENAMETOOLONG;
	strcpy(v->dir, session_dir);
	snprintf(path, sizeof(path), "%s/%s", session_dir, ARENA_FILE);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = map_file(v, fd);
	close(fd);
	if (err)
		arena_view_close(v);
	return err;
}

void arena_view_close(struct arena_view *v)
{
	if (v->base)
		munmap(v->base, arena_total_bytes());
	v->base = NULL;
	v->header = NULL;
}

int arena_view_claim(struct arena_view *v, bool inherit)
{
	uint32_t pid = 0, own = (uint32_t)getpid();

	if (!atomic_compare_exchange_strong(&v->header->collector_pid, &pid, own)) {
		if (!inherit || proc_start_time(pid) == v->header->collector_start_time ||
		    !atomic_compare_exchange_strong(&v->header->collector_pid, &pid, own))
			return -EBUSY;
	}
	atomic_store(&v->header->collector_start_time, proc_start_time(own));
	return 0;
}

struct slot *arena_view_slot(const struct arena_view *v, uint32_t index)
{
	return (struct slot *)(v->base + SLOTS_OFFSET) + index;
}

_Atomic uint64_t *arena_view_owner(const struct arena_view *v, uint32_t index)
{
	return (_Atomic uint64_t *)(v->base + OWNERS_OFFSET) + index;
}

struct ring_cell *arena_view_ring(const struct arena_view *v, uint32_t index, uint32_t *cells)
{
	uint32_t bytes;
	uint64_t offset = arena_ring_place(arena_rings_offset(), index, &bytes);

	*cells = bytes / sizeof(struct ring_cell);
	return (struct ring_cell *)(v->base + offset);
}

uint32_t arena_view_high(const struct arena_view *v)
{
	uint32_t high = atomic_load(&v->header->slot_high);

	return high < ARENA_SLOTS ? high : ARENA_SLOTS;
}

int arena_view_touch(const void *at, uint64_t bytes)
{
	uintptr_t begin = (uintptr_t)at & ~(uintptr_t)4095;
	uintptr_t end = ((uintptr_t)at + bytes + 4095) & ~(uintptr_t)4095;

	if (!madvise((void *)begin, end - begin, MADV_POPULATE_READ))
		return 0;
	/* Kernels before 5.14 do not know it; there the pages are as good as their word. */
	return errno == EINVAL ? 0 : -errno;
}

static uint64_t ticks_now(uint32_t clock)
{
	return clock == CLOCK_tsc ? clock_tsc() : clock_ns(CLOCK_MONOTONIC_RAW);
}

uint64_t arena_view_now(const struct arena_view *v)
{
	return (ticks_now(v->facts.clock) - v->facts.base_ticks) & RING_STAMP_MASK;
}

struct clock_triple clock_triple_get(uint32_t clock)
{
	struct clock_triple best = { 0 };
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = ticks_now(clock);
		uint64_t raw = clock_ns(CLOCK_MONOTONIC_RAW);
		uint64_t real = clock_ns(CLOCK_REALTIME);
		uint64_t after = ticks_now(clock);

		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best.ticks = clock == CLOCK_tsc ? before + (after - before) / 2 : raw;
		best.raw_ns = raw;
		best.real_ns = real;
	}
	return best;
}

void arena_view_wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
