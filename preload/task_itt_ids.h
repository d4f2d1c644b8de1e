/* SPDX-License-Identifier: MIT */
/* Open tasks by the ids that an ITT program gives them itself. */
#ifndef TPPROBE_TASK_ITT_IDS_H
#define TPPROBE_TASK_ITT_IDS_H

#include "task_mark.h"

#pragma GCC visibility push(hidden)

/* The key of two numbers; `kind` keeps ids of different kinds apart. Never 0 or 1. */
uint64_t itt_key(uint64_t kind, uint64_t a, uint64_t b);

/* The open task of this key; 0 none. */
uint64_t itt_ids_get(struct probe_thread *t, uint64_t key);

/* Is found under `key` for as long as it is open. False: there is no room. */
bool itt_ids_put(struct probe_thread *t, uint64_t key, uint64_t mark);

#pragma GCC visibility pop

#endif
