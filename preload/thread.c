/* SPDX-License-Identifier: MIT */
/*
 * Slots: claimed by one compare-and-exchange on the owner word, so that a
 * process that is killed at any moment leaves a slot that says whose it was.
 * No lock, no allocation; signals are blocked while a slot is taken, so that a
 * handler never finds a half-attached thread.
 */
#include "thread.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "process.h"
#include "record.h"
#include "sys.h"

__thread struct probe_thread probe_thread = { .generation = GENERATION_NONE };
_Alignas(4096) uint32_t probe_generation[1024];
struct probe probe PROBE_TOGETHER;

#define FIRST_PAGES (64u << 10)
#define REFUSED_CALLS 4096  /* hooks that a thread without a ring passes before it asks again */
#define THREAD_refused 0xff /* in place of enum thread_how */

uint64_t probe_ticks_slow(void)
{
	/* Stopped: the order of this process's records stays, their times do not. */
	if (atomic_load_explicit(&probe.stopped_ticks, memory_order_relaxed))
		return atomic_fetch_add(&probe.stopped_ticks, 1);
	return clock_ns(CLOCK_MONOTONIC_RAW);
}

uint64_t probe_next_id(void)
{
	return atomic_fetch_add(&probe_header()->next_id, 1);
}

/* Slots that this process (or the one it was forked from) has prepared before:
 * their pages exist for good. Threads that come and go need no system call. */
static _Atomic uint64_t prepared[ARENA_SLOTS / 64] PROBE_TOGETHER;

/* Makes the slot and the beginning of its ring writable without a SIGBUS. */
static bool prepare(struct slot *slot, uint32_t index)
{
	_Atomic uint64_t *known = &prepared[index / 64];
	uint64_t bit = UINT64_C(1) << index % 64;
	uintptr_t page = (uintptr_t)slot & ~(uintptr_t)4095;
	uintptr_t end = ((uintptr_t)(slot + 1) + 4095) & ~(uintptr_t)4095;
	uint32_t bytes;
	uint64_t offset = arena_ring_place(probe_header()->rings_offset, index, &bytes);
	uint32_t first = bytes < FIRST_PAGES ? bytes : FIRST_PAGES;

	if (atomic_load_explicit(known, memory_order_relaxed) & bit)
		return true;
	if (sys3(SYS_madvise, page, end - page, MADV_POPULATE_WRITE) != 0)
		return false;
	slot->ring_offset = offset;
	slot->ring_cells = bytes / 16;
	if (atomic_load(&slot->populated) < first) {
		if (sys3(SYS_madvise, probe.arena + offset, first, MADV_POPULATE_WRITE) != 0)
			return false;
		atomic_store(&slot->populated, first);
	}
	atomic_fetch_or(known, bit);
	return true;
}

bool thread_has_prepared(uint32_t index)
{
	return atomic_load_explicit(&prepared[index / 64], memory_order_relaxed) >> index % 64 & 1;
}

static void raise_high_mark(struct arena_header *h, uint32_t above)
{
	uint32_t high = atomic_load(&h->slot_high);

	while (high < above && !atomic_compare_exchange_weak(&h->slot_high, &high, above))
		;
}

static void release(uint32_t index)
{
	struct arena_header *h = probe_header();
	uint32_t hint = atomic_load(&h->slot_hint);

	atomic_store(arena_owner(probe.arena, index), 0);
	while (index < hint && !atomic_compare_exchange_weak(&h->slot_hint, &hint, index))
		;
}

/* Still so full of an earlier thread's records that the THREAD_START which tells
 * them from ours might find no room? */
static bool is_crowded(struct slot *slot)
{
	return slot->ring_cells &&
	       atomic_load(&slot->head) - atomic_load(&slot->tail) > slot->ring_cells / 2;
}

