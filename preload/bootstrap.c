/* SPDX-License-Identifier: MIT */
/*
 * A heap for the few allocations that may come before the constructor (from
 * the loader, or from dlsym while we look for the real malloc). It only grows;
 * its pages exist once they are touched. free() ignores its blocks.
 *
 *	[size 8][unused 8][block, 16-aligned …]
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "real.h"

_Alignas(4096) char bootstrap_heap[BOOTSTRAP_HEAP_BYTES];
static _Atomic size_t used;

void *bootstrap_aligned(size_t alignment, size_t size)
{
	size_t at, start, end;

	if (alignment < 16)
		alignment = 16;
	if (size > BOOTSTRAP_HEAP_BYTES || alignment > BOOTSTRAP_HEAP_BYTES)
		goto full;
	at = atomic_load(&used);
	do {
		start = (at + 16 + alignment - 1) & ~(alignment - 1);
		end = start + ((size + 15) & ~(size_t)15);
		if (end > BOOTSTRAP_HEAP_BYTES)
			goto full;
	} while (!atomic_compare_exchange_weak(&used, &at, end));
	memcpy(bootstrap_heap + start - 16, &size, sizeof(size));
	return bootstrap_heap + start;
full:
	errno = ENOMEM;
	return NULL;
}

size_t bootstrap_size(const void *block)
{
	size_t size;

	memcpy(&size, (const char *)block - 16, sizeof(size));
	return size;
}

void *bootstrap_malloc(size_t size)
{
	return bootstrap_aligned(16, size);
}

void *bootstrap_calloc(size_t count, size_t size)
{
	size_t bytes;

	/* fresh pages are zero, and nothing is used twice */
	return __builtin_mul_overflow(count, size, &bytes) ? NULL : bootstrap_malloc(bytes);
}

/* Also moves a block out of this heap once the real malloc is there. */
void *bootstrap_realloc(void *block, size_t size)
{
	void *moved = real_malloc(size);
	size_t had;

	if (!block || !moved)
		return moved;
	had = bootstrap_size(block);
	memcpy(moved, block, had < size ? had : size);
	return moved;
}

void *bootstrap_reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : bootstrap_realloc(block, bytes);
}

int bootstrap_posix_memalign(void **block, size_t alignment, size_t size)
{
	void *got = bootstrap_aligned(alignment, size);

	if (!got)
		return ENOMEM;
	*block = got;
	return 0;
}

void *bootstrap_page_aligned(size_t size)
{
	return bootstrap_aligned(4096, size);
}

void bootstrap_free(void *block)
{
	(void)block;
}
