/* SPDX-License-Identifier: MIT */
/* Segment files one after the other, and what happens when the disk is full. */
#include "spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../preload/clock.h"

#define RETRY_NS UINT64_C(1000000000)
#define HELD_MAX 4096 /* batches; each a few records */

void spool_init(struct spool *s, const char *trace_dir, const struct segment_header *header,
		uint64_t cap_bytes)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "%s/segments", trace_dir);
	s->header = *header;
	flight_init(&s->flight, s->dir, header, cap_bytes);
}

static int open_next(struct spool *s)
{
	char path[sizeof(s->dir) + 32];
	int err;

	do {
		s->header.number++;
		snprintf(path, sizeof(path), "%s/%04llu.tps", s->dir,
			 (unsigned long long)s->header.number);
		err = segment_writer_open(path, &s->header, &s->writer);
	} while (err == -EEXIST);
	if (err)
		s->header.number--;
	else
		s->segments++;
	return err;
}

/* By types first: one addition for most events. */
static void count_classes(uint64_t *classes, const struct batch *b, int sign)
{
	uint32_t types[256] = { 0 };

	for (uint32_t i = 0; i < b->count; i++)
		types[b->events[i].type]++;
	for (unsigned type = 1; type < COLLECTED_FIRST; type++)
		classes[event_class_get(type)] += (uint64_t)((int64_t)types[type] * sign);
}

static int write_batch(struct spool *s, const struct batch *b, uint64_t cycle, uint64_t watermark,
		       uint32_t flags)
{
	struct block block = {
		.thread = b->thread,
		.process = b->process,
		.cycle = cycle,
		.watermark = watermark,
		.flags = flags,
		.count = b->count,
		.events = b->events,
		.words = b->words,
		.text = b->text,
		.text_at = b->text_at,
	};
	uint64_t offset;
	int err = s->writer ? 0 : open_next(s);

	if (err)
		return err;
	offset = segment_writer_bytes(s->writer);
	err = segment_writer_block(s->writer, &block);
	if (err)
		return err;
	s->events += b->count;
	count_classes(s->recorded, b, 1);
	flight_wrote(&s->flight, b, offset);
	flight_trim(&s->flight, segment_writer_bytes(s->writer));
	return 0;
}

/* `sign` is -1 for those that are kept after all. */
static void count_dropped(struct spool *s, const struct batch *b, int sign)
{
	s->dropped_events += (uint64_t)((int64_t)b->count * sign);
	count_classes(s->dropped, b, sign);
}

static void release_held(struct spool *s, uint64_t cycle, uint64_t watermark, bool give_up)
{
	while (s->held) {
		struct batch *b = s->held;

		if (write_batch(s, b, cycle, watermark, b->thread ? 0 : SEGMENT_COLLECTOR)) {
			if (!give_up)
				return;
			count_dropped(s, b, 1);
		}
		s->held = b->next;
		batch_fini(b);
		free(b);
	}
}

/* The events are lost, but what tells of tasks is kept for later, in order. */
static void hold_back(struct spool *s, const struct batch *b)
{
	struct batch *copy = batch_copy_tasks(b), **end = &s->held;
	unsigned n = 0;

	for (; *end; end = &(*end)->next)
		n++;
	if (copy && n >= HELD_MAX) {
		batch_fini(copy);
		free(copy);
		copy = NULL;
	}
	count_dropped(s, b, 1);
	if (copy) {
		count_dropped(s, copy, -1);
		*end = copy;
	}
}

void spool_block(struct spool *s, const struct batch *b, uint64_t cycle, uint64_t watermark,
		 uint32_t flags)
{
	uint64_t now;
	int err;

	s->cycle = cycle;
	s->watermark = watermark;
	if (!s->error) {
		err = write_batch(s, b, cycle, watermark, flags);
		if (!err)
			return;
		s->error = err;
		s->retry_ns = clock_ns(CLOCK_MONOTONIC) + RETRY_NS;
	}
	hold_back(s, b);
	now = clock_ns(CLOCK_MONOTONIC);
	if (now < s->retry_ns)
		return;
	s->retry_ns = now + RETRY_NS;
	release_held(s, cycle, watermark, false);
	if (!s->held)
		s->error = 0; /* there is room again */
}

static void close_writer(struct spool *s)
{
	if (!s->writer)
		return;
	s->raw_before += segment_writer_raw_bytes(s->writer);
	s->bytes_before += segment_writer_bytes(s->writer);
	segment_writer_close(s->writer); /* without room for an index it is read without */
	s->writer = NULL;
	flight_closed(&s->flight, s->header.number);
}

void spool_roll(struct spool *s)
{
	if (s->writer && segment_writer_bytes(s->writer) >= s->flight.roll_bytes)
		close_writer(s);
}

void spool_fini(struct spool *s)
{
	release_held(s, s->cycle, s->watermark, true);
	close_writer(s);
	flight_trim(&s->flight, 0);
	s->bytes_before = s->flight.cap_bytes ? flight_bytes(&s->flight) : s->bytes_before;
	flight_fini(&s->flight);
}

uint64_t spool_segments(const struct spool *s)
{
	return s->segments - s->flight.dropped_segments + (s->flight.dropped_segments > 0);
}

uint64_t spool_bytes(const struct spool *s)
{
	if (s->flight.files)
		return flight_bytes(&s->flight) + (s->writer ? segment_writer_bytes(s->writer) : 0);
	return s->bytes_before + (s->writer ? segment_writer_bytes(s->writer) : 0);
}

uint64_t spool_raw_bytes(const struct spool *s)
{
	return s->raw_before + (s->writer ? segment_writer_raw_bytes(s->writer) : 0);
}
