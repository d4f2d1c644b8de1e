/* SPDX-License-Identifier: MIT */
/* Names that the program gives its tasks and metrics: told once for a process image. */
#ifndef TPPROBE_TASK_NAME_H
#define TPPROBE_TASK_NAME_H

#include "probe.h"

#pragma GCC visibility push(hidden)

#define TASK_NAME_MAX 512 /* bytes of a name that count */

/* The id of this name, told before if it is new. kind: TEXT_TASK (the id is below 2^24)
 * or TEXT_METRIC. 0: no name (NULL), or no id is left. */
uint32_t task_name(struct probe_thread *t, enum text_kind kind, const char *name);

#pragma GCC visibility pop

#endif
