/* SPDX-License-Identifier: MIT */
/* What the hooks around system calls have in common. */
#ifndef TPPROBE_HOOK_IO_H
#define TPPROBE_HOOK_IO_H

#include <errno.h>

#include "real.h"
#include "record.h"

#pragma GCC visibility push(hidden)

enum io_direction { IO_in, IO_out };

struct io_call {
	struct probe_thread *thread;
	uint64_t begun;
};

static inline bool io_begin(struct io_call *c)
{
	c->thread = probe_enter();
	if (unlikely(!c->thread))
		return false;
	c->begun = probe_now();
	return true;
}

/* Is the slot that the call began with still ours? A handler may have forked,
 * or a cancelled thread may be on its way out. */
static inline bool io_still(const struct io_call *c)
{
	return likely(c->thread->generation == probe_generation[0]);
}

void io_tell(struct io_call *c, enum call call, enum io_direction direction, int fd, ssize_t got);

/* Tells and hands the result through, errno as the call left it. */
static inline ssize_t io_end(struct io_call *c, enum call call, enum io_direction direction, int fd,
			     ssize_t got)
{
	int saved = errno;

	if (io_still(c))
		io_tell(c, call, direction, fd, got);
	errno = saved;
	return got;
}

/* A call that makes, copies or closes descriptors, or fails to: an FD record.
 * `fd` is the new descriptor or negative with errno set; `entry` its table
 * entry; `origin` the descriptor it came from or -1. Restores nothing. */
void fd_tell(struct io_call *c, enum call call, int fd, uint64_t entry, int origin);

/* The same, counted elsewhere than among the metadata calls. */
void fd_tell_as(struct io_call *c, enum counter_id calls, enum call call, int fd, uint64_t entry,
		int origin);

/* A call that only waits: counters and a WAIT record. */
void wait_tell(struct io_call *c, enum call call, enum wait_reason reason, uint64_t object,
	       int result);

#pragma GCC visibility pop

#endif
