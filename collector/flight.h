/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder (--max-size): of a trace that grows beyond its cap the oldest
 * segments go, but not what they tell of tasks.
 *
 *	before	 0001  0002  0003  0004  0005*		* is being written
 *	after	[0001] 0003  0004  0005*		[] thin: tasks and names of 1 and 2
 *
 * The thin file takes the place and the number of the first segment that went: a
 * reader sees nothing but segments in the order of their cycles. Sums of counters are
 * in TASK records, so totals stay exact; single events before the window are gone, and
 * the manifest says how many and until when. What thin files hold grows with the
 * number of tasks only; beyond a quarter of the cap they are squeezed (THIN_least).
 *
 * A collector that is killed in the moment between the removal of a segment and the
 * end of what is appended to the thin file loses the tasks of that segment.
 */
#ifndef TPPROBE_FLIGHT_H
#define TPPROBE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "segment.h"

#define FLIGHT_LEAST_BYTES (UINT64_C(1) << 20) /* a smaller cap is taken as this */

struct flight {
	uint64_t cap_bytes;		   /* 0: everything is kept */
	uint64_t roll_bytes, cycle_events; /* a file and a cycle are this large at most */
	const char *dir;		   /* DIR/segments; the spool's */
	struct segment_header header;
	struct flight_file {
		uint64_t number, bytes;
		uint64_t recorded[CLASS_COUNT];
		uint64_t first_stamp, last_stamp; /* of what will not be kept */
		uint64_t *kept_at;		  /* blocks with something to keep */
		uint32_t kept, room;
	} * files, open; /* closed ones, oldest first; the one that is written */
	uint32_t count, room;
	uint64_t files_bytes;
	struct segment_writer *thin; /* NULL: nothing was dropped yet */
	uint64_t thin_number, squeeze_at;

	/* For the manifest. */
	uint64_t dropped_segments, dropped_bytes;
	uint64_t dropped[CLASS_COUNT];
	int append_error;		  /* tasks of a dropped segment are lost: an errno */
	uint64_t first_stamp, last_stamp; /* of the events that are gone */
	bool squeezed;
};

void flight_init(struct flight *f, const char *dir, const struct segment_header *header,
		 uint64_t cap_bytes);
/* A block was written at `offset` of the open file. */
void flight_wrote(struct flight *f, const struct batch *b, uint64_t offset);
/* The open file is complete and has this number. */
void flight_closed(struct flight *f, uint64_t number);
/* Drops the oldest files until they and `open_bytes` more fit under the cap. */
void flight_trim(struct flight *f, uint64_t open_bytes);
/* Of all files but the open one. */
uint64_t flight_bytes(const struct flight *f);
void flight_fini(struct flight *f);

#endif
