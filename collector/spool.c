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

void spool_init(struct spool *s, const char *trace_dir, const struct segment_header *header)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->dir, sizeof(s->dir), "%s/segments", trace_dir);
	s->header = *header;
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
	int err = s->writer ? 0 : open_next(s);

	if (!err)
		err = segment_writer_block(s->writer, &block);
	if (!err)
		s->events += b->count;
	return err;
}

/* `sign` is -1 for those that are kept after all. */
static void count_dropped(struct spool *s, const struct batch *b, int sign)
{
	s->dropped_events += (uint64_t)((int64_t)b->count * sign);
	for (uint32_t i = 0; i < b->count; i++)
		if (b->events[i].type < COLLECTED_FIRST)
			s->dropped[event_class_get(b->events[i].type)] += (uint64_t)(int64_t)sign;
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
}

void spool_roll(struct spool *s)
{
	if (s->writer && segment_writer_bytes(s->writer) >= SEGMENT_ROLL_BYTES)
		close_writer(s);
}

void spool_fini(struct spool *s)
{
	release_held(s, s->cycle, s->watermark, true);
	close_writer(s);
}

uint64_t spool_bytes(const struct spool *s)
{
	return s->bytes_before + (s->writer ? segment_writer_bytes(s->writer) : 0);
}

uint64_t spool_raw_bytes(const struct spool *s)
{
	return s->raw_before + (s->writer ? segment_writer_raw_bytes(s->writer) : 0);
}
