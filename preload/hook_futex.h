/* SPDX-License-Identifier: MIT */
#ifndef TPPROBE_HOOK_FUTEX_H
#define TPPROBE_HOOK_FUTEX_H

#include <stdbool.h>

/* syscall(SYS_futex, …) of the program. False: not recorded and not done. */
__attribute__((visibility("hidden"))) bool syscall_futex(long *result, const long args[6],
							 void *site);

#endif
