/* SPDX-License-Identifier: MIT */
/*
 * Locks that somebody had to wait for: one row per address in a process.
 * How often a lock was taken without waiting is counted per thread, not per
 * lock, so acquisitions is not known here.
 */
#ifndef TPPROBE_LOCKS_H
#define TPPROBE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "tasks.h"

#define LOCK_ROWS_MAX 100000

struct lock_row {
	uint64_t addr;
	const struct task *process; /* its task */
	uint64_t contended, wait_ticks, max_wait_ticks;
	uint64_t hold_ticks; /* by threads that had waited for it, while others waited */
	bool has_hold;
	uint64_t site;		     /* return address of the call that waited longest */
	uint64_t holder, held_since; /* thread that got it last after waiting */
	struct lock_row *same_hash;
};

struct locks {
	struct idmap by_addr;
	struct lock_row **rows;
	uint32_t count, room;
	bool is_full;
};

/* LOCK_WAIT and UNLOCK_WAKE. */
void locks_on_event(struct locks *locks, const struct process *process, const struct record *r);
void locks_fini(struct locks *locks);

#endif
