/* SPDX-License-Identifier: MIT */
/* Following the marks of one ring; ring.h has the drawing. */
#include "drain.h"

#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATIENCE_NS UINT64_C(1000000000) /* with a record that is not committed */
#define TOUCH_BYTES (64u << 10)

enum found { FOUND_record, FOUND_pending, FOUND_rubbish };

/* A record, copied out: its words and text lie at the end of the batch. */
struct record {
	uint64_t stamp;
	unsigned type, cells, words;
};

static const uint8_t words_of[EVENT_TYPES] = {
#define EVENT(id, name, class, words, meaning) [id] = words,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "../preload/events.def"
#undef EVENT
#undef FIELD
};

#define WATCHED                                                                                    \
	(1ull << EVENT_THREAD_START | 1ull << EVENT_PROCESS_EXIT | 1ull << EVENT_FORK |            \
	 1ull << EVENT_MODULE | 1ull << EVENT_TEXT)

static uint64_t mark_at(const struct drain_slot *s, uint64_t at)
{
	return atomic_load_explicit(&s->ring[at & (s->cells - 1)].mark, memory_order_acquire);
}

static bool is_this_lap(const struct drain_slot *s, uint64_t at, uint64_t mark)
{
	return (mark & RING_LAP_BIT) == ring_lap(at, s->cells);
}

/* Copies first and checks then: the program may change it in between. */
static enum found look(const struct drain_slot *s, uint64_t at, uint64_t head, uint64_t *words,
		       char *text, struct record *r)
{
	uint64_t mark = mark_at(s, at);

	if (!is_this_lap(s, at, mark))
		return FOUND_pending;
	if (!(mark & RING_HEAD_BIT))
		return FOUND_rubbish;
	words[0] = atomic_load_explicit(&s->ring[at & (s->cells - 1)].word, memory_order_relaxed);
	r->type = mark >> RING_TYPE_SHIFT & RING_TYPE_MASK;
	r->stamp = mark & RING_STAMP_MASK;
	r->cells = ring_record_cells(r->type, words[0]);
	if (r->cells == 0 || r->cells > head - at)
		return FOUND_rubbish;
	for (unsigned i = 1; i < r->cells; i++) {
		const struct ring_cell *cell = &s->ring[(at + i) & (s->cells - 1)];
		uint64_t word = atomic_load_explicit(&cell->word, memory_order_relaxed);

		mark = atomic_load_explicit(&cell->mark, memory_order_relaxed);
		if (!is_this_lap(s, at + i, mark) || mark & RING_HEAD_BIT)
			return FOUND_rubbish;
		if (r->type == EVENT_TEXT) {
			memcpy(text, &word, 8);
			memcpy(text + 8, &mark, 8); /* the 8th byte is overwritten or beyond */
			text += RING_TEXT_BYTES_PER_CELL;
		} else {
			words[2 * i - 1] = word;
			words[2 * i] = mark & RING_WORD2_MASK;
		}
	}
	r->words = r->type == EVENT_TEXT   ? 1
		   : r->type == EVENT_TASK ? 1 + (unsigned)(words[0] >> 48)
					   : words_of[r->type];
	return FOUND_record;
}

/* A TASK record charges its increments: what is told already is not told again. */
static void sum_up(struct drain_slot *s, const uint64_t *v)
{
	unsigned values = (unsigned)event_TASK_values(v);
	uint64_t bits = values ? v[1] : 0;
	const uint64_t *p = v + 2;

	s->task = event_TASK_task(v);
	if (s->task == 0) {
		s->thread_open = false;
		s->settle = true;
	}
	if (values != (values ? 1u + (unsigned)__builtin_popcountll(bits) : 0u))
		return;
	for (; bits; bits &= bits - 1) {
		unsigned id = (unsigned)__builtin_ctzll(bits);

		if (id < COUNTER_COUNT)
			s->told[id] += *p;
		p++;
	}
}

static void take(struct drain *d, struct drain_slot *s, const struct record *r)
{
	struct batch *b = &s->batch;
	uint64_t *v = b->words + b->words_used;
	char *text = b->text + b->text_used;

	if (r->type == EVENT_NOP)
		return;
	if (r->type == EVENT_THREAD_START) {
		uint64_t kept[8];

		memcpy(kept, v, sizeof(kept));
		s->thread = s->task = event_THREAD_START_thread(kept);
		s->process = event_THREAD_START_process(kept);
		s->tid = (uint32_t)event_THREAD_START_tid(kept);
		s->thread_open = true;
		s->superseded = s->settle = false;
		s->resumed = event_THREAD_START_how(kept) == THREAD_resumed;
		gather_cut(d->gather, b, s->thread, s->process);
		if (!gather_reserve(d->gather, b))
			return;
		v = b->words + b->words_used;
		memcpy(v, kept, sizeof(kept));
	} else if (r->type == EVENT_TASK) {
		sum_up(s, v);
	} else if (r->type == EVENT_TEXT) {
		b->text_at[b->count] = b->text_used;
		b->text_used += event_TEXT_bytes(v);
	}
	batch_add(b, r->type, r->stamp, r->words);
	if (d->observe && WATCHED >> r->type & 1)
		d->observe(d->context, s, r->type, v, text);
}

