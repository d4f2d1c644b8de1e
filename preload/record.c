/* SPDX-License-Identifier: MIT */
/*
 * The slow paths of writing: a full ring, long records, abandoned ones.
 */
#include "record.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "sys.h"

#define POPULATE_STEP (64u << 10)
#define RESERVED_CELLS 128 /* of every ring for records about tasks: dropped last */
#define PATIENCE_NS 100000000u

/* Which lost_* counter a dropped record of this type adds to. */
static enum counter_id lost_counter(unsigned type)
{
	static const uint8_t by_type[EVENT_TYPES] = {
#define EVENT(id, name, class, words, meaning) [id] = COUNTER_lost_##class,
#define FIELD(event, field, word, shift, bits, encoding, meaning)
#include "events.def"
#undef EVENT
#undef FIELD
	};

	return by_type[type];
}

void record_doorbell(struct arena_header *h)
{
	if (probe.no_syscalls || !atomic_load_explicit(&h->collector_sleeps, memory_order_seq_cst))
		return;
	atomic_fetch_add(&h->doorbell, 1);
	sys3(SYS_futex, &h->doorbell, FUTEX_WAKE, 1);
}

/* The pages of the first lap are made present step by step: a store into a page
 * that cannot be had would be a SIGBUS. Bytes that may be written. */
static uint64_t populate(struct slot *slot, struct ring_cell *ring, uint64_t want_bytes)
{
	uint64_t ring_bytes = (uint64_t)slot->ring_cells * 16;
	uint64_t have = atomic_load_explicit(&slot->populated, memory_order_relaxed);

	if (have >= ring_bytes || have >= want_bytes)
		return have;
	if (!probe.no_syscalls) {
		uint64_t to = (want_bytes + POPULATE_STEP - 1) & ~(uint64_t)(POPULATE_STEP - 1);

		if (to > ring_bytes)
			to = ring_bytes;
		if (sys3(SYS_madvise, (char *)ring + have, to - have, MADV_POPULATE_WRITE) == 0) {
			atomic_store_explicit(&slot->populated, (uint32_t)to, memory_order_relaxed);
			have = to;
		}
	}
	return have;
}

void record_populate(struct probe_thread *t)
{
	populate(t->slot, t->ring, (uint64_t)t->slot->ring_cells * 16);
}

/* Sets the limit as far as the reader and the pages allow. True: `cells` fit. */
static bool extend(struct probe_thread *t, unsigned cells, unsigned spare)
{
	struct slot *slot = t->slot;
	uint64_t size = slot->ring_cells;
	uint64_t head = atomic_load_explicit(&slot->head, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&slot->tail, memory_order_acquire);
	uint64_t used = head - tail;
	uint64_t limit;

	if (used > size) /* a scribbled tail: nothing is safe to write */
		return false;
	/* Stop by at the half, to wake the reader; then run up to the end. */
	limit = used + cells <= size / 2 ? tail + size / 2 : tail + size - spare;
	if (used >= size / 2)
		record_doorbell(probe_header());
	if (slot->populated < size * 16) {
		/* still in the first lap, so head is a position too */
		uint64_t have = populate(slot, t->ring, (head + cells + 256) * 16) / 16;

		if (limit > have && have < size)
			limit = have;
	}
	slot->limit = limit;
	return (int64_t)(limit - head) >= (int64_t)cells;
}

/* A zombie answers kill(2) as if it lived. */
static bool process_is_dead(uint32_t pid)
{
	char path[32] = "/proc/", stat[256], *at;
	unsigned n = 6, digits = 1;

	if (sys2(SYS_kill, pid, 0) == -ESRCH)
		return true;
	for (uint32_t left = pid; left >= 10; left /= 10)
		digits++;
	for (unsigned i = digits; i-- > 0; pid /= 10)
		path[n + i] = (char)('0' + pid % 10);
	memcpy(path + n + digits, "/stat", 6);
	if (sys_slurp(path, stat, sizeof(stat)) <= 0 || !(at = strrchr(stat, ')')))
		return false;
	return at[1] == ' ' && (at[2] == 'Z' || at[2] == 'X');
}

