/* SPDX-License-Identifier: MIT */
/*
 * Small things that are written one after the other and read back in another order: in
 * a file without a name, so that they take no memory.
 */
#ifndef TPPROBE_SCRATCH_H
#define TPPROBE_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SCRATCH_SIZE_BITS 12
#define SCRATCH_MAX ((1u << SCRATCH_SIZE_BITS) - 1) /* bytes of one thing */

#define SCRATCH_WINDOW 8192

struct scratch {
	FILE *file; /* NULL until the first is put */
	uint64_t bytes;
	/* What was read last, and around it: the next one mostly lies near. */
	uint64_t window_at;
	size_t window_bytes;
	char window[SCRATCH_WINDOW];
};

/* A file without a name; -errno. */
int scratch_open(void);
/* *place: what it is found by, offset << SCRATCH_SIZE_BITS | bytes. 0 or -errno. */
int scratch_put(struct scratch *scratch, const void *data, size_t bytes, uint64_t *place);
/* After the last one was put. data: SCRATCH_MAX bytes. 0 or -errno. */
int scratch_get(struct scratch *scratch, uint64_t place, void *data, size_t *bytes);
void scratch_fini(struct scratch *scratch);

#endif
