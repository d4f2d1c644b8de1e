/* SPDX-License-Identifier: MIT */
/* Events of one thread that are drained and not yet written. */
#ifndef TPPROBE_BATCH_H
#define TPPROBE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "../preload/ring.h"
#include "segment.h"

#define BATCH_EVENTS (64u << 10) /* a block has no more: 1 MiB and up of cells */
#define BATCH_WORDS (128u << 10)
#define BATCH_TEXT (1u << 20)
#define BATCH_RECORD_WORDS 72u /* room that one record may need */

/* As events.def says; in the order of "lost" in the manifest. */
enum event_class { CLASS_mem, CLASS_io, CLASS_sync, CLASS_task, CLASS_text, CLASS_COUNT };
enum event_class event_class_get(unsigned type);

struct batch {
	uint64_t thread, process;
	uint32_t count, words_used, text_used;
	uint32_t events_room, words_room, text_room;
	struct event *events;
	uint64_t *words;
	char *text;
	uint32_t *text_at;
	struct batch *next; /* of those that hold something back, see spool.c */
};

/* Room for one more record of any kind. -ENOSPC: full, write it first; -ENOMEM. */
int batch_grow(struct batch *b);

static inline bool batch_has_room(const struct batch *b)
{
	return b->count < b->events_room && b->words_used + BATCH_RECORD_WORDS <= b->words_room &&
	       b->text_used + RING_TEXT_BYTES_MAX + 16 <= b->text_room;
}

static inline int batch_reserve(struct batch *b)
{
	return batch_has_room(b) ? 0 : batch_grow(b);
}

/* Adds an event whose words lie at b->words + b->words_used already. */
static inline void batch_add(struct batch *b, unsigned type, uint64_t stamp, unsigned words)
{
	b->events[b->count++] = (struct event){
		.stamp = stamp,
		.first = b->words_used,
		.words = (uint16_t)words,
		.type = (uint8_t)type,
	};
	b->words_used += words;
}

/* Empties it; gives memory back that it did not need. */
void batch_clear(struct batch *b);
void batch_fini(struct batch *b);

/* A copy of the events that tell of tasks, threads and processes; NULL: none,
 * or no memory. batch_fini() and free() it. */
struct batch *batch_copy_tasks(const struct batch *b);

#endif
