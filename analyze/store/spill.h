/* SPDX-License-Identifier: MIT */
/*
 * Very many small things, divided into parts and read back part by part: in a file
 * without a name, so that they take no memory. Within a part they keep their order.
 */
#ifndef TPPROBE_SPILL_H
#define TPPROBE_SPILL_H

#include <stddef.h>
#include <stdint.h>

#define SPILL_PARTS 128
#define SPILL_CHUNK 8192 /* bytes of a part that lie together; one thing is less */

struct spill {
	int file; /* -1: none yet */
	uint64_t bytes;
	struct spill_part {
		unsigned char *chunk; /* not written yet */
		uint32_t used;
		uint64_t *at; /* where the others are */
		uint32_t count, room;
	} part[SPILL_PARTS];
};

void spill_init(struct spill *spill);
/* 0 or -errno. */
int spill_put(struct spill *spill, unsigned part, const void *data, size_t bytes);
/* Calls `each` for what was put there, until it does not return 0; returns that, or
 * -errno. */
int spill_each(struct spill *spill, unsigned part,
	       int (*each)(void *to, const unsigned char *data, size_t bytes), void *to);
void spill_fini(struct spill *spill);

#endif