static void publish(struct drain_slot *s)
{
	atomic_store_explicit(&s->slot->tail, s->tail, memory_order_release);
	/* Either we see owner_waits, or the owner sees the new tail. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&s->slot->owner_waits, memory_order_relaxed))
		syscall(SYS_futex, &s->slot->tail, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Steps over cells up to the next whole record (or the head) and tells how many. */
static void skip(struct drain *d, struct drain_slot *s, uint64_t to)
{
	uint64_t cells = to - s->tail;

	for (uint64_t at = s->tail; at != to; at++) {
		/* What lies there from the lap before the last has the same lap
		 * bit as the next one: it must not pass for a record then. */
		atomic_store_explicit(&s->ring[at & (s->cells - 1)].mark, ring_lap(at, s->cells),
				      memory_order_relaxed);
	}
	s->tail = to;
	d->torn_cells += cells;
	gather_add(d->gather, &s->batch, EVENT_TORN, arena_view_now(d->arena), &cells, 1);
}

/* The next committed head cell behind the tail; `head` when there is none. */
static uint64_t next_record(const struct drain_slot *s, uint64_t head)
{
	for (uint64_t at = s->tail + 1; (int64_t)(head - at) > 0; at++) {
		uint64_t mark = mark_at(s, at);

		if (is_this_lap(s, at, mark) && (mark & RING_HEAD_BIT))
			return at;
	}
	return head;
}

/* Nothing whole lies at the tail. True: it moved on. */
static bool pass_over(struct drain *d, struct drain_slot *s, enum found found, uint64_t head,
		      bool dead, uint64_t now_ns)
{
	uint64_t next;

	if (found == FOUND_pending && !dead) {
		if (s->pending_tail != s->tail || !s->pending_ns) {
			s->pending_tail = s->tail;
			s->pending_ns = now_ns;
			return false;
		}
		if (now_ns - s->pending_ns < PATIENCE_NS)
			return false;
	}
	next = next_record(s, head);
	if (next == head && !dead) {
		if (found == FOUND_pending)
			return false; /* whoever reserved it may still come */
		/* Of rubbish only what is of this lap is passed: the next record may
		 * be reserved already. */
		for (next = s->tail + 1; next != head && is_this_lap(s, next, mark_at(s, next));)
			next++;
	}
	s->pending_ns = 0;
	skip(d, s, next);
	return true;
}

/* How far the ring may be read: to its head, as far as its pages are present. */
static uint64_t readable(struct drain_slot *s)
{
	uint64_t head = atomic_load_explicit(&s->slot->head, memory_order_acquire);
	uint64_t ring_bytes = (uint64_t)s->cells * sizeof(struct ring_cell), want;

	if (head - s->tail > s->cells) {
		s->bad_head = true; /* scribbled: the marks decide */
		head = s->tail + s->cells;
	}
	want = head >= s->cells ? ring_bytes : head * sizeof(struct ring_cell);
	if (want > s->touched_bytes) {
		want = (want + TOUCH_BYTES - 1) & ~(uint64_t)(TOUCH_BYTES - 1);
		want = want < ring_bytes ? want : ring_bytes;
		if (arena_view_touch((char *)s->ring + s->touched_bytes, want - s->touched_bytes))
			return s->tail;
		s->touched_bytes = want;
	}
	return head;
}

uint32_t drain_ring(struct drain *d, struct drain_slot *s, bool dead, uint64_t now_ns)
{
	uint64_t head = readable(s), begun = s->tail, published = begun;
	uint32_t events = 0;

	if (head == s->tail)
		return 0;
	while ((int64_t)(head - s->tail) > 0 && gather_reserve(d->gather, &s->batch)) {
		struct batch *b = &s->batch;
		struct record r;
		enum found found = look(s, s->tail, head, b->words + b->words_used,
					b->text + b->text_used, &r);

		if (found == FOUND_record) {
			s->tail += r.cells;
			take(d, s, &r);
			events++;
		} else if (!pass_over(d, s, found, head, dead, now_ns)) {
			break;
		}
		if (s->tail - published >= s->cells / 8) {
			publish(s);
			published = s->tail;
		}
	}
	if (s->tail != published)
		publish(s);
	if (s->tail != begun)
		s->moved_ns = now_ns;
	return events;
}
