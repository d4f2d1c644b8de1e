/* SPDX-License-Identifier: MIT */
/*
 * Marked tasks under ThreadSanitizer: threads begin tasks, hand them to each other over a
 * board, and end what they find there, each other's and more than once. A handler marks
 * tasks of its own.
 *
 * Truth: a task has one begin and one end in the rings, whoever tried, and the name that
 * its beginner gave it; what is current on a thread at last is its own task.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "preload/record.c"
#include "preload/thread.c"
#include "preload/task.c"
#include "preload/task_name.c"
#include "preload/task_itt_ids.c"
#include "preload/task_mark.c"

#define WRITERS 4
#define TASKS 6000 /* of each writer */
#define NAMES 700  /* more than the first table has room for */
#define BOARD 512
#define IDS (WRITERS * TASKS * 4)

/* What thread.c wants from the rest of the probe. */
void process_forked(uint64_t parent_thread)
{
	(void)parent_thread;
}

void process_tell_start(struct probe_thread *t)
{
	(void)t;
}

static _Atomic uint64_t board[BOARD];
static _Atomic uint16_t meant[IDS];	     /* number of the name, by id of the task */
static uint8_t begins[IDS], ends[IDS];	     /* the reader's */
static uint32_t called[IDS];		     /* id of the TEXT */
static uint16_t texts[IDS + 2 * NAMES * 10]; /* number of the name + 1, by id of the TEXT */
static _Atomic uint64_t begun, odd, strayed;
static _Atomic int writers_left = WRITERS;

static struct probe_thread *own(void)
{
	struct probe_thread *t = probe_enter();

	if (!t)
		abort();
	return t;
}

static uint64_t begin(unsigned name, unsigned flags)
{
	char text[16];
	uint64_t mark;

	snprintf(text, sizeof(text), "n%u", name);
	mark = mark_begin(own(), task_name(own(), TEXT_TASK, text), SOURCE_api, flags, 0);
	if (!MARK_ID(mark) || MARK_ID(mark) >= IDS) {
		atomic_fetch_add(&odd, 1);
		return 0;
	}
	atomic_fetch_add(&begun, 1);
	atomic_store(&meant[MARK_ID(mark)], (uint16_t)name);
	return mark;
}

static void handler(int signal)
{
	uint64_t outer = begin(1, 0), inner = begin(2, 0);

	(void)signal;
	mark_end(own(), outer, TASK_END_return);
	mark_end(own(), inner, TASK_END_return);
}

static void *writer(void *arg)
{
	uint64_t random = (uintptr_t)arg;

	thread_begin(probe_next_id(), 1, &board);
	for (unsigned i = 0; i < TASKS; i++) {
		uint64_t mark, other;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		mark = begin(random >> 40 & 511 ? (unsigned)(random >> 33) % NAMES : 0,
			     random >> 60 & 1 ? TASK_FLAG_async : 0);
		other = atomic_exchange(&board[random >> 50 & (BOARD - 1)], mark);
		mark_end(own(), other, TASK_END_return);
		/* one that somebody else may be ending at this moment */
		mark_end(own(), atomic_load(&board[random >> 41 & (BOARD - 1)]), TASK_END_failed);
		mark_end(own(), random, TASK_END_failed);
		itt_ids_put(own(), itt_key(1, random >> 56, 2), mark);
		mark_end(own(), itt_ids_get(own(), itt_key(1, random >> 57, 2)), TASK_END_return);
		if (i % 64 == 0)
			raise(SIGUSR1);
	}
	/* Nobody ends anything any more when all are here. */
	atomic_fetch_sub(&writers_left, 1);
	while (atomic_load(&writers_left) > 0)
		sys0(SYS_sched_yield);
	for (unsigned i = 0; i < BOARD; i++)
		mark_end(own(), atomic_load(&board[i]), TASK_END_return);
	for (uint64_t mark; (mark = mark_innermost(own(), SOURCE_api));)
		mark_end(own(), mark, TASK_END_return);
	if (mark_current(own()) != own()->thread)
		atomic_fetch_add(&strayed, 1);
	thread_end(END_return);
	atomic_fetch_sub(&writers_left, 1);
	return NULL;
}

