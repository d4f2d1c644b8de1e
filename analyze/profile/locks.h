/* SPDX-License-Identifier: MIT */
/*
 * Locks that somebody had to wait for (mutexes, rwlocks, spinlocks): one row per
 * address in a process.
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
	const char *kind; /* "mutex", "rwlock", "spin" */
	/* Of the longest wait: return address of the call, in which program and when;
	 * and who held the lock when it began, NULL when that is not known. */
	uint64_t site, site_stamp;
	const struct image *site_image;
	const struct task *owner;
	uint64_t holder, held_since; /* thread that got it last after waiting */
	struct lock_row *same_hash;
};

struct locks {
	struct idmap by_addr;
	struct lock_row **rows;
	uint32_t count, room;
	bool is_full;
};

/* LOCK_WAIT and UNLOCK_WAKE; thread: of the record. */
void locks_on_event(struct locks *locks, const struct thread *thread, const struct record *r);
/* What a lock is, by the function that waited for it. */
const char *lock_kind(const char *function);
void locks_fini(struct locks *locks);

#endif
