/* SPDX-License-Identifier: MIT */
/*
 * Tasks that the program marks (tpprobe.h, Intel ITT): which are open, so that an end
 * knows what was current before, and a second end is none.
 *
 * A mark is what the program holds in its hand:
 *
 *	63        40 39                  0
 *	[ place + 1 |    id of the task   ]
 *
 * place: of its entry in the table of open tasks. With all ones the table was full when
 * it began: an asynchronous task in no entry. 0: a task of another kind (a function, a
 * thread), of which nothing is known here.
 */
#ifndef TPPROBE_TASK_MARK_H
#define TPPROBE_TASK_MARK_H

#include "task.h"

#pragma GCC visibility push(hidden)

#define MARK_ID_BITS 40
#define MARK_ID(mark) ((mark) & ((UINT64_C(1) << MARK_ID_BITS) - 1))

/* Begins a task. parent: mark or id; what is none is taken as 0, the current task.
 * flags: TASK_FLAG_*. Its mark; 0: it was dropped. */
uint64_t mark_begin(struct probe_thread *t, uint32_t name, enum task_source source, unsigned flags,
		    uint64_t parent);

/* Ends it, on whatever thread. What is not open (any more) is left alone. */
void mark_end(struct probe_thread *t, uint64_t mark, enum task_end_how how);

/* The innermost task of this source that this thread has begun, is not async, and is open;
 * 0 none. */
uint64_t mark_innermost(struct probe_thread *t, enum task_source source);

bool mark_is_open(struct probe_thread *t, uint64_t mark);

/* The current task of this thread: its mark if it has one, else its id. */
uint64_t mark_current(struct probe_thread *t);

/* The thread goes on with an open task of any kind; 0: with its own. */
void mark_switch(struct probe_thread *t, uint64_t mark);

/* The id of what the program says is a task; 0 when it was never given. */
uint64_t mark_task(uint64_t mark);

#pragma GCC visibility pop

#endif
