/* SPDX-License-Identifier: MIT */
/*
 * All events of a trace, in the order of their stamps: a k-way merge of the
 * threads' queues by a binary heap, cycle by cycle.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../idmap.h"
#include "segments.h"

/* One block, copied out of the reader. Arrays lie behind the struct. */
struct held {
	struct held *next;
	uint64_t process;
	uint32_t count, at;
	bool by_collector;
	struct event *events;
	uint64_t *words;
	uint32_t *text_at;
	char *text;
};

struct queue {
	uint64_t thread;
	uint64_t stamp; /* of the head */
	struct held *first, *last;
	size_t heap_at; /* 1-based place in the heap, 0: not in it */
};

struct stream {
	struct segments segments;
	struct stream_facts facts;
	struct idmap queues; /* key: thread id + 1 */
	struct queue **heap; /* heap[0] has the smallest stamp */
	size_t heap_count, heap_room;
	struct held *spent;	  /* the record that was handed out last lies in it */
	uint64_t cycle;		  /* newest cycle that was begun */
	uint64_t cycle_watermark; /* the largest seen so far */
	uint64_t watermark;	  /* events before it may go out */
	uint64_t latest;	  /* stamp delivered */
	bool is_drained;	  /* no blocks are left in the files */
};

static void heap_swap(struct stream *s, size_t a, size_t b)
{
	struct queue *q = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = q;
	s->heap[a]->heap_at = a + 1;
	s->heap[b]->heap_at = b + 1;
}

static void heap_up(struct stream *s, size_t at)
{
	while (at && s->heap[(at - 1) / 2]->stamp > s->heap[at]->stamp) {
		heap_swap(s, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void heap_down(struct stream *s, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1;

		if (child < s->heap_count && s->heap[child]->stamp < s->heap[least]->stamp)
			least = child;
		child++;
		if (child < s->heap_count && s->heap[child]->stamp < s->heap[least]->stamp)
			least = child;
		if (least == at)
			return;
		heap_swap(s, at, least);
		at = least;
	}
}

static int heap_add(struct stream *s, struct queue *q)
{
	if (s->heap_count == s->heap_room) {
		size_t room = s->heap_room * 2 + 16;
		struct queue **more = realloc(s->heap, room * sizeof(struct queue *));

		if (!more)
			return -ENOMEM;
		s->heap = more;
		s->heap_room = room;
	}
	s->heap[s->heap_count] = q;
	q->heap_at = ++s->heap_count;
	heap_up(s, q->heap_at - 1);
	return 0;
}

static struct held *block_copy(const struct block *b)
{
	size_t words = 0, text = 0, bytes;
	bool has_text = false;
	struct held *h;
	char *at;

	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		if ((size_t)e->first + e->words > words)
			words = (size_t)e->first + e->words;
		if (e->type == EVENT_TEXT) {
			size_t end = b->text_at[i] + event_TEXT_bytes(b->words + e->first);

			has_text = true;
			if (end > text)
				text = end;
		}
	}
	bytes = sizeof(*h) + b->count * sizeof(*b->events) + words * sizeof(*b->words) +
		(has_text ? b->count * sizeof(*b->text_at) + text + 1 : 0);
	h = malloc(bytes);
	if (!h)
		return NULL;
	*h = (struct held){ .process = b->process,
			    .count = b->count,
			    .by_collector = b->flags & SEGMENT_COLLECTOR };
	at = (char *)(h + 1);
	h->events = (struct event *)at;
	memcpy(at, b->events, b->count * sizeof(*b->events));
	at += b->count * sizeof(*b->events);
	h->words = (uint64_t *)at;
	if (words)
		memcpy(at, b->words, words * sizeof(*b->words));
	at += words * sizeof(*b->words);
	if (has_text) {
		h->text_at = (uint32_t *)at;
		memcpy(at, b->text_at, b->count * sizeof(*b->text_at));
		at += b->count * sizeof(*b->text_at);
		h->text = at;
		if (text)
			memcpy(at, b->text, text);
		at[text] = '\0'; /* behind the last text there is always a byte */
	}
	return h;
}

static uint64_t first_stamp(const struct held *h)
{
	return h->events[0].stamp;
}

/* A thread that ends and comes back for its destructors may get another ring,
 * and the collector may read that one first: a block that is wholly earlier than
 * one that is held goes before it. */
static void queue_insert(struct queue *q, struct held *h)
{
	uint64_t end = h->events[h->count - 1].stamp;
	struct held **at = &q->first;

	if (first_stamp(q->last) <= end) {
		q->last = q->last->next = h;
		return;
	}
	if ((*at)->at) /* begun already */
		at = &(*at)->next;
	while (*at && first_stamp(*at) <= end)
		at = &(*at)->next;
	h->next = *at;
	*at = h;
	if (!h->next)
		q->last = h;
	q->stamp = q->first->events[q->first->at].stamp;
}

static int hold_block(struct stream *s, const struct block *b)
{
	struct queue *q = idmap_get(&s->queues, b->thread + 1);
	struct held *h;

	if (!b->count)
		return 0;
	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q)
			return -ENOMEM;
		q->thread = b->thread;
		if (idmap_put(&s->queues, b->thread + 1, q)) {
			free(q);
			return -ENOMEM;
		}
	}
	h = block_copy(b);
	if (!h)
		return -ENOMEM;
	if (q->first) {
		queue_insert(q, h);
		heap_up(s, q->heap_at - 1);
		return 0;
	}
	q->first = q->last = h;
	q->stamp = h->events[0].stamp;
	return heap_add(s, q);
}

