/* SPDX-License-Identifier: MIT */
/*
 * The heap of each process: which blocks live, and who allocated them.
 *
 * Malloc is stamped after and free before the real call, so the order per
 * address is right or repairable: two records of one address less than
 * HEAP_REPAIR_TICKS apart on different threads that break the alternation of
 * malloc and free are taken the other way round, since a block cannot live
 * twice.
 *
 *	seen        was          so
 *	M  M' F     M  F  M'     at M' the old block is freed; the F is awaited and dropped
 *	F  M        M  F         the F of an unknown block is remembered; M frees at once
 */
#ifndef TPPROBE_HEAP_H
#define TPPROBE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#define HEAP_REPAIR_TICKS 4096
#define HEAP_REPAIRS 16 /* remembered per process and kind */

struct record;
struct task;
struct thread;
struct process;

struct heap_block {
	uint64_t addr, size; /* addr 0: an empty place; 1: never an address of malloc */
	struct task *task;   /* who allocated it */
};

struct heap_repair {
	uint64_t addr, stamp, thread;
};

struct heap_table {
	struct heap_block *block; /* open addressing; a power of two of places */
	uint64_t places, count;
	struct heap_repair awaited_free[HEAP_REPAIRS], early_free[HEAP_REPAIRS];
	uint8_t awaited_at, early_at;
	bool has_awaited, has_early;
	uint64_t repaired, unknown_frees;
};

/* Of one task: what it allocated itself, and what its tree did. */
struct heap_account {
	int64_t self_live, self_peak, tree_live, tree_peak;
	int64_t self_at_end, tree_at_end; /* live when the task ended */
	uint64_t leaked, temporary;
};

/*
 * A task has an account from the first block on that its tree allocated. When it has
 * ended and nothing of it lives, three numbers are left; if something comes all the
 * same, it has an account again.
 */
union task_heap {
	struct heap_account *account; /* NULL: none of it was ever told */
	struct heap_quiet {
		int64_t self_peak, tree_peak;
		uint64_t temporary;
	} * quiet; /* task.heap_is_quiet */
};

/* Of one thread. */
struct heap_thread {
	uint64_t last_alloc; /* address, when the last heap call allocated */
	struct task *last_task;
	struct heap_block reallocated; /* what the last REALLOC_FREE took out */
};

struct heap_account heap_of(const struct task *task);
/* ALLOC, ALLOC_BIG, FREE, REALLOC_*. 0 or -ENOMEM. */
int heap_on_event(struct process *process, struct thread *thread, struct task *current,
		  const struct record *r);
/* The task ends: what lives of it now is its delta. */
void heap_task_end(struct task *task);
/* The process ends or becomes another program: what lives has leaked. */
void heap_process_end(struct process *process);
void heap_table_fini(struct heap_table *table);

#endif
