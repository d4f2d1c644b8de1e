/* SPDX-License-Identifier: MIT */
/*
 * The session's shared memory: one file, mapped MAP_SHARED by every process of
 * the session and by the collector.
 *
 *	0               arena_header: what it is, options, clock, states
 *	owners_offset   slot_count words: who owns slot i (0: nobody)
 *	slots_offset    slot_count struct slot: counters, head and tail of ring i
 *	rings_offset    the rings, large ones first (arena_classes)
 *
 * The file is sparse. Whoever touches a page first makes it present with
 * MADV_POPULATE_WRITE, which fails where a store would raise SIGBUS (full
 * /dev/shm); of a ring, piece by piece as its first lap proceeds. A process whose address space is limited maps a prefix and uses
 * only the slots whose ring lies in it.
 *
 * Session directory (0700; /dev/shm, else $XDG_RUNTIME_DIR, else the trace
 * directory): `arena`, nothing else. The trace directory has a symbolic link
 * `session` to it for as long as the session lives; making that link is what
 * decides a race between two first processes.
 *
 * Joining against closing: a process claims a slot, then reads `state`; the
 * collector writes ARENA_CLOSING, then reads the owners. Both orders are
 * sequentially consistent, so one of them sees the other: a process that finds
 * ARENA_CLOSING gives the slot back and waits for the verdict; a collector that
 * finds an owner goes back to ARENA_OPEN.
 */
#ifndef TPPROBE_ARENA_H
#define TPPROBE_ARENA_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "plan.h"
#include "ring.h"

#define ARENA_MAGIC "TPPARENA"
#define ARENA_VERSION 2
#define ARENA_FILE "arena"
#define ARENA_SESSION_LINK "session"
#define ARENA_OPTIONS_SIZE 12288
#define ARENA_LEFT_OUT "TPPROBE_LEFT_OUT" /* in the options: one that found no room */
#define ARENA_LEFT_OUT_ROOM 256		  /* kept free for that */
#define ARENA_PATH_SIZE 1024

enum arena_state { ARENA_OPEN = 1, ARENA_CLOSING, ARENA_CLOSED };
enum arena_level { LEVEL_counters = 1, LEVEL_trace, LEVEL_stacks };
enum arena_clock { CLOCK_tsc = 1, CLOCK_raw }; /* CLOCK_raw: ticks are ns of CLOCK_MONOTONIC_RAW */

struct arena_header {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes; /* sizeof(struct arena_header) of the writer */
	uint64_t total_bytes;
	uint32_t slot_count;
	uint32_t slot_bytes; /* sizeof(struct slot) of the writer */
	uint64_t owners_offset;
	uint64_t slots_offset;
	uint64_t rings_offset;
	uint64_t session_id[2]; /* random */

	/* Clock: stamp = ticks - base_ticks. The base triple was read together. */
	uint32_t clock; /* enum arena_clock */
	uint32_t reserved0;
	uint64_t base_ticks;
	uint64_t base_raw_ns;  /* CLOCK_MONOTONIC_RAW */
	uint64_t base_real_ns; /* CLOCK_REALTIME */

	/* Options that the hooks need; all of them as text in options[]. */
	uint32_t level;	       /* enum arena_level */
	uint32_t when_drop;    /* 1: a full ring drops at once */
	uint32_t wait_ms;      /* longest wait for room */
	uint32_t follow_no;    /* 1: child programs are not captured */
	uint32_t hide_preload; /* 1: LD_PRELOAD was put there by us (tpprobe run) */
	uint32_t started_by_run;
	uint32_t wants_plans; /* 1: --task, --event or --metric was given */
	uint32_t reserved1;

	/* Life of the session. */
	_Atomic uint32_t state;		       /* enum arena_state */
	_Atomic uint32_t collector_pid;	       /* 0: not there yet */
	_Atomic uint64_t collector_start_time; /* /proc/PID/stat field 22 */
	_Atomic uint32_t collector_gone;       /* somebody found it dead: drop and count */
	_Atomic uint32_t doorbell;	   /* futex: bumped by a writer whose ring is half full */
	_Atomic uint32_t collector_sleeps; /* 1: ring the doorbell with FUTEX_WAKE */
	_Atomic uint32_t heartbeat;	   /* the collector bumps it every cycle */

