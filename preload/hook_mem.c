/* SPDX-License-Identifier: MIT */
/*
 * The heap. A block is told after it exists and its end before it is given
 * back: per address the stamps of all threads are then in order, or so close
 * together that the analyzer can put them right (TECHNIQUES §3).
 */
#include <errno.h>

#include "real.h"
#include "record.h"

#define SMALL_MAX 0xffffu

/*
 * AddressSanitizer and LeakSanitizer look at who called malloc: what the loader
 * itself allocates is no leak to them. So below them these functions count first
 * and then jump to the real one, leaving no frame (mk/build.mk lets this file make
 * sibling calls).
 */
static inline void count_block(size_t size)
{
	struct probe_thread *t = probe_enter();

	if (!t)
		return;
	probe_count(t, COUNTER_mem_allocs, 1);
	probe_count(t, COUNTER_mem_alloc_bytes, size);
}

static inline void count_free(const void *block)
{
	struct probe_thread *t = block ? probe_enter() : NULL;

	if (t)
		probe_count(t, COUNTER_mem_frees, 1);
}

#define JUMP_BELOW_SANITIZER(count, call)                                                          \
	do {                                                                                       \
		if (unlikely(probe.heap_counts)) {                                                 \
			count;                                                                     \
			return call;                                                               \
		}                                                                                  \
	} while (0)

static inline void tell_block(struct probe_thread *t, void *block, size_t size)
{
	uint64_t address = (uintptr_t)block;

	probe_count(t, COUNTER_mem_allocs, 1);
	probe_count(t, COUNTER_mem_alloc_bytes, size);
	if (probe.level == LEVEL_counters)
		return;
	if (likely(size <= SMALL_MAX && !(address >> 48)))
		record_1(t, EVENT_ALLOC, address | (uint64_t)size << 48, probe_now());
	else
		record_3(t, EVENT_ALLOC_BIG, address, size, 0, probe_now());
}

static inline void *told(void *block, size_t size)
{
	struct probe_thread *t;

	if (likely(block) && likely((t = probe_enter())))
		tell_block(t, block, size);
	return block;
}

void *malloc(size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_malloc(size));
	return told(real_malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(count * size), real_calloc(count, size));
	/* the product cannot overflow when there is a block */
	return told(real_calloc(count, size), count * size);
}

void free(void *block)
{
	struct probe_thread *t;

	if (!block || unlikely(bootstrap_owns(block)))
		return;
	if (unlikely(probe.heap_counts)) {
		count_free(block);
		real_free(block);
		return;
	}
	t = probe_enter();
	if (likely(t)) {
		probe_count(t, COUNTER_mem_frees, 1);
		if (probe.level != LEVEL_counters)
			record_1(t, EVENT_FREE, (uintptr_t)block, probe_now());
	}
	real_free(block);
}

/* realloc of a block that is there: a free and an allocation. */
static void *move(struct probe_thread *t, void *block, size_t size)
{
	bool trace = probe.level != LEVEL_counters;
	bool told_free = trace && record_1(t, EVENT_REALLOC_FREE, (uintptr_t)block, probe_now());
	void *moved = real_realloc(block, size);

	if (moved) {
		probe_count(t, COUNTER_mem_frees, 1);
		probe_count(t, COUNTER_mem_allocs, 1);
		probe_count(t, COUNTER_mem_alloc_bytes, size);
		if (trace)
			record_3(t, EVENT_REALLOC_ALLOC, (uintptr_t)moved, size, 0, probe_now());
	} else if (size == 0) {
		probe_count(t, COUNTER_mem_frees, 1); /* glibc's realloc(block, 0) is free */
	} else if (told_free) {
		record_1(t, EVENT_REALLOC_UNDO, (uintptr_t)block, probe_now());
	}
	return moved;
}

void *realloc(void *block, size_t size)
{
	struct probe_thread *t;

	if (!block)
		return malloc(size);
	if (unlikely(bootstrap_owns(block)))
		return told(bootstrap_realloc(block, size), size);
	JUMP_BELOW_SANITIZER((count_free(block), count_block(size)), real_realloc(block, size));
	t = probe_enter();
	return likely(t) ? move(t, block, size) : real_realloc(block, size);
}

/* glibc's own calls realloc, and so finds us: the same happens here, once. */
void *reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return real_reallocarray(block, count, size);
	return realloc(block, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_posix_memalign(block, alignment, size));
	int err = real_posix_memalign(block, alignment, size);

	if (!err)
		told(*block, size);
	return err;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_aligned_alloc(alignment, size));
	return told(real_aligned_alloc(alignment, size), size);
}

void *memalign(size_t alignment, size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_memalign(alignment, size));
	return told(real_memalign(alignment, size), size);
}

void *valloc(size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_valloc(size));
	return told(real_valloc(size), size);
}

void *pvalloc(size_t size)
{
	JUMP_BELOW_SANITIZER(count_block(size), real_pvalloc(size));
	return told(real_pvalloc(size), size);
}

size_t malloc_usable_size(void *block)
{
	if (unlikely(bootstrap_owns(block)))
		return bootstrap_size(block);
	return real_malloc_usable_size ? real_malloc_usable_size(block) : 0;
}
