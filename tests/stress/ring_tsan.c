/* SPDX-License-Identifier: MIT */
/*
 * Ring, arena and counters under ThreadSanitizer: the probe's own code claims
 * slots, writes records of every shape (also from signal handlers in the middle
 * of each other) and gives the slots back, while a reader follows ring.h.
 *
 * Truth: each writer keeps a ledger. What the reader saw and what the lost_*
 * counters say must add up to it, in order and with the right contents.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "preload/record.c"
#include "preload/thread.c"

#define WRITERS 4
#define ROUNDS 6
#define RECORDS 3000

/* What thread.c wants from the rest of the probe. */
void process_forked(uint64_t parent_thread)
{
	(void)parent_thread;
}

void process_tell_start(struct probe_thread *t)
{
	(void)t;
}

static _Atomic uint64_t written, in_handlers; /* the ledgers */
static _Atomic int writers_left = WRITERS;

struct view {
	uint64_t tail[ARENA_SLOTS];
	uint64_t records, texts, text_bytes, tasks, starts, ends, waits, disorder, charged;
	uint64_t last[ARENA_SLOTS];
};
static struct view view;

static void write_some(uint64_t number)
{
	struct probe_thread *t = probe_enter();
	uint64_t v[8] = { number, ~number, number & RING_WORD2_MASK, 3, 4, 5, 6, 7 };
	char text[40];

	if (!t) {
		fprintf(stderr, "a writer has no ring\n");
		abort();
	}
	probe_count(t, COUNTER_mem_allocs, 1);
	switch (number % 4) {
	case 0:
		record_1(t, EVENT_FREE, number, probe_now());
		break;
	case 1:
		record_3(t, EVENT_IO, number, ~number, number & RING_WORD2_MASK, probe_now());
		break;
	case 2:
		record_n(t, EVENT_THREAD_END, v, 8, probe_now());
		break;
	default:
		memset(text, 'a' + (int)(number % 26), sizeof(text));
		record_text(t, (uint32_t)number, TEXT_PATH, text, sizeof(text), "", NULL, 0);
	}
}

/* Runs on top of whatever its thread was doing. */
static void handler(int signal)
{
	(void)signal;
	for (int i = 0; i < 5; i++)
		write_some(UINT64_C(1) << 40);
	atomic_fetch_add(&in_handlers, 5);
}

static void *writer(void *unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		thread_begin(probe_next_id(), 1, &written);
		for (uint64_t i = 0; i < RECORDS; i++) {
			write_some(i);
			if (i % 97 == 0)
				raise(SIGUSR1);
			if (i % 500 == 0)
				record_task(&probe_thread, i + 1);
		}
		atomic_fetch_add(&written, RECORDS);
		thread_end(END_return);
		probe_thread.ended = 0; /* this thread plays a new one */
	}
	atomic_fetch_sub(&writers_left, 1);
	return NULL;
}

/* What the reader makes of one record. */
static void one_record(uint32_t slot, unsigned type, const uint64_t *v,
		       const struct ring_cell *ring, uint64_t at, uint32_t mask)
{
	switch (type) {
	case EVENT_TASK:
		view.tasks++;
		if (v[1] >> COUNTER_mem_allocs & 1) {
			const struct ring_cell *cell = &ring[(at + 1) & mask];

			/* mem_allocs is the lowest counter: its value is word 2 */
			view.charged += atomic_load_explicit(&cell->mark, memory_order_relaxed) &
					RING_WORD2_MASK;
		}
		return;
	case EVENT_THREAD_START:
		view.starts++;
		view.last[slot] = 0;
		return;
	case EVENT_PROBE_WAIT:
		view.waits++;
		return;
	case EVENT_TEXT:
		view.texts++;
		view.text_bytes += v[0] >> 48;
		break;
	case EVENT_THREAD_END:
		if (v[0] == END_return && v[1] != ~v[0]) {
			view.ends++;
			return;
		}
		view.disorder += v[1] != ~v[0];
		break;
	case EVENT_IO:
		view.disorder += v[1] != ~v[0];
		break;
	}
	view.records++;
	if (type == EVENT_FREE && v[0] < RECORDS) {
		view.disorder += v[0] < view.last[slot];
		view.last[slot] = v[0];
	}
}