	_Atomic uint64_t next_id;   /* processes, threads, tasks; starts at 1 */
	_Atomic uint32_t next_file; /* file ids; starts at 1 */
	_Atomic uint32_t next_text; /* ids of other TEXT records; starts at 1 */
	_Atomic uint32_t slot_hint; /* where to look for a free slot first */
	_Atomic uint32_t slot_high; /* no slot from here on was ever claimed */
	_Atomic uint64_t threads_without_ring;

	/* Patch plans: see plan.h. */
	_Atomic uint32_t plans_asked; /* futex: bumped by whoever has asked */
	uint32_t reserved2;
	struct plan_request plan_requests[PLAN_REQUESTS];

	char trace_dir[ARENA_PATH_SIZE];  /* absolute */
	char probe_path[ARENA_PATH_SIZE]; /* absolute path of libtpprobe.so, for LD_PRELOAD */
	uint32_t options_bytes;
	uint32_t reserved3;
	char options
		[ARENA_OPTIONS_SIZE]; /* NAME=value, each closed by NUL: the TPPROBE_* as given */
};

/*
 * A slot: one ring and what belongs to it. Cache lines are kept apart by
 * writer. The counters are never reset: a slot passes from thread to thread,
 * and what a thread did is the difference (charged[], kept by its owner, is
 * what TASK records have told already).
 */
struct slot {
	/* written by the owner at every record */
	_Alignas(64) _Atomic uint64_t head;
	uint64_t limit;		  /* head may go this far before the slow path looks again */
	_Atomic uint64_t waiting; /* stamp << 8 | enum wait_reason of a wait that goes on; 0 none */
	/* Ids for tasks: a piece of arena_header.next_id that is this slot's. */
	uint64_t next_task, task_limit;
	void *top_frame; /* in the owner's memory: of its innermost task (preload/task.h) */
	/* Byte i: 1 when one of the counters 8i … 8i + 7 was added to since the last TASK. */
	union slot_touched {
		_Atomic uint64_t all;
		uint8_t of[8];
	} touched;
	uint64_t reserved0;

	/* written by the collector */
	_Alignas(64) _Atomic uint64_t tail;
	uint64_t reserved1[7];

	/* written at claim, and by a waiting owner */
	_Alignas(64) _Atomic uint32_t owner_waits; /* futex on the low half of tail */
	uint32_t ring_cells;			   /* a power of two; fixed for ever */
	uint64_t ring_offset;			   /* in the arena; fixed for ever */
	_Atomic uint64_t process;		   /* id of the process image */
	_Atomic uint64_t thread;		   /* id of the thread */
	_Atomic uint64_t task;			   /* current task */
	_Atomic uint32_t populated; /* bytes of the ring, from its start, whose pages exist */
	uint32_t reserved2;
	uint64_t start_time; /* of the process, /proc/PID/stat field 22 */
	uint64_t reserved3;

	_Alignas(64) uint64_t counters[64]; /* by the owner: one add each; read by anybody */
	_Alignas(64) uint64_t charged[64];  /* by the owner */
};
_Static_assert(sizeof(struct slot) == 192 + 2 * 512, "slot layout");
_Static_assert(offsetof(struct slot, tail) == 64 && offsetof(struct slot, counters) == 192,
	       "cache lines are kept apart");
_Static_assert(COUNTER_COUNT <= 62, "the bitmap of a TASK record");

/* The counter of a wait for this reason (calls; the one behind it has the ticks);
 * -1: there is none. */
static inline int arena_wait_counter(unsigned reason)
{
	switch (reason) {
	case WAIT_sync:
		return COUNTER_sync_waits;
	case WAIT_sleep:
		return COUNTER_sleeps;
	case WAIT_network:
		return COUNTER_net_setups;
	case WAIT_io:
		return COUNTER_io_waits;
	case WAIT_lock:
		return COUNTER_lock_contended;
	default:
		return -1;
	}
}

