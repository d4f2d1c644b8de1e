/* SPDX-License-Identifier: MIT */
/*
 * How much memory a process may have before the kernel kills: the smallest limit of
 * its cgroup and of all above it.
 */
#ifndef TPPROBE_MEMORY_LIMIT_H
#define TPPROBE_MEMORY_LIMIT_H

#include <stdint.h>

/* Of the process; 0: there is no limit, or it cannot be read. */
uint64_t memory_limit_get(uint32_t pid);
/* The same from texts as /proc/PID/cgroup and /proc/self/mountinfo have them. */
uint64_t memory_limit_find(const char *cgroups, const char *mounts);

#endif
