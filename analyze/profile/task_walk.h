/* SPDX-License-Identifier: MIT */
/*
 * All tasks, each of them after all its children, with what its children's trees
 * have come to. Only tasks with some children done and others not hold a sum.
 */
#ifndef TPPROBE_TASK_WALK_H
#define TPPROBE_TASK_WALK_H

#include "../metrics.h"
#include "tasks.h"

/* `each` gets the sum over the trees of the children and makes of it the one over the
 * task's own tree. What it returns, if not 0, ends the walk and is returned. -ENOMEM. */
int task_walk(const struct tasks *tasks,
	      int (*each)(void *to, struct task *task, struct metrics *sum), void *to);

#endif
