/* SPDX-License-Identifier: MIT */
/*
 * Batches to blocks. All batches are written at the end of a cycle, so that a
 * reader of the segments knows up to where it has seen everything (segment.h).
 */
#ifndef TPPROBE_GATHER_H
#define TPPROBE_GATHER_H

#include <stdint.h>

#include "batch.h"
#include "spool.h"

struct gather {
	struct spool *spool;
	struct batch own; /* the collector's own records */
	uint64_t cycle;
	uint64_t cycle_events;	 /* drained in it so far */
	uint64_t cycle_begun_ns; /* 0: nothing in it yet */
	uint64_t watermark;	 /* of the last pass over all rings that is complete */
};

void gather_init(struct gather *g, struct spool *spool, uint64_t first_cycle);
void gather_fini(struct gather *g);

/* Writes a batch now, in this cycle. */
void gather_write(struct gather *g, struct batch *b);
/* Room in a batch for one more record, written first when it is full. False: no memory. */
bool gather_make_room(struct gather *g, struct batch *b);

static inline bool gather_reserve(struct gather *g, struct batch *b)
{
	return batch_has_room(b) || gather_make_room(g, b);
}

/* Adds a record of the collector's: `words` of them in v. */
void gather_add(struct gather *g, struct batch *b, unsigned type, uint64_t stamp, const uint64_t *v,
		unsigned words);
/* Adds a name of the collector's, in pieces of TEXT when it is long. */
void gather_add_text(struct gather *g, struct batch *b, uint64_t stamp, uint32_t kind, uint32_t id,
		     const char *text, size_t bytes);
/* The batch goes on with another thread's events. */
void gather_cut(struct gather *g, struct batch *b, uint64_t thread, uint64_t process);

/* Is it time to end the cycle? */
bool gather_is_due(const struct gather *g, uint64_t now_ns);
/* The caller has written all batches but our own. */
void gather_end_cycle(struct gather *g);

#endif
