/* SPDX-License-Identifier: MIT */
/* What pthread_create and thrd_create have in common. */
#ifndef TPPROBE_START_H
#define TPPROBE_START_H

#include "hook_io.h"

/* What a creator hands to the trampoline in the new thread. */
struct start {
	union {
		void *(*routine)(void *);
		int (*c11_routine)(void *);
	};
	void *arg;
	uint64_t thread, parent;
	uint32_t next; /* index + 1 of the next free node */
};

/* A node with a new thread id, child of the creator's task; the creator sets the
 * routine, and the trampoline or start_tell frees it. NULL: no memory. */
struct start *start_new(const struct probe_thread *creator, void *arg);
void start_free(struct start *node);

/* After the real call: counts, tells, frees the node when there is no thread.
 * `id` is that of the node, which may be gone by now. */
void start_tell(struct io_call *c, struct start *node, uint64_t id, int result, pthread_t thread);

/* The cleanup handler of the trampolines. */
void start_ended_early(void *unused);

/* What is enough of a pthread_t to tell the live threads of a process apart. */
static inline uint32_t start_handle(pthread_t thread)
{
	return (uint32_t)((uint64_t)thread >> 6);
}

#endif
