/* SPDX-License-Identifier: MIT */
/* Which tasks took longest. */
#ifndef TPPROBE_LONGEST_H
#define TPPROBE_LONGEST_H

#include "../profile/tasks.h"

/* Marks so many of the longest tasks (task.is_long), and all above them. `last`: stamp
 * up to which lasts what still runs. 0 or -ENOMEM. */
int longest_mark(const struct tasks *tasks, uint64_t last, size_t most);

#endif
