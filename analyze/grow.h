/* SPDX-License-Identifier: MIT */
/* Arrays that grow by one element at a time. */
#ifndef TPPROBE_GROW_H
#define TPPROBE_GROW_H

#include <stdint.h>
#include <stdlib.h>

/* The array with room for one element more: as it is, or moved and *room doubled.
 * NULL: out of memory; the array stays as it was. */
static inline void *array_grown(void *array, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t more = *room * 2 + 16;

	if (count < *room)
		return array;
	array = realloc(array, more * size);
	if (array)
		*room = more;
	return array;
}

#endif
