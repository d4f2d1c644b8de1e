/* SPDX-License-Identifier: MIT */
/*
 * Writing records: reserve, fill, commit (ring.h says why it is safe).
 *
 * Everything between record_begin() and record_commit() is plain stores; the
 * pending chain lets a longjmp hook commit what a jump out of a signal handler
 * has abandoned in between (record_abandon).
 */
#ifndef TPPROBE_RECORD_H
#define TPPROBE_RECORD_H

#include "probe.h"

#pragma GCC visibility push(hidden) /* no detour through the GOT */

/* Wakes the collector when it sleeps. */
void record_doorbell(struct arena_header *h);

/* Has the collector died without saying so? For who has waited for it in vain since its
 * heartbeat was looked at, and may make system calls. */
bool record_reader_is_gone(uint32_t *heartbeat, uint64_t waited_ns);

/* Makes room or refuses: waits, drops, counts. `cells` more than head is wanted. */
bool record_make_room(struct probe_thread *t, unsigned type, unsigned cells);

#define record_barrier() __asm__ volatile("" ::: "memory")

/* Head is ours but for signal handlers on this thread: an unlocked
 * compare-and-exchange is atomic against them and costs what an add costs. */
static inline bool record_advance(_Atomic uint64_t *head, uint64_t *seen, uint64_t to)
{
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
	bool done;

	__asm__ volatile("cmpxchgq %3, %1"
			 : "=@ccz"(done), "+m"(*head), "+a"(*seen)
			 : "r"(to)
			 : "memory");
	return done;
#else
	return atomic_compare_exchange_strong_explicit(head, seen, to, memory_order_relaxed,
						       memory_order_relaxed);
#endif
}

/*
 * Where a record goes. Kept apart from struct pending, which handlers can see,
 * so that it stays in registers; and by value: a handler may fork, and the child
 * that returns from it has another ring by then: it commits nothing, its parent does.
 */
struct place {
	struct ring_cell *ring;
	uint64_t at;
	uint32_t mask;
};

static inline bool record_begin(struct probe_thread *t, struct pending *p, struct place *place,
				unsigned type, unsigned cells)
{
	struct slot *slot = t->slot;
	uint64_t head = atomic_load_explicit(&slot->head, memory_order_relaxed);

	place->ring = t->ring;
	place->mask = t->mask;
	p->outer = t->pending;
	p->cells = cells;
	p->type = type;
	p->at = head;
	record_barrier();
	t->pending = p; /* before the reservation: a jump in between must find it */
	record_barrier();
	for (;;) {
		if (unlikely((int64_t)(slot->limit - head) < (int64_t)cells)) {
			t->pending = p->outer; /* the slow path may write records itself */
			if (!record_make_room(t, type, cells))
				return false;
			slot = t->slot; /* a handler may have forked while we waited */
			place->ring = t->ring;
			place->mask = t->mask;
			head = atomic_load_explicit(&slot->head, memory_order_relaxed);
			p->at = head;
			record_barrier();
			t->pending = p;
			record_barrier();
		}
		place->at = head;
		if (likely(record_advance(&slot->head, &head, head + cells)))
			return true;
		p->at = head; /* a handler wrote records of its own */
		record_barrier();
	}
}

static inline uint64_t record_lap(const struct place *place, uint64_t at)
{
	return ring_lap(at, place->mask + 1);
}

/* Words 2i+1 and 2i+2 of the record, in continuation cell i. */
static inline void record_words(const struct place *place, unsigned i, uint64_t odd, uint64_t even)
{
	uint64_t at = place->at + 1 + i;
	struct ring_cell *cell = &place->ring[at & place->mask];

	atomic_store_explicit(&cell->word, odd, memory_order_relaxed);
	atomic_store_explicit(&cell->mark, (even & RING_WORD2_MASK) | record_lap(place, at),
			      memory_order_relaxed);
}

