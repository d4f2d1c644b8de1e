/* SPDX-License-Identifier: MIT */
/*
 * Reading the rings. What a ring holds is believed only as far as ring.h lets
 * it be checked; every step moves on or stops, whatever is in there.
 */
#ifndef TPPROBE_DRAIN_H
#define TPPROBE_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "arena_view.h"
#include "gather.h"

/* What the collector knows of a slot. */
struct drain_slot {
	struct slot *slot; /* shared */
	struct ring_cell *ring;
	uint64_t tail;
	uint32_t index, cells;
	uint64_t touched_bytes; /* of the ring, known to be present */

	uint64_t owner;			/* as it was before the last pass */
	uint64_t thread, process, task; /* as the stream says */
	uint32_t tid;
	uint64_t told[COUNTER_COUNT]; /* sum of what TASK records said */
	uint64_t pending_tail;	      /* an uncommitted record lies here … */
	uint64_t pending_ns;	      /* … since */
	uint64_t moved_ns;	      /* when it last had something new */
	bool thread_open;	      /* THREAD_START without a TASK 0 behind it */
	bool release;		      /* dead and read to its end: see account_settle() */
	bool superseded; /* its process has become another program, or its thread died */
	bool bad_head;	 /* scribbled on */
	bool resumed;	 /* after its end: may vanish without a word */
	bool settle;	 /* its thread has ended: see drain_settle() */
	struct batch batch;
	void *texts;	  /* see observe.c */
	int schedstat_fd; /* see curves.c; -1: not open */
	uint64_t cpu_ns, cpu_of;
};

struct drain {
	const struct arena_view *arena;
	struct gather *gather;
	/* Called for the records that tell of threads, processes and names. */
	void (*observe)(void *context, struct drain_slot *s, unsigned type, const uint64_t *v,
			const char *text);
	void *context;
	uint64_t torn_cells;
	bool trust_charged; /* the collector before us has read some TASK records */
	uint32_t high;
	struct drain_slot *slots[ARENA_SLOTS]; /* NULL: never claimed */
};

void drain_init(struct drain *d, const struct arena_view *arena, struct gather *gather);
void drain_fini(struct drain *d);

/* Finds slots that were claimed since, and reads the owners. */
void drain_look(struct drain *d);

/* Reads what was committed into one ring; returns the events. `dead`: nobody
 * writes there any more, so what is not committed never will be. */
uint32_t drain_ring(struct drain *d, struct drain_slot *s, bool dead, uint64_t now_ns);

/* Its thread is gone and all is read: the rest of the counters, then the slot is free. */
void drain_release(struct drain *d, struct drain_slot *s);
/* A thread that gave the slot back itself: counters that it could not tell any more. */
void drain_settle(struct drain *d, struct drain_slot *s);

#endif