bool record_reader_is_gone(uint32_t *heartbeat, uint64_t waited_ns)
{
	struct arena_header *h = probe_header();
	uint32_t beat = atomic_load(&h->heartbeat);
	uint32_t pid = atomic_load(&h->collector_pid);

	if (atomic_load(&h->collector_gone))
		return true;
	if (beat != *heartbeat) {
		*heartbeat = beat;
		return false;
	}
	if (!pid ? waited_ns > 20 * (uint64_t)PATIENCE_NS : process_is_dead(pid)) {
		atomic_store(&h->collector_gone, 1);
		return true;
	}
	return false;
}

/* Waits for the collector, bounded. True: the tail has moved. A ring that was
 * emptied since we looked has nothing left that could move it: that is looked at
 * first, against the same tail that is waited for. */
static bool wait_for_reader(struct probe_thread *t, unsigned room)
{
	struct arena_header *h = probe_header();
	struct slot *slot = t->slot;
	uint64_t before = atomic_load(&slot->tail);
	uint64_t begun = clock_ns(CLOCK_MONOTONIC), waited = 0, ticks = probe_ticks(), took;
	uint32_t heartbeat = atomic_load(&h->heartbeat);
	bool moved = false;

	if (atomic_load(&slot->head) - before + room <= slot->ring_cells)
		return true;
	if (t->stuck == (uint32_t)before + 1) /* + 1: 0 means never stuck */
		return false;
	while (!moved && waited < (uint64_t)h->wait_ms * 1000000u) {
		struct timespec patience = { 0, PATIENCE_NS };

		atomic_store(&slot->owner_waits, 1);
		record_doorbell(h);
		/* little-endian: the low half of tail is at its address */
		if (atomic_load(&slot->tail) == before)
			sys4(SYS_futex, &slot->tail, FUTEX_WAIT, (uint32_t)before, &patience);
		atomic_store(&slot->owner_waits, 0);
		moved = atomic_load(&slot->tail) != before;
		waited = clock_ns(CLOCK_MONOTONIC) - begun;
		if (!moved && waited >= PATIENCE_NS && record_reader_is_gone(&heartbeat, waited))
			break;
	}
	t->stuck = moved ? 0 : (uint32_t)before + 1;
	probe_count(t, COUNTER_probe_waits, 1);
	took = probe_ticks() - ticks;
	probe_count(t, COUNTER_probe_wait_ticks, took);
	if (moved)
		record_1(t, EVENT_PROBE_WAIT, took, probe_now());
	return moved;
}

bool record_make_room(struct probe_thread *t, unsigned type, unsigned cells)
{
	enum counter_id lost = lost_counter(type);
	unsigned spare = lost == COUNTER_lost_task ? 0 : RESERVED_CELLS;

	while (!extend(t, cells, spare)) {
		/* Inside a handler that interrupted a hook the reader cannot pass the
		 * record which that hook has not committed: waiting would be for ever. */
		bool may_wait = !probe.when_drop && !probe.no_syscalls && !t->pending &&
				!atomic_load(&probe_header()->collector_gone) &&
				t->slot->populated >= t->slot->ring_cells * 16;

		if (!may_wait || !wait_for_reader(t, cells + spare)) {
			probe_count(t, lost, 1);
			return false;
		}
	}
	return true;
}

bool record_1_slow(struct probe_thread *t, unsigned type, uint64_t v0, uint64_t stamp)
{
	struct pending p;
	struct place place;

	if (!record_begin(t, &p, &place, type, 1))
		return false;
	record_commit(t, &p, &place, type, v0, stamp);
	return true;
}

