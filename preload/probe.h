/* SPDX-License-Identifier: MIT */
/*
 * What the probe knows: one struct for the process, one small thread-local.
 *
 * The only test on the way into a hook is `generation`: a thread whose copy
 * agrees with the page below owns its slot. The page is MADV_WIPEONFORK, so a
 * child of fork, _Fork or raw clone reads 0 there and finds its slot anew; a
 * thread that has none yet, has ended, or must be quiet carries ~0.
 */
#ifndef TPPROBE_PROBE_H
#define TPPROBE_PROBE_H

#include "arena.h"
#include "clock.h"

#pragma GCC visibility push(hidden) /* no detour through the GOT */

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define GENERATION_NONE (~UINT32_C(0))

/* A record between reserve and commit; on the stack of the hook. */
struct pending {
	struct pending *outer; /* what a signal handler interrupted */
	uint64_t at;
	uint32_t cells;
	uint32_t type;
};

struct probe_thread {
	uint32_t generation;
	uint32_t saved_generation; /* while quiet */
	struct slot *slot;
	struct ring_cell *ring;
	struct pending *pending;
	uint64_t thread; /* id; kept after the end, for destructors that come later */
	uint32_t mask;	 /* cells of the ring - 1 */
	uint32_t quiet;	 /* > 0: borrowed by a vfork child, or attaching: no hook records */
	union {
		struct environment
			*lent;	   /* made by a child of vfork for its exec; its parent frees it */
		uint64_t forks_as; /* inside fork: the task that the child is made by */
	};
	uint16_t slot_index;
	uint8_t how; /* enum thread_how */
	uint8_t ended : 1;
	uint8_t busy : 2;  /* times in the slow part of a task's begin or end */
	uint8_t exits : 1; /* in pthread_exit */
	uint32_t
		stuck; /* low half of the tail at which waiting was given up; drop until it moves */
};
_Static_assert(sizeof(struct probe_thread) <= 64, "static TLS is scarce");
_Static_assert(offsetof(struct probe_thread, generation) == 0 &&
		       offsetof(struct probe_thread, saved_generation) == 4 &&
		       offsetof(struct probe_thread, quiet) == 44,
	       "vfork_x86_64.S");

extern __thread struct probe_thread probe_thread;

enum probe_state {
	PROBE_off = 0, /* not initialised, or running untouched */
	PROBE_on,
};

struct probe {
	uint32_t state;
	uint32_t level;	     /* enum arena_level */
	uint32_t clock_slow; /* 1: CLOCK_MONOTONIC_RAW, or stopped: probe_ticks_slow() */
	uint32_t when_drop;
	uint32_t heap_counts; /* 1: the heap is a sanitizer's: totals only, see hook_mem.c */
	uint32_t tasks;	      /* functions are tasks: jumps and coroutines matter */
	uint32_t no_syscalls; /* a seccomp filter may be active */
	_Atomic uint64_t stopped_ticks; /* > 0: no clock may be read any more */
	uint32_t pid;
	uint64_t base_ticks;
	uint64_t start_time;	/* of the process */
	uint64_t start_rss_kb;	/* our own pages included */
	uint64_t process;	/* id of the process image */
	uint64_t parent;	/* task that made it */
	uint32_t how;		/* enum process_how */
	uint32_t preload_added; /* LD_PRELOAD in our environment was put there by us */
	char *arena;		/* NULL when off */
	uint64_t mapped_bytes;	/* a prefix of the arena when address space is limited */
	uint32_t slots;		/* slots whose ring lies in it */
	char session_dir[256];
};
extern struct probe probe;

/* What a forked child writes to lies in one page: each one costs it a fault. */
#define PROBE_TOGETHER __attribute__((section("probe_together")))

extern uint32_t probe_generation[1024];

static inline struct arena_header *probe_header(void)
{
	return (struct arena_header *)probe.arena;
}

/* The other clocks. thread.c */
uint64_t probe_ticks_slow(void);

static inline uint64_t probe_ticks(void)
{
	return likely(!probe.clock_slow) ? clock_tsc() : probe_ticks_slow();
}

/* Now, as records say it. */
static inline uint64_t probe_now(void)
{
	return probe_ticks() - probe.base_ticks;
}

/* Slow way in: gives the thread its slot if it may have one. thread.c */
struct probe_thread *probe_attach(struct probe_thread *t);

/* The way into every hook: NULL means pass the call on and do nothing else. */
static inline struct probe_thread *probe_enter(void)
{
	struct probe_thread *t = &probe_thread;

	if (unlikely(t->generation != probe_generation[0]))
		return probe_attach(t);
	return t;
}

/* One instruction, so that a signal handler on this thread loses nothing. The mark
 * behind it spares the beginning and the end of a task the look at every counter. */
static inline void probe_count(struct probe_thread *t, enum counter_id id, uint64_t n)
{
	struct slot *slot = t->slot;
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
	__asm__("addq %2, %0\n\tmovb $1, %1"
		: "+m"(slot->counters[id]), "=m"(slot->touched.of[id / 8])
		: "er"(n)
		: "cc");
#else
	uint64_t *counter = &slot->counters[id];

	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->touched.of[id / 8], 1, __ATOMIC_RELAXED);
#endif
}

#pragma GCC visibility pop

#endif
