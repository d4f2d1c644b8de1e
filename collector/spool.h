/* SPDX-License-Identifier: MIT */
/*
 * Where blocks go: the segment files of a trace, one after the other. On a full
 * disk it stops taking events and counts them; what tells of tasks (starts,
 * ends, counters) is held back in memory and tried again.
 */
#ifndef TPPROBE_SPOOL_H
#define TPPROBE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "flight.h"
#include "segment.h"

struct spool {
	char dir[1100]; /* DIR/segments */
	struct segment_header header;
	struct segment_writer *writer;
	struct flight flight;
	uint64_t segments;
	uint64_t cycle, watermark;	/* the last that were given */
	uint64_t events;		/* written */
	uint64_t recorded[CLASS_COUNT]; /* of them the program's own */
	uint64_t bytes_before;		/* in the files that are closed already */
	uint64_t raw_before;
	uint64_t dropped_events;       /* not written */
	uint64_t dropped[CLASS_COUNT]; /* the program's own among them */
	int error;		       /* why nothing is written at the moment, 0: all is well */
	uint64_t retry_ns;
	struct batch *held;
};

/* cap_bytes: what all files together may have (flight.h); 0: no limit. */
void spool_init(struct spool *s, const char *trace_dir, const struct segment_header *header,
		uint64_t cap_bytes);
/* Writes one block; `head` has all but the events. Never fails: it drops and counts. */
void spool_block(struct spool *s, const struct batch *b, uint64_t cycle, uint64_t watermark,
		 uint32_t flags);
/* At the end of a cycle: goes on to the next file when this one is full. */
void spool_roll(struct spool *s);
/* The last tries, then the index. */
void spool_fini(struct spool *s);

/* What lies on disk now. */
uint64_t spool_bytes(const struct spool *s);
uint64_t spool_segments(const struct spool *s);
uint64_t spool_raw_bytes(const struct spool *s);

#endif
