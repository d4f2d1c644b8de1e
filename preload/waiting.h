/* SPDX-License-Identifier: MIT */
/*
 * Calls that only wait: the one real call, since it may be a cancellation point,
 * with time around it. While it goes on, the slot says so: what is cancelled, or cut
 * short by the end of the process, leaves no record, but its time is counted, by the
 * thread on its way out or by the collector.
 */
#ifndef TPPROBE_WAITING_H
#define TPPROBE_WAITING_H

#include "hook_io.h"

static inline void wait_mark(struct probe_thread *t, enum wait_reason reason, uint64_t begun)
{
	atomic_store_explicit(&t->slot->waiting, begun << 8 | reason, memory_order_relaxed);
}

static inline void wait_unmark(struct probe_thread *t)
{
	atomic_store_explicit(&t->slot->waiting, 0, memory_order_relaxed);
}

static inline bool wait_begin(struct io_call *c, enum wait_reason reason)
{
	if (!io_begin(c))
		return false;
	wait_mark(c->thread, reason, c->begun);
	return true;
}

/* Of a call that returns an error number, or cannot fail. */
static inline int wait_end(struct io_call *c, enum call call, enum wait_reason reason,
			   uint64_t object, int result)
{
	int saved = errno;

	if (io_still(c))
		wait_tell(c, call, reason, object, result);
	errno = saved;
	return result;
}

/* Of a call that returns -1 and sets errno. */
static inline ssize_t wait_end_errno(struct io_call *c, enum call call, enum wait_reason reason,
				     uint64_t object, ssize_t result)
{
	int saved = errno;

	if (io_still(c))
		wait_tell(c, call, reason, object, result < 0 ? -saved : (int)result);
	errno = saved;
	return result;
}

/* Somebody who waits for the object may go on. Before the call that wakes, so that
 * the stamp is no later than the end of the wait; `count`: ~0 all. */
void wake_tell(struct probe_thread *t, enum call call, uint64_t object, void *site, uint32_t count,
	       uint64_t stamp);

#endif
