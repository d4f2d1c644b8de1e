/* SPDX-License-Identifier: MIT */
/* I/O by syscall(), told as what libc's own function of that name would tell. */
#ifndef TPPROBE_HOOK_SYSCALL_H
#define TPPROBE_HOOK_SYSCALL_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/* False: not one of ours, and nothing was done. True: the call was made. */
bool syscall_io(long number, long *result, long a, long b, long c, long d, long e, long f);

#pragma GCC visibility pop

#endif