/* Reads blocks until one cycle more is whole. */
static int read_cycle(struct stream *s, struct fault *fault)
{
	struct block block;
	int got;

	while ((got = segments_next(&s->segments, &block, &s->facts, fault)) > 0) {
		bool is_next = s->cycle && block.cycle > s->cycle;
		uint64_t whole = s->cycle_watermark;

		if (!s->cycle || is_next)
			s->cycle = block.cycle;
		if (block.watermark > s->cycle_watermark)
			s->cycle_watermark = block.watermark;
		if (hold_block(s, &block))
			return fault_set(fault, -ENOMEM, "out of memory");
		if (is_next) {
			if (whole > s->watermark)
				s->watermark = whole;
			return 0;
		}
	}
	s->is_drained = got == 0;
	return got;
}

static void queue_advance(struct stream *s, struct queue *q)
{
	struct held *h = q->first;

	if (++h->at == h->count) {
		q->first = h->next;
		s->spent = h;
		if (!q->first) {
			q->last = NULL;
			q->heap_at = 0;
			if (--s->heap_count) {
				s->heap[0] = s->heap[s->heap_count];
				s->heap[0]->heap_at = 1;
				heap_down(s, 0);
			}
			return;
		}
	}
	q->stamp = q->first->events[q->first->at].stamp;
	heap_down(s, 0);
}

int stream_next(struct stream *s, struct record *record, struct fault *fault)
{
	struct queue *q;
	struct held *h;
	struct event *e;

	free(s->spent);
	s->spent = NULL;
	while (!s->is_drained && !(s->heap_count && s->heap[0]->stamp < s->watermark)) {
		int err = read_cycle(s, fault);

		if (err < 0)
			return err;
	}
	if (!s->heap_count)
		return 0;
	q = s->heap[0];
	h = q->first;
	e = &h->events[h->at];
	*record = (struct record){ .stamp = e->stamp,
				   .thread = q->thread,
				   .process = h->process,
				   .v = h->words + e->first,
				   .words = e->words,
				   .type = e->type,
				   .by_collector = h->by_collector };
	if (e->type == EVENT_TEXT) {
		record->text = h->text + h->text_at[h->at];
		record->text_bytes = (uint32_t)event_TEXT_bytes(record->v);
	}
	if (e->stamp < s->latest)
		s->facts.late_events++;
	else
		s->latest = e->stamp;
	queue_advance(s, q);
	return 1;
}

int stream_open(const char *dir, struct stream **out, struct fault *fault)
{
	struct stream *s = calloc(1, sizeof(*s));
	int err;

	*out = NULL;
	if (!s)
		return fault_set(fault, -ENOMEM, "out of memory");
	err = segments_open(&s->segments, dir, &s->facts, fault);
	if (err) {
		free(s);
		return err;
	}
	*out = s;
	return 0;
}

const struct stream_facts *stream_facts_get(const struct stream *s)
{
	return &s->facts;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->queues.places; i++) {
		struct queue *q = s->queues.entry[i].value;

		for (struct held *h = q ? q->first : NULL, *next; h; h = next) {
			next = h->next;
			free(h);
		}
		free(q);
	}
	idmap_fini(&s->queues);
	free(s->heap);
	free(s->spent);
	segments_fini(&s->segments);
	free(s);
}