bool record_n(struct probe_thread *t, unsigned type, const uint64_t *v, unsigned words,
	      uint64_t stamp)
{
	struct pending p;
	struct place place;
	unsigned more = words / 2;

	if (!record_begin(t, &p, &place, type, 1 + more))
		return false;
	for (unsigned i = 0; i < more; i++)
		record_words(&place, i, v[2 * i + 1], 2 * i + 2 < words ? v[2 * i + 2] : 0);
	record_commit(t, &p, &place, type, v[0], stamp);
	return true;
}

static bool text_piece(struct probe_thread *t, uint32_t id, unsigned kind, unsigned flags,
		       const unsigned char *bytes, size_t n)
{
	uint64_t word = id | (uint64_t)kind << 32 | (uint64_t)flags << 40 | (uint64_t)n << 48;
	unsigned cells = ring_record_cells(EVENT_TEXT, word);
	struct pending p;
	struct place place;

	if (!record_begin(t, &p, &place, EVENT_TEXT, cells))
		return false;
	for (unsigned i = 0; i + 1 < cells; i++) {
		unsigned char piece[16] = { 0 };
		uint64_t word2[2];
		size_t left = n - (size_t)i * RING_TEXT_BYTES_PER_CELL;

		memcpy(piece, bytes + (size_t)i * RING_TEXT_BYTES_PER_CELL,
		       left < RING_TEXT_BYTES_PER_CELL ? left : RING_TEXT_BYTES_PER_CELL);
		memcpy(word2, piece, 16);
		record_words(&place, i, word2[0], word2[1]);
	}
	record_commit(t, &p, &place, EVENT_TEXT, word, probe_now());
	return true;
}

bool record_text(struct probe_thread *t, uint32_t id, unsigned kind, const char *first,
		 size_t first_bytes, const char *separator, const char *second, size_t second_bytes)
{
	struct {
		const char *at;
		size_t left;
	} part[3] = { { first, first_bytes },
		      { separator, first_bytes && second_bytes ? strlen(separator) : 0 },
		      { second, second_bytes } };
	unsigned char piece[RING_TEXT_BYTES_MAX];
	bool told = true;
	unsigned p = 0;
	size_t all = part[0].left + part[1].left + part[2].left;

	do {
		size_t n = 0;

		while (p < 3 && n < sizeof(piece)) {
			size_t take = sizeof(piece) - n;

			if (take > part[p].left)
				take = part[p].left;
			memcpy(piece + n, part[p].at, take);
			part[p].at += take;
			part[p].left -= take;
			n += take;
			if (!part[p].left)
				p++;
		}
		all -= n;
		told &= text_piece(t, id, kind, all ? TEXT_MORE : 0, piece, n);
	} while (all);
	return told;
}

/* Tells what the counters whose byte is set in `touched` have gained, and which task is
 * current from here on. */
static bool charge(struct probe_thread *t, uint64_t task, uint64_t touched)
{
	struct slot *slot = t->slot;
	uint64_t v[2 + COUNTER_COUNT];
	unsigned n = 2;
	bool told;

	v[1] = 0;
	for (unsigned i = 0; i < COUNTER_COUNT; i++) {
		uint64_t gained;

		if (!(touched >> i / 8 * 8 & 0xff)) {
			i |= 7;
			continue;
		}
		gained = slot->counters[i] - slot->charged[i];
		if (!gained)
			continue;
		v[1] |= UINT64_C(1) << i;
		v[n++] = gained & RING_WORD2_MASK;
	}
	v[0] = task | (uint64_t)(n - 1) << 48;
	/* What could not be told stays uncharged and goes to the next task of this
	 * thread, or to its last (THREAD_GONE): never lost. */
	told = record_n(t, EVENT_TASK, v, n, probe_now());
	if (told)
		for (unsigned i = 0, k = 2; i < COUNTER_COUNT; i++)
			if (v[1] >> i & 1)
				slot->charged[i] += v[k++];
	return told;
}

