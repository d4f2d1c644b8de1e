/* SPDX-License-Identifier: MIT */
/* How a process ended that is not our child. */
#ifndef TPPROBE_EXIT_STATUS_H
#define TPPROBE_EXIT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "proc.h"

struct exit_status {
	bool known;
	uint32_t status; /* wait status, when known */
	bool zombie;	 /* the two below are there */
	struct proc_stat stat;
	struct proc_io io;
};

/* For a process whose pidfd (or -1) has become readable: at once, before its
 * parent reaps it. */
void exit_status_get(uint32_t pid, uint64_t start_time, int pidfd, struct exit_status *out);

#endif
