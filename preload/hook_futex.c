/* SPDX-License-Identifier: MIT */
/*
 * Futexes by syscall(): the locks of Rust, abseil and std::atomic::wait. Only what
 * had to go to the kernel is seen, which is what waits and what wakes.
 */
#include "hook_futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#include "waiting.h"

#ifndef FUTEX_LOCK_PI2 /* Linux 5.14 */
#define FUTEX_LOCK_PI2 13
#endif

static enum call_does futex_does(long operation)
{
	switch (operation & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return DOES_SYNC;
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
	case FUTEX_WAKE_OP:
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_UNLOCK_PI:
		return DOES_WAKE;
	default:
		return DOES_nothing;
	}
}

bool syscall_futex(long *result, const long args[6], void *site)
{
	enum call_does does = futex_does(args[1]);
	bool pi_unlock = (args[1] & FUTEX_CMD_MASK) == FUTEX_UNLOCK_PI;
	struct io_call c;
	int saved;

	if (does == DOES_nothing || !io_begin(&c))
		return false;
	if (does == DOES_SYNC)
		wait_mark(c.thread, WAIT_sync, c.begun);
	*result = real_syscall(SYS_futex, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (does == DOES_SYNC) {
		wait_end_errno(&c, CALL_syscall, WAIT_sync, (uint64_t)args[0], *result);
		return true;
	}
	saved = errno;
	if (io_still(&c)) {
		uint32_t woken = pi_unlock ? *result == 0 : *result > 0 ? (uint32_t)*result : 0;

		probe_count(c.thread, COUNTER_wakes, 1);
		/* how many were woken is known afterwards; the stamp is of before */
		if (woken)
			wake_tell(c.thread, CALL_syscall, (uint64_t)args[0], site, woken, c.begun);
	}
	errno = saved;
	return true;
}
