/* SPDX-License-Identifier: MIT */
/*
 * Workers: the main thread of every process, and every other thread. Made at the
 * end from the tasks: how many lived at one time, and which lived longest.
 */
#ifndef TPPROBE_WORKERS_H
#define TPPROBE_WORKERS_H

#include <stdint.h>

#include "curves.h"
#include "tasks.h"

#define WORKER_ROWS_MAX 10000

struct workers {
	const struct task **rows; /* by start, at most WORKER_ROWS_MAX */
	size_t count;
	uint32_t peak; /* most of them alive at one time */
	double cpu_ns; /* of all, in rows or not; NAN: of none known */
};

/* Fills live_workers of the curves as well. After tasks_finish(). 0 or -ENOMEM. */
int workers_finish(struct workers *w, const struct tasks *tasks, uint64_t last,
		   struct curves *curves);
void workers_fini(struct workers *w);

#endif