/* The head cell, which makes the record whole. */
static inline void record_mark(const struct place *place, unsigned type, uint64_t word,
			       uint64_t stamp)
{
	struct ring_cell *cell = &place->ring[place->at & place->mask];

	atomic_store_explicit(&cell->word, word, memory_order_relaxed);
	/* release: the reader that sees the mark sees all cells of the record */
	atomic_store_explicit(&cell->mark,
			      (stamp & RING_STAMP_MASK) | (uint64_t)type << RING_TYPE_SHIFT |
				      RING_HEAD_BIT | record_lap(place, place->at),
			      memory_order_release);
}

static inline void record_commit(struct probe_thread *t, struct pending *p,
				 const struct place *place, unsigned type, uint64_t word,
				 uint64_t stamp)
{
	if (likely(t->ring == place->ring))
		record_mark(place, type, word, stamp);
	record_barrier();
	t->pending = p->outer;
}

/* The first attempt of record_begin(), without what may call a function: the heap's
 * hooks save no registers then. False: nothing was reserved. */
static inline bool record_try(struct probe_thread *t, struct pending *p, struct place *place,
			      unsigned type, unsigned cells)
{
	struct slot *slot = t->slot;
	uint64_t head = atomic_load_explicit(&slot->head, memory_order_relaxed);

	if (unlikely((int64_t)(slot->limit - head) < (int64_t)cells))
		return false;
	place->ring = t->ring;
	place->mask = t->mask;
	place->at = head;
	p->outer = t->pending;
	p->cells = cells;
	p->type = type;
	p->at = head;
	record_barrier();
	t->pending = p; /* before the reservation: a jump in between must find it */
	record_barrier();
	if (likely(record_advance(&slot->head, &head, head + cells)))
		return true;
	t->pending = p->outer; /* a handler wrote records of its own */
	return false;
}

/* The common shapes. False: dropped and counted. */
bool record_1_slow(struct probe_thread *t, unsigned type, uint64_t v0, uint64_t stamp);

static inline bool record_1(struct probe_thread *t, unsigned type, uint64_t v0, uint64_t stamp)
{
	struct pending p;
	struct place place;

	if (unlikely(!record_try(t, &p, &place, type, 1)))
		return record_1_slow(t, type, v0, stamp);
	record_commit(t, &p, &place, type, v0, stamp);
	return true;
}

static inline bool record_3(struct probe_thread *t, unsigned type, uint64_t v0, uint64_t v1,
			    uint64_t v2, uint64_t stamp)
{
	struct pending p;
	struct place place;

	if (!record_begin(t, &p, &place, type, 2))
		return false;
	record_words(&place, 0, v1, v2);
	record_commit(t, &p, &place, type, v0, stamp);
	return true;
}

/* A record of events.def with any number of words. */
bool record_n(struct probe_thread *t, unsigned type, const uint64_t *v, unsigned words,
	      uint64_t stamp);

/* A name; split into pieces as needed. Two parts are joined with `separator`
 * between them when both are there (a directory and a relative path). False: a piece
 * was dropped. */
bool record_text(struct probe_thread *t, uint32_t id, unsigned kind, const char *first,
		 size_t first_bytes, const char *separator, const char *second,
		 size_t second_bytes);

/* Charges what the counters have gained to the current task, and makes `task`
 * the current one. 0: the thread ends here. False: there was no room even in the
 * reserved space; nothing was charged. */
bool record_task(struct probe_thread *t, uint64_t task);

/* Charges what the counters have gained to the current task, which stays. */
void record_charge_slow(struct probe_thread *t);

static inline void record_charge(struct probe_thread *t)
{
	if (unlikely(atomic_load_explicit(&t->slot->touched.all, memory_order_relaxed)))
		record_charge_slow(t);
}

/* Makes all pages of the ring present, while a system call may be made. */
void record_populate(struct probe_thread *t);

/* A jump to a frame whose stack pointer is `target` abandons the hooks of this
 * thread that a signal handler had interrupted below it: their records become
 * NOPs, so that the reader does not wait for them. */
void record_abandon(struct probe_thread *t, uintptr_t target);

/* The same for a thread that was cancelled in the middle of a hook, whose frames
 * are gone. */
void record_fill_gaps(struct probe_thread *t);

#pragma GCC visibility pop

#endif
