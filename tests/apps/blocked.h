/* SPDX-License-Identifier: MIT */
/*
 * For programs whose threads wait for each other: whether another thread has come to
 * rest in the kernel, asked by system calls that no hook sees.
 */
#ifndef BLOCKED_H
#define BLOCKED_H

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static inline void rest_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	ledger_syscall(SYS_nanosleep, (long)&t, 0, 0);
}

static inline int own_tid(void)
{
	return (int)ledger_syscall(SYS_gettid, 0, 0, 0);
}

/* Returns when the thread sleeps: *tid is set by itself right before its call. */
static inline void await_blocked(atomic_int *tid)
{
	char path[64], text[512];

	while (!atomic_load(tid))
		rest_us(200);
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(tid));
	for (;;) {
		long fd = ledger_syscall(SYS_open, (long)path, O_RDONLY, 0);
		long n = fd < 0 ? -1 : ledger_syscall(SYS_read, fd, (long)text, sizeof(text) - 1);
		char *at;

		ledger_syscall(SYS_close, fd, 0, 0);
		if (n > 0) {
			text[n] = '\0';
			at = strrchr(text, ')');
			if (at && at[2] == 'S')
				return;
		}
		rest_us(500);
	}
}

static inline struct timespec seconds_from_now(clockid_t clock, long seconds)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += seconds;
	return t;
}

#endif
