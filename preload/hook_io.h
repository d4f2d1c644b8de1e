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

/* A transfer: counters and an IO record. `result` is bytes or -errno. */
void io_record(struct probe_thread *t, enum call call, enum io_direction direction, int fd,
	       int64_t result, uint64_t took, uint64_t end);

void io_tell(struct io_call *c, enum call call, enum io_direction direction, int fd, ssize_t got);

/* The same of a descriptor that is closed by now; `entry` was its table entry. */
void io_tell_closed(struct io_call *c, enum call call, enum io_direction direction, int fd,
		    uint64_t entry, ssize_t got);

/* The same at a place in the file that the call names: IO_AT. */
void io_tell_at(struct io_call *c, enum call call, enum io_direction direction, int fd, int64_t at,
		ssize_t got);

/* Tells and hands the result through. errno stays as the call left it: telling reads
 * it, and all that it may do besides are system calls of our own (sys.h). */
static inline ssize_t io_end(struct io_call *c, enum call call, enum io_direction direction, int fd,
			     ssize_t got)
{
	if (io_still(c))
		io_tell(c, call, direction, fd, got);
	return got;
}

static inline ssize_t io_end_at(struct io_call *c, enum call call, enum io_direction direction,
				int fd, int64_t at, ssize_t got)
{
	if (io_still(c))
		io_tell_at(c, call, direction, fd, at, got);
	return got;
}

/* From one descriptor to another, hook_move.c. `aside`: /proc/PID/io leaves it out. */
ssize_t io_moved(struct io_call *c, enum call call, int from, int to, bool aside, ssize_t got);

/* A call of the send and recv family, hook_socket.c. `peeked`: nothing was taken. */
ssize_t io_sent(struct io_call *c, enum call call, int fd, ssize_t sent);
ssize_t io_received(struct io_call *c, enum call call, int fd, bool peeked, ssize_t got);

/* The position was set: a SEEK record. hook_seek.c */
off_t seek_end(struct io_call *c, enum call call, int fd, off_t position);

/* Below: each tells, restores errno and hands the result through. */

/* A descriptor whose name and kind the kernel has to say. hook_fd_new.c */
int fd_made(struct io_call *c, enum call call, int fd);

/* A copy of `fd`. hook_fd.c */
int fd_copied(struct io_call *c, enum call call, int fd, int to);

/* Closing takes two steps: forget before the call, tell after it. hook_fd.c */
uint64_t fd_closing(int fd);
int fd_closed(struct io_call *c, enum call call, int fd, uint64_t entry, int result);

/* A call that did something to `fd` and returned `result`, negative with errno
 * set when it failed. hook_fd_work.c */
long fd_worked(struct io_call *c, enum call call, int fd, long result);

/* A call on paths. `result`: negative with errno set when it failed. hook_path.c */
long path_end(struct io_call *c, enum call call, long result);

/* The counters and the META record of it, `error` 0 or errno. */
void path_tell(struct io_call *c, enum call call, int error);

/* Whole hooks whose row says all: on the descriptor `fd`, on paths. */
#define HOOK_FD(ret, name, params, args)                                                           \
	ret name params                                                                            \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name args;                                                   \
		return (ret)fd_worked(&c, CALL_##name, fd, real_##name args);                      \
	}
#define HOOK_PATH(ret, name, params, args)                                                         \
	ret name params                                                                            \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name args;                                                   \
		return (ret)path_end(&c, CALL_##name, real_##name args);                           \
	}

/* A call that makes, copies or closes descriptors, or fails to: an FD record.
 * `fd` is the new descriptor or negative with errno set; `entry` its table
 * entry; `origin` the descriptor it came from or -1. Restores nothing. */
void fd_tell(struct io_call *c, enum call call, int fd, uint64_t entry, int origin);

/* The same, counted elsewhere than among the metadata calls. */
void fd_tell_as(struct io_call *c, enum counter_id calls, enum call call, int fd, uint64_t entry,
		int origin);

/* An open, of `path` taken relative to `dir` as openat does: the new descriptor's
 * kind, id and name. Hands fd through, errno as the call left it. */
int fd_opened(struct io_call *c, enum call call, int fd, int dir, const char *path);

/* A call that only waits: counters and a WAIT record. */
void wait_tell(struct io_call *c, enum call call, enum wait_reason reason, uint64_t object,
	       int result);

#pragma GCC visibility pop

#endif