/* A free slot from the hint on, then from the start. -1: none. */
static int claim(uint64_t owner)
{
	struct arena_header *h = probe_header();
	uint32_t slots = probe.slots;
	uint32_t hint = atomic_load(&h->slot_hint);

	if (hint >= slots)
		hint = 0;
	for (uint32_t n = 0; n < slots; n++) {
		uint32_t i = hint + n < slots ? hint + n : hint + n - slots;
		_Atomic uint64_t *word = arena_owner(probe.arena, i);
		uint64_t nobody = 0;

		if (atomic_load_explicit(word, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong(word, &nobody, owner))
			continue;
		raise_high_mark(h, i + 1);
		if (!prepare(arena_slot(probe.arena, i), i)) {
			release(i); /* no memory for it: /dev/shm is full */
			return -1;
		}
		if (!is_crowded(arena_slot(probe.arena, i))) {
			atomic_store(&h->slot_hint, i + 1);
			return (int)i;
		}
		atomic_store(word, 0);
	}
	return -1;
}

/* The verdict of a collector that is closing while we came in (arena.h). */
static bool session_stays_open(void)
{
	struct arena_header *h = probe_header();

	for (int i = 0; i < 100; i++) {
		uint32_t state = atomic_load(&h->state);

		if (state == ARENA_OPEN)
			return true;
		if (state != ARENA_CLOSING)
			return false;
		struct timespec ms = { 0, 1000000 };

		sys2(SYS_nanosleep, &ms, NULL);
	}
	return false;
}

static bool attach(struct probe_thread *t, uint64_t thread, uint64_t parent, const void *routine,
		   enum thread_how how)
{
	uint32_t tid = (uint32_t)sys0(SYS_gettid);
	struct slot *slot;
	uint64_t head;
	int index = claim(ARENA_OWNER(probe.pid, tid));

	if (index < 0) {
		if (t->how != THREAD_refused)
			atomic_fetch_add(&probe_header()->threads_without_ring, 1);
		t->how = THREAD_refused;
		t->stuck = REFUSED_CALLS;
		return false;
	}
	if (atomic_load(&probe_header()->state) != ARENA_OPEN && !session_stays_open()) {
		release((uint32_t)index);
		probe.state = PROBE_off;
		return false;
	}
	slot = arena_slot(probe.arena, (uint32_t)index);
	head = atomic_load(&slot->head);
	slot->start_time = probe.start_time;
	atomic_store_explicit(&slot->waiting, 0, memory_order_relaxed);
	slot->top_frame = NULL;
	slot->limit = head; /* the first record takes the slow path and looks around */
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		slot->charged[i] = slot->counters[i];
	atomic_store(&slot->process, probe.process);
	atomic_store(&slot->thread, thread);
	atomic_store(&slot->task, thread);
	t->slot = slot;
	t->ring = arena_ring(probe.arena, slot);
	t->mask = slot->ring_cells - 1;
	t->slot_index = (uint16_t)index;
	t->thread = thread;
	t->pending = NULL;
	t->stuck = 0;
	t->busy = 0;
	t->how = (uint8_t)how;
	uint64_t v[5] = { tid | (uint64_t)how << 32, thread, parent, (uintptr_t)routine,
			  probe.process };

	record_n(t, EVENT_THREAD_START, v, 5, probe_now());
	return true;
}

/* Every way of becoming a known thread ends here, with all signals blocked. */
static struct probe_thread *enter_life(struct probe_thread *t, uint64_t thread, uint64_t parent,
				       const void *routine, enum thread_how how)
{
	uint64_t all = ~UINT64_C(0), old;
	bool forked, done;

	sys4(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, &old, 8);
	t->quiet++;
	forked = probe_generation[0] == 0;
	if (forked) {
		process_forked(t->ended ? 0 : t->forks_as ? t->forks_as : t->thread);
		t->forks_as = 0;
		how = THREAD_main;
		thread = probe.process;
		parent = probe.parent;
		t->ended = 0;
		t->exits = 0;
	}
	done = probe.state == PROBE_on && attach(t, thread, parent, routine, how);
	t->quiet--;
	if (done) {
		t->generation = probe_generation[0];
		if (how == THREAD_main)
			process_tell_start(t);
	} else if (forked && probe.state == PROBE_on) {
		probe.state = PROBE_off; /* a process without a ring runs untouched */
	}
	sys4(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &old, NULL, 8);
	return done ? t : NULL;
}

struct probe_thread *probe_attach(struct probe_thread *t)
{
	if (probe.state != PROBE_on || t->quiet)
		return NULL;
	/* No system call may be made any more: a thread that has no ring by now
	 * stays without. */
	if (probe.no_syscalls)
		return NULL;
	/* Refused not long ago: looking again at every call would be dear. */
	if (!t->slot && t->stuck && probe_generation[0]) {
		t->stuck--;
		return NULL;
	}
	if (t->ended)
		return enter_life(t, t->thread, 0, NULL, THREAD_resumed);
	return enter_life(t, probe_generation[0] ? probe_next_id() : 0, probe.process, NULL,
			  THREAD_foreign);
}

void thread_begin(uint64_t thread, uint64_t parent, const void *routine)
{
	struct probe_thread *t = &probe_thread;

	if (probe.state == PROBE_on && !t->quiet && !probe.no_syscalls)
		enter_life(t, thread, parent, routine, routine ? THREAD_created : THREAD_main);
}

uint64_t thread_cpu_ns(uint32_t tid)
{
	/* MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED) of the kernel */
	struct timespec time;

	if (sys2(SYS_clock_gettime, (clockid_t)((~tid << 3) | 6), &time) != 0)
		return 0;
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* A wait that was cancelled (waiting.h). */
static void count_open_wait(struct probe_thread *t)
{
	uint64_t mark = atomic_load_explicit(&t->slot->waiting, memory_order_relaxed);
	int counter = arena_wait_counter(mark & 0xff);

	if (!mark || counter < 0)
		return;
	probe_count(t, (enum counter_id)counter, 1);
	probe_count(t, (enum counter_id)(counter + 1), probe_now() - (mark >> 8));
	atomic_store_explicit(&t->slot->waiting, 0, memory_order_relaxed);
}

static uint64_t own_cpu_ns(void)
{
	struct timespec time;

	sys2(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void thread_end(enum end_how how)
{
	struct probe_thread *t = &probe_thread;
	struct rusage usage = { 0 };
	uint64_t all = ~UINT64_C(0), old;
	bool told;

	if (t->generation != probe_generation[0] || t->quiet || probe.no_syscalls)
		return;
	sys4(SYS_rt_sigprocmask, 0, &all, &old, 8);
	count_open_wait(t);
	sys2(SYS_getrusage, RUSAGE_THREAD, &usage);
	uint64_t v[8] = {
		how,
		own_cpu_ns(),
		(uint64_t)usage.ru_utime.tv_sec * 1000000u + (uint64_t)usage.ru_utime.tv_usec,
		(uint64_t)usage.ru_stime.tv_sec * 1000000u + (uint64_t)usage.ru_stime.tv_usec,
		(uint64_t)usage.ru_nvcsw,
		(uint64_t)usage.ru_nivcsw,
		(uint64_t)usage.ru_minflt,
		(uint64_t)usage.ru_majflt,
	};

	record_n(t, EVENT_THREAD_END, v, 8, probe_now());
	told = record_task(t, 0);
	t->generation = GENERATION_NONE;
	t->ended = 1;
	/* Otherwise the collector takes the slot back, and tells what was not told,
	 * when it finds that the thread is gone. */
	if (told)
		release(t->slot_index);
	t->slot = NULL;
	t->stuck = 0;
	sys4(SYS_rt_sigprocmask, 2, &old, NULL, 8);
}
