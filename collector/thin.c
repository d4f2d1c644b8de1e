/* SPDX-License-Identifier: MIT */
/* From a segment to the few records of it that outlive it. */
#include "thin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void thin_init(struct thin *t, enum thin_level level, struct segment_writer *writer)
{
	*t = (struct thin){ .level = level, .writer = writer, .first_stamp = UINT64_MAX };
}

bool thin_keeps(unsigned type)
{
	enum event_class class = event_class_get(type);

	return (class == CLASS_task || class == CLASS_text) && event_info_get(type);
}

static bool is_kept(const struct thin *t, const struct event *e, const uint64_t *v)
{
	if (t->level == THIN_least && e->words) {
		unsigned kind = e->type == EVENT_TEXT ? (unsigned)event_TEXT_kind(v) : 0;

		if (e->type == EVENT_SAMPLE)
			return event_SAMPLE_last(v);
		if (e->type == EVENT_CLOCK || e->type == EVENT_THREAD_CPU || kind == TEXT_PATH ||
		    kind == TEXT_PATH_AT || kind == TEXT_ADDRESS || kind == TEXT_LOCAL_ADDRESS)
			return false;
	}
	return thin_keeps(e->type);
}

/* All at once: were one thread's events written a cycle later than the others', a
 * reader would hand the others' on first. */
static int flush(struct thin *t)
{
	int err = 0;

	for (unsigned i = 0; i < THIN_BUCKETS; i++)
		for (struct batch *b = t->bucket[i], *next; b; b = next) {
			struct block block = {
				.thread = b->thread,
				.process = b->process,
				.cycle = t->cycle,
				.watermark = t->watermark,
				.flags = b->thread ? 0 : SEGMENT_COLLECTOR,
				.count = b->count,
				.events = b->events,
				.words = b->words,
				.text = b->text,
				.text_at = b->text_at,
			};
			int now = b->count ? segment_writer_block(t->writer, &block) : 0;

			err = err ? err : now;
			next = b->next;
			batch_fini(b);
			free(b);
			t->bucket[i] = next;
		}
	t->batches = 0;
	return err;
}

static struct batch *batch_of(struct thin *t, const struct block *block)
{
	struct batch **at = &t->bucket[block->thread % THIN_BUCKETS], *b;

	for (b = *at; b; b = b->next)
		if (b->thread == block->thread && b->process == block->process)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->thread = block->thread;
	b->process = block->process;
	b->next = *at;
	*at = b;
	t->batches++;
	return b;
}

static void count_dropped(struct thin *t, const struct event *e)
{
	if (e->type < COLLECTED_FIRST)
		t->dropped[event_class_get(e->type)]++;
	if (e->stamp < t->first_stamp)
		t->first_stamp = e->stamp;
	if (e->stamp > t->last_stamp)
		t->last_stamp = e->stamp;
}

static int keep(struct thin *t, const struct block *block, uint32_t i)
{
	const struct event *e = &block->events[i];
	struct batch *b = batch_of(t, block);
	int err = b ? batch_reserve(b) : -ENOMEM;

	if (err == -ENOSPC) {
		err = flush(t);
		b = batch_of(t, block);
		err = err ? err : b ? batch_reserve(b) : -ENOMEM;
	}
	if (err)
		return err;
	memcpy(b->words + b->words_used, block->words + e->first, e->words * sizeof(uint64_t));
	if (e->type == EVENT_TEXT) {
		uint64_t bytes = event_TEXT_bytes(block->words + e->first);

		if (bytes > b->text_room - b->text_used)
			return -EBADMSG; /* no ring had a record of that length */
		memcpy(b->text + b->text_used, block->text + block->text_at[i], bytes);
		b->text_at[b->count] = b->text_used;
		b->text_used += (uint32_t)bytes;
	}
	batch_add(b, e->type, e->stamp, e->words);
	if (e->type < COLLECTED_FIRST)
		t->kept[event_class_get(e->type)]++;
	return 0;
}

static int take(struct thin *t, const struct block *block)
{
	int err = 0;

	t->cycle = block->cycle;
	if (block->watermark > t->watermark)
		t->watermark = block->watermark;
	for (uint32_t i = 0; i < block->count; i++) {
		const struct event *e = &block->events[i];

		if (!is_kept(t, e, block->words + e->first) || e->words > BATCH_RECORD_WORDS) {
			count_dropped(t, e);
			continue;
		}
		err = keep(t, block, i);
		if (err)
			return err;
	}
	return t->batches >= THIN_BATCHES ? flush(t) : 0;
}

int thin_copy(struct thin *t, struct segment_reader *r)
{
	struct block block;
	int got, err = 0, now;

	while ((got = segment_next(r, &block))) {
		now = got > 0 ? take(t, &block) : got;
		err = err ? err : now;
		if (got < 0 && got != -EBADMSG)
			break;
	}
	now = flush(t);
	return err ? err : now;
}

int thin_copy_at(struct thin *t, struct segment_reader *r, const uint64_t *offsets, uint32_t count)
{
	struct block block;
	int err = 0, now;

	for (uint32_t i = 0; i < count; i++) {
		segment_seek(r, offsets[i]);
		now = segment_next(r, &block);
		now = now > 0 ? take(t, &block) : now ? now : -EBADMSG;
		err = err ? err : now;
	}
	now = flush(t);
	return err ? err : now;
}