bool record_task(struct probe_thread *t, uint64_t task)
{
	bool told = charge(t, task, ~UINT64_C(0));

	atomic_store_explicit(&t->slot->task, task, memory_order_relaxed);
	return told;
}

void record_charge_slow(struct probe_thread *t)
{
	struct slot *slot = t->slot;
	/* exchanged: a mark that a signal handler sets stays set */
	uint64_t touched = atomic_exchange_explicit(&slot->touched.all, 0, memory_order_relaxed);

	if (!charge(t, atomic_load_explicit(&slot->task, memory_order_relaxed), touched))
		atomic_fetch_or_explicit(&slot->touched.all, touched, memory_order_relaxed);
}

/* Was the cell of this count committed in its lap? */
static bool is_committed(struct probe_thread *t, uint64_t at)
{
	uint64_t mark = atomic_load_explicit(&t->ring[at & t->mask].mark, memory_order_relaxed);

	return (mark & RING_LAP_BIT) == ring_lap(at, t->mask + 1) && (mark & RING_HEAD_BIT);
}

static void abandon_one(struct probe_thread *t, const struct pending *p)
{
	uint64_t head = atomic_load_explicit(&t->slot->head, memory_order_relaxed);

	/* Interrupted before its reservation, or its cells are somebody else's. */
	if ((int64_t)(head - p->at) < (int64_t)p->cells || is_committed(t, p->at))
		return;
	for (unsigned i = p->cells; i-- > 0;) {
		struct place place = { t->ring, p->at + i, t->mask };

		record_mark(&place, EVENT_NOP, 0, probe_now());
	}
}

void record_abandon(struct probe_thread *t, uintptr_t target)
{
	struct pending *p = t->pending;
	stack_t alt;
	bool alt_known = p && !probe.no_syscalls && sys2(SYS_sigaltstack, NULL, &alt) == 0 &&
			 !(alt.ss_flags & SS_DISABLE);
	uint64_t claimed =
		~UINT64_C(0); /* by a record of an inner hook, which began at the same place */

	while (p) {
		struct pending *outer = p->outer;
		uintptr_t frame = (uintptr_t)p;
		/* Frames between here and the target are left behind. Between two
		 * stacks addresses say nothing: a target on the alternate stack
		 * leaves the other one as it is, and one on the main stack leaves
		 * the alternate one. */
		bool frame_alt = alt_known && frame - (uintptr_t)alt.ss_sp < alt.ss_size;
		bool target_alt = alt_known && target - (uintptr_t)alt.ss_sp < alt.ss_size;
		bool left = frame_alt == target_alt ? frame < target : frame_alt;

		if (!left)
			break;
		if (p->at != claimed)
			abandon_one(t, p);
		claimed = p->at;
		t->pending = p = outer;
	}
}

/* A thread that was cancelled inside a hook: its frames are gone (t->pending
 * points into them), but what it reserved and did not commit can be seen. */
void record_fill_gaps(struct probe_thread *t)
{
	struct slot *slot = t->slot;

	if (!t->pending || !slot || t->generation != probe_generation[0])
		return;
	uint64_t head = atomic_load_explicit(&slot->head, memory_order_relaxed);
	uint64_t at = atomic_load(&slot->tail);

	t->pending = NULL;
	while ((int64_t)(head - at) > 0) {
		struct ring_cell *cell = &t->ring[at & t->mask];
		unsigned cells = 1;

		if (is_committed(t, at)) {
			cells = ring_record_cells(atomic_load(&cell->mark) >> RING_TYPE_SHIFT &
							  RING_TYPE_MASK,
						  atomic_load(&cell->word));
			at += cells ? cells : 1;
			continue;
		}
		struct place place = { t->ring, at, t->mask };

		record_mark(&place, EVENT_NOP, 0, probe_now());
		at++;
	}
}