static void one_record(unsigned type, uint64_t word, const struct ring_cell *next)
{
	uint64_t id = word & ((UINT64_C(1) << 40) - 1);
	char text[16] = "";

	switch (type) {
	case EVENT_TASK_BEGIN:
		if (id < IDS) {
			begins[id]++;
			called[id] = (uint32_t)(word >> 40);
		}
		break;
	case EVENT_TASK_END:
		if (id < IDS)
			ends[id]++;
		break;
	case EVENT_TEXT: {
		uint64_t first = atomic_load_explicit(&next->word, memory_order_relaxed);
		uint64_t second = atomic_load_explicit(&next->mark, memory_order_relaxed);

		id = (uint32_t)word;
		memcpy(text, &first, 8);
		memcpy(text + 8, &second, 7);
		text[word >> 48 < 15 ? word >> 48 : 15] = '\0';
		if (id < sizeof(texts) / sizeof(texts[0]) && text[0] == 'n')
			texts[id] = (uint16_t)(strtoul(text + 1, NULL, 10) + 1);
	}
	}
}

static uint64_t drain(uint32_t index)
{
	static uint64_t tails[ARENA_SLOTS];
	struct slot *slot = arena_slot(probe.arena, index);
	uint32_t bytes;
	struct ring_cell *ring =
		(struct ring_cell *)(probe.arena +
				     arena_ring_place(arena_rings_offset(), index, &bytes));
	uint32_t cells = bytes / 16;
	uint64_t tail = tails[index], got;

	for (;;) {
		struct ring_cell *cell = &ring[tail & (cells - 1)];
		uint64_t mark = atomic_load_explicit(&cell->mark, memory_order_acquire), word;

		if ((mark & RING_LAP_BIT) != ring_lap(tail, cells) || !(mark & RING_HEAD_BIT))
			break;
		word = atomic_load_explicit(&cell->word, memory_order_relaxed);
		one_record(mark >> RING_TYPE_SHIFT & RING_TYPE_MASK, word,
			   &ring[(tail + 1) & (cells - 1)]);
		tail += ring_record_cells(mark >> RING_TYPE_SHIFT & RING_TYPE_MASK, word);
	}
	got = tail - tails[index];
	tails[index] = tail;
	atomic_store(&slot->tail, tail);
	if (atomic_load(&slot->owner_waits))
		sys3(SYS_futex, &slot->tail, FUTEX_WAKE, 1);
	return got;
}

static void *reader(void *unused)
{
	uint64_t got = 1;
	bool last = false;

	(void)unused;
	while (!last || got) {
		last = atomic_load(&writers_left) == -WRITERS;
		got = 0;
		atomic_fetch_add(&probe_header()->heartbeat, 1);
		for (uint32_t i = 0; i < atomic_load(&probe_header()->slot_high); i++)
			got += drain(i);
	}
	return NULL;
}

static int check(const char *what, uint64_t number, uint64_t want)
{
	static int tests;

	printf("%s %d - %s: %llu, ledger %llu\n", number == want ? "ok" : "not ok", ++tests, what,
	       (unsigned long long)number, (unsigned long long)want);
	return number != want;
}

int main(void)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	pthread_t threads[WRITERS], reading;
	uint64_t once = 0, ended = 0, wrong = 0;
	int bad;

	sigaction(SIGUSR1, &action, NULL);
	probe.state = PROBE_on;
	probe.level = LEVEL_trace;
	probe.pid = (uint32_t)sys0(SYS_getpid);
	probe.slots = ARENA_SLOTS;
	probe.mapped_bytes = arena_total_bytes();
	probe_generation[0] = 1;
	probe.arena = mmap(NULL, arena_total_bytes(), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe.arena == MAP_FAILED)
		return 1;
	arena_format(probe.arena);
	probe_header()->wait_ms = 60000;
	probe_header()->collector_pid = probe.pid;
	atomic_store(&probe_header()->state, ARENA_OPEN);
	pthread_create(&reading, NULL, reader, NULL);
	for (uintptr_t i = 0; i < WRITERS; i++)
		pthread_create(&threads[i], NULL, writer, (void *)(i * 77 + 1));
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(reading, NULL);
	for (unsigned id = 0; id < IDS; id++) {
		once += begins[id] == 1;
		ended += begins[id] == 1 && ends[id] == 1;
		wrong += begins[id] > 1 || ends[id] > begins[id];
		wrong += begins[id] && texts[called[id]] != meant[id] + 1;
	}
	bad = check("tasks that begin once", once, begun);
	bad += check("and end once", ended, begun);
	bad += check("tasks that begin or end otherwise, or have another name", wrong, 0);
	bad += check("tasks that could not begin", odd, 0);
	bad += check("threads that did not come back to their own task", strayed, 0);
	puts("1..5");
	return bad != 0;
}