/* An owner word: pid and tid as the owner's own namespace says. */
#define ARENA_OWNER(pid, tid) ((uint64_t)(uint32_t)(pid) << 32 | (uint32_t)(tid))
#define ARENA_OWNER_PID(owner) ((uint32_t)((owner) >> 32))
#define ARENA_OWNER_TID(owner) ((uint32_t)(owner))

/* Rings by size, in slot order. 16 + 28 + 56 + 48 MiB of address space; memory
 * is used only by slots that were claimed once. */
static const struct arena_class {
	uint32_t slots;
	uint32_t ring_bytes;
} arena_classes[] = {
	{ 16, 1 << 20 },
	{ 112, 256 << 10 },
	{ 896, 64 << 10 },
	{ 3072, 16 << 10 },
};
enum { ARENA_SLOTS = 16 + 112 + 896 + 3072 };

static inline struct slot *arena_slot(void *arena, uint32_t index)
{
	struct arena_header *h = arena;

	return (struct slot *)((char *)arena + h->slots_offset) + index;
}

static inline _Atomic uint64_t *arena_owner(void *arena, uint32_t index)
{
	struct arena_header *h = arena;

	return (_Atomic uint64_t *)((char *)arena + h->owners_offset) + index;
}

static inline struct ring_cell *arena_ring(void *arena, const struct slot *slot)
{
	return (struct ring_cell *)((char *)arena + slot->ring_offset);
}

static inline uint64_t arena_round_page(uint64_t bytes)
{
	return (bytes + 4095) & ~UINT64_C(4095);
}

/* Where the rings of a new arena begin, and its size. */
static inline uint64_t arena_rings_offset(void)
{
	return arena_round_page(sizeof(struct arena_header)) + arena_round_page(ARENA_SLOTS * 8) +
	       arena_round_page(ARENA_SLOTS * sizeof(struct slot));
}

static inline uint64_t arena_total_bytes(void)
{
	uint64_t bytes = arena_rings_offset();

	for (unsigned c = 0; c < sizeof(arena_classes) / sizeof(arena_classes[0]); c++)
		bytes += (uint64_t)arena_classes[c].slots * arena_classes[c].ring_bytes;
	return bytes;
}

/* Where ring `index` lies and how large it is. The place of a slot follows from
 * the table alone; a claimed slot repeats it so that the hooks need no search. */
static inline uint64_t arena_ring_place(uint64_t rings_offset, uint32_t index, uint32_t *bytes)
{
	uint64_t offset = rings_offset;

	for (unsigned c = 0; c < sizeof(arena_classes) / sizeof(arena_classes[0]); c++) {
		if (index < arena_classes[c].slots) {
			*bytes = arena_classes[c].ring_bytes;
			return offset + (uint64_t)index * arena_classes[c].ring_bytes;
		}
		offset += (uint64_t)arena_classes[c].slots * arena_classes[c].ring_bytes;
		index -= arena_classes[c].slots;
	}
	*bytes = 0;
	return 0;
}

/* Lays out a zeroed arena of arena_total_bytes(). The caller fills clock,
 * options, paths and session_id, and stores state = ARENA_OPEN last. */
static inline void arena_format(void *arena)
{
	struct arena_header *h = arena;

	__builtin_memcpy(h->magic, ARENA_MAGIC, sizeof(h->magic));
	h->version = ARENA_VERSION;
	h->header_bytes = sizeof(*h);
	h->total_bytes = arena_total_bytes();
	h->slot_count = ARENA_SLOTS;
	h->slot_bytes = sizeof(struct slot);
	h->owners_offset = arena_round_page(sizeof(*h));
	h->slots_offset = h->owners_offset + arena_round_page(ARENA_SLOTS * 8);
	h->rings_offset = arena_rings_offset();
	h->next_id = 1;
	h->next_file = 1;
	h->next_text = 1;
}

#endif
