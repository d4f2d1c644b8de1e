/* SPDX-License-Identifier: MIT */
/*
 * Child programs that could not be captured: named by their parents' records,
 * with what the parent's wait call told about them.
 */
#ifndef TPPROBE_CHILDREN_H
#define TPPROBE_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "tasks.h"

struct child_row {
	uint32_t pid; /* 0: never told */
	uint8_t why;  /* enum uninstrumented_why */
	bool has_status, has_usage;
	int status; /* wait status */
	char *path;
	uint64_t utime_us, stime_us, peak_rss_kb;
	struct task *parent; /* NULL: launched by tpprobe */
};

struct children {
	struct child_row *rows;
	uint32_t count, room;
	struct idmap by_pid; /* place + 1 of the newest row of a pid */
};

/* UNINSTRUMENTED, FORK, CHILD_EXIT. */
void children_on_event(struct children *children, struct thread *thread, const struct record *r);
/* The command itself, when the launcher waited for it and no record came. Its row, for
 * what it used; NULL: out of memory. */
struct child_row *children_add_launched(struct children *children, const char *path,
					int wait_status);
void children_fini(struct children *children);
/* "static program", … */
const char *child_why(unsigned why);

#endif
