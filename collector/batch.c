/* SPDX-License-Identifier: MIT */
/* The memory of a batch: it doubles as it fills and shrinks when it was not needed. */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int grow(void *array, uint32_t *room, uint32_t first, uint32_t most, size_t size)
{
	uint32_t want = *room ? *room * 2 : first;
	void **p = array, *more;

	if (*room >= most)
		return -ENOSPC;
	if (want > most)
		want = most;
	more = realloc(*p, want * size);
	if (!more)
		return -ENOMEM;
	*p = more;
	*room = want;
	return 0;
}

static int grow_events(struct batch *b)
{
	uint32_t room = b->events_room;
	int err = grow(&b->text_at, &room, 256, BATCH_EVENTS, sizeof(*b->text_at));

	return err ? err : grow(&b->events, &b->events_room, 256, BATCH_EVENTS, sizeof(*b->events));
}

int batch_grow(struct batch *b)
{
	int err = 0;

	if (b->count >= b->events_room)
		err = grow_events(b);
	while (!err && b->words_used + BATCH_RECORD_WORDS > b->words_room)
		err = grow(&b->words, &b->words_room, 512, BATCH_WORDS, sizeof(*b->words));
	while (!err && b->text_used + RING_TEXT_BYTES_MAX + 16 > b->text_room)
		err = grow(&b->text, &b->text_room, 1024, BATCH_TEXT, 1);
	return err;
}

void batch_clear(struct batch *b)
{
	bool small = b->count < b->events_room / 4 && b->events_room > 4096;

	b->count = b->words_used = b->text_used = 0;
	if (small)
		batch_fini(b);
}

void batch_fini(struct batch *b)
{
	struct batch *next = b->next;
	uint64_t thread = b->thread, process = b->process;

	free(b->events);
	free(b->words);
	free(b->text);
	free(b->text_at);
	*b = (struct batch){ .thread = thread, .process = process, .next = next };
}

enum event_class event_class_get(unsigned type)
{
	static const uint8_t classes[EVENT_TYPES] = {
#define EVENT(id, name, class, words, meaning) [id] = CLASS_##class,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "../preload/events.def"
#include "collected.def"
#undef EVENT
#undef FIELD
	};

	return classes[type % EVENT_TYPES];
}

static bool tells_of_tasks(unsigned type)
{
	return event_class_get(type) == CLASS_task && type != EVENT_SAMPLE &&
	       type != EVENT_THREAD_CPU;
}

struct batch *batch_copy_tasks(const struct batch *b)
{
	struct batch *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	copy->thread = b->thread;
	copy->process = b->process;
	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		if (!tells_of_tasks(e->type))
			continue;
		if (batch_reserve(copy))
			break;
		memcpy(copy->words + copy->words_used, b->words + e->first, e->words * 8);
		batch_add(copy, e->type, e->stamp, e->words);
	}
	if (copy->count)
		return copy;
	batch_fini(copy);
	free(copy);
	return NULL;
}
