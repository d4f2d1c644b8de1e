/* SPDX-License-Identifier: MIT */
/*
 * The content of one zstd frame: events of one thread as columns (segment.h
 * draws it). Inside of the collector; others use segment_next().
 */
#ifndef TPPROBE_BLOCK_H
#define TPPROBE_BLOCK_H

#include "segment.h"

#define BLOCK_VERSION 1

/* Columns of type 0 belong to the block, not to a type of event. */
enum block_column {
	BLOCK_TYPES = 0, /* COLUMN_BYTES */
	BLOCK_STAMPS,
	BLOCK_TEXT,  /* bytes of the TEXT events, one after the other */
	BLOCK_EXTRA, /* words 1 … of the other events of variable length */
};

struct block_head {
	uint32_t version;
	uint32_t flags;
	uint64_t thread, process, cycle, watermark, first_stamp;
	uint32_t events;
	uint32_t columns;
};
_Static_assert(sizeof(struct block_head) == 56, "the head of a block");

struct block_entry {
	uint8_t type, word, encoding, reserved;
	uint32_t bytes;
};
_Static_assert(sizeof(struct block_entry) == 8, "an entry in the list of columns");

/* Buffers that are used again from block to block; all zero at first. */
struct block_codec {
	uint64_t *values;
	uint32_t *at; /* per event, sorted by type: where its words begin */
	uint32_t *text_at;
	struct event *events;
	uint64_t *words;
	uint8_t *bytes;
	uint32_t values_room, at_room, text_at_room, events_room, words_room;
	size_t bytes_room;
};

void block_codec_fini(struct block_codec *c);
/* Room for n items in *array, whose old contents need not survive. 0 or -ENOMEM. */
int block_room(void *array, uint32_t *room, uint64_t n, size_t size);

/* The content for this block in c->bytes; its length, or -EINVAL for events
 * that are not what events.def says, -E2BIG, -ENOMEM. */
int64_t block_encode(struct block_codec *c, const struct block *block);

/* The way back; *block points into c and `in`. -EBADMSG when it is damaged. */
int block_decode(struct block_codec *c, const uint8_t *in, size_t bytes, struct block *block);

#endif
