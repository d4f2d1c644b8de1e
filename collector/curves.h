/* SPDX-License-Identifier: MIT */
/* Resource curves: SAMPLE per process and THREAD_CPU per thread, from /proc. */
#ifndef TPPROBE_CURVES_H
#define TPPROBE_CURVES_H

#include <stdint.h>

#include "account.h"

struct curves {
	struct account *account;
	uint32_t every_ms; /* 0: off */
	uint64_t next_ns;
	uint64_t new_seen; /* processes that had their first sample */
};

void curves_init(struct curves *c, struct account *account, uint32_t every_ms);
/* Samples what is due; new processes at once. */
void curves_tick(struct curves *c, uint64_t now_ns);
/* The last SAMPLE of a process that has ended, from its zombie. */
void curves_last(struct drain *drain, const struct process *p);
/* Closes what was open for a process. */
void curves_forget(struct process *p);

#endif