static uint64_t drain(uint32_t index)
{
	struct slot *slot = arena_slot(probe.arena, index);
	uint32_t bytes, cells;
	struct ring_cell *ring =
		(struct ring_cell *)(probe.arena +
				     arena_ring_place(arena_rings_offset(), index, &bytes));
	uint64_t tail = view.tail[index], begun = tail;

	cells = bytes / 16;
	for (;;) {
		struct ring_cell *cell = &ring[tail & (cells - 1)];
		uint64_t mark = atomic_load_explicit(&cell->mark, memory_order_acquire);
		uint64_t v[2];
		unsigned type = mark >> RING_TYPE_SHIFT & RING_TYPE_MASK, n;

		if ((mark & RING_LAP_BIT) != ring_lap(tail, cells) || !(mark & RING_HEAD_BIT))
			break;
		v[0] = atomic_load_explicit(&cell->word, memory_order_relaxed);
		v[1] = atomic_load_explicit(&ring[(tail + 1) & (cells - 1)].word,
					    memory_order_relaxed);
		n = ring_record_cells(type, v[0]);
		if (!n) {
			fprintf(stderr, "a record of no length\n");
			abort();
		}
		one_record(index, type, v, ring, tail, cells - 1);
		tail += n;
	}
	view.tail[index] = tail;
	atomic_store(&slot->tail, tail);
	if (atomic_load(&slot->owner_waits))
		sys3(SYS_futex, &slot->tail, FUTEX_WAKE, 1);
	return tail - begun;
}

static uint64_t counter(enum counter_id id)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < atomic_load(&probe_header()->slot_high); i++)
		sum += __atomic_load_n(&arena_slot(probe.arena, i)->counters[id], __ATOMIC_RELAXED);
	return sum;
}

/* What TASK records could not tell. */
static uint64_t uncharged(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < atomic_load(&probe_header()->slot_high); i++) {
		struct slot *slot = arena_slot(probe.arena, i);

		sum += slot->counters[COUNTER_mem_allocs] - slot->charged[COUNTER_mem_allocs];
	}
	return sum;
}

static void *reader(void *unused)
{
	uint64_t got = 1;
	bool last = false;

	(void)unused;
	while (!last || got) {
		/* asked before the pass: what they wrote is then all there */
		last = !atomic_load(&writers_left);
		got = 0;
		atomic_fetch_add(&probe_header()->heartbeat, 1);
		for (uint32_t i = 0; i < atomic_load(&probe_header()->slot_high); i++)
			got += drain(i);
		counter(COUNTER_mem_allocs); /* may be read at any moment */
	}
	return NULL;
}

static int check(const char *what, uint64_t got, uint64_t want)
{
	static int number;

	printf("%s %d - %s: %llu, ledger %llu\n", got == want ? "ok" : "not ok", ++number, what,
	       (unsigned long long)got, (unsigned long long)want);
	return got != want;
}

static int run(bool drop)
{
	pthread_t threads[WRITERS], reading;
	uint64_t ledger, lost;
	int bad = 0;

	memset(&view, 0, sizeof(view));
	memset((void *)prepared, 0, sizeof(prepared)); /* the arena is a new one */
	written = in_handlers = 0;
	writers_left = WRITERS;
	probe.when_drop = drop;
	probe.arena = mmap(NULL, arena_total_bytes(), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe.arena == MAP_FAILED)
		return 1;
	arena_format(probe.arena);
	probe_header()->wait_ms = 60000;
	probe_header()->collector_pid = (uint32_t)sys0(SYS_getpid);
	atomic_store(&probe_header()->state, ARENA_OPEN);
	/* The smallest rings, so that they run full and lap many times. */
	for (uint32_t i = 0; i < 1024; i++)
		atomic_store(arena_owner(probe.arena, i), 1);
	atomic_store(&probe_header()->slot_hint, 1024);
	pthread_create(&reading, NULL, reader, NULL);
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&threads[i], NULL, writer, NULL);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(reading, NULL);
	ledger = written + in_handlers;
	lost = counter(COUNTER_lost_mem) + counter(COUNTER_lost_io) + counter(COUNTER_lost_text) +
	       counter(COUNTER_lost_task);
	bad += check(drop ? "drop: records seen and lost" : "wait: records seen and lost",
		     view.records + view.tasks + view.starts + view.ends + lost,
		     ledger + WRITERS * ROUNDS * (RECORDS / 500 + 1 + 2));
	bad += check("records out of order or with wrong contents", view.disorder, 0);
	bad += check("bytes of names per name", view.text_bytes, view.texts * 40);
	bad += check("counter of calls", counter(COUNTER_mem_allocs), ledger);
	bad += check("calls charged to tasks, or left to the collector", view.charged + uncharged(),
		     ledger);
	if (!drop)
		bad += check("lost but for those in handlers that interrupted a hook",
			     lost > in_handlers, 0);
	munmap(probe.arena, arena_total_bytes());
	return bad;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	int bad;

	sigaction(SIGUSR1, &action, NULL);
	probe.state = PROBE_on;
	probe.level = LEVEL_trace;
	probe.pid = (uint32_t)sys0(SYS_getpid);
	probe.slots = ARENA_SLOTS;
	probe.mapped_bytes = arena_total_bytes();
	probe_generation[0] = 1;
	bad = run(false);
	bad += run(true);
	puts("1..11");
	return bad != 0;
}
