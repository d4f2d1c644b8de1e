/* SPDX-License-Identifier: MIT */
/* The collector does not live in the program's conditions. */
#ifndef TPPROBE_INDEPENDENT_H
#define TPPROBE_INDEPENDENT_H

/* Resets what a process inherits: environment, affinity, priority, limits,
 * signals, umask, working directory, OOM score. Best effort. */
void become_independent(void);

#endif
