/* SPDX-License-Identifier: MIT */
/*
 * All events of a trace, in the order of their stamps.
 *
 *	segments/0001.tps  0002.tps …      blocks, cycle by cycle
 *	        │ copied into a queue per thread
 *	        ▼
 *	thread 1 ▒▒▒▒▒▒▒|··        The head with the smallest stamp goes next, up
 *	thread 2 ▒▒▒▒|····         to the watermark of the last whole cycle; what
 *	thread 3 ▒▒▒▒▒▒|·          lies behind it waits for the next cycle.
 *	            watermark
 *
 * Within one thread the order is the one in which it committed its events,
 * whatever their stamps say. An event that comes later than its watermark is
 * delivered at once, out of order, and counted. Memory: about two cycles.
 */
#ifndef TPPROBE_STREAM_H
#define TPPROBE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "../fault.h"
#include "collector/segment.h"

struct record {
	uint64_t stamp;	   /* ticks since the session's base */
	uint64_t thread;   /* id, 0: the collector's own */
	uint64_t process;  /* id of the process image */
	const uint64_t *v; /* value words; these and text live until the next call */
	const char *text;  /* of a TEXT record, not closed by NUL */
	uint32_t text_bytes;
	uint16_t words;
	uint8_t type;
	bool by_collector;
};

struct stream_facts {
	struct segment_header header; /* of the first segment; zeroes when there is none */
	unsigned segments;
	unsigned empty_files; /* segments without even a header */
	unsigned gone_files;  /* let go by the flight recorder while we read */
	uint64_t damaged_frames;
	uint64_t cut_bytes; /* at the ends of files that were cut off or are being written */
	uint64_t late_events;
};

struct stream;

int stream_open(const char *dir, struct stream **out, struct fault *fault);
/* 1: *record is filled. 0: the end. -errno with a sentence in *fault. */
int stream_next(struct stream *s, struct record *record, struct fault *fault);
const struct stream_facts *stream_facts_get(const struct stream *s);
void stream_close(struct stream *s); /* NULL is fine */

#endif
