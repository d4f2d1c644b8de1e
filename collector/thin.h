/* SPDX-License-Identifier: MIT */
/*
 * What is left of a segment that the flight recorder drops: the records that tell of
 * tasks, threads and processes, and names. They are gathered per thread, so that many
 * small blocks become few.
 */
#ifndef TPPROBE_THIN_H
#define TPPROBE_THIN_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "segment.h"

enum thin_level {
	THIN_tasks, /* all of class task, all names */
	THIN_least, /* without samples, clocks and paths: totals and tasks stay whole */
};

#define THIN_BATCHES 512 /* in memory at once */
#define THIN_BUCKETS 256

struct thin {
	enum thin_level level;
	struct segment_writer *writer;
	struct batch *bucket[THIN_BUCKETS];
	uint32_t batches;
	uint64_t cycle, watermark;	  /* of the last block read */
	uint64_t dropped[CLASS_COUNT];	  /* events of the probe's that are not kept */
	uint64_t kept[CLASS_COUNT];	  /* and those that are */
	uint64_t first_stamp, last_stamp; /* of those that are not; first > last: there are none */
};

void thin_init(struct thin *t, enum thin_level level, struct segment_writer *writer);
/* Is an event of this type kept by THIN_tasks? */
bool thin_keeps(unsigned type);
/* Reads all of r and appends what stays to the writer. Blocks get the cycle of the
 * last one that was read before they are written: cycles never decrease. 0 or -errno:
 * some of it is lost. */
int thin_copy(struct thin *t, struct segment_reader *r);
/* The same of the blocks at these places alone. */
int thin_copy_at(struct thin *t, struct segment_reader *r, const uint64_t *offsets, uint32_t count);

#endif
