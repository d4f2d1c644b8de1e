/* SPDX-License-Identifier: MIT */
/*
 * Tasks inside a process: functions (patch/) and what programs mark themselves
 * (task_api.c, task_itt.c).
 *
 * A thread has one current task, slot->task. Beginning a task charges what the
 * counters have gained to the one before; ending it makes that one current again.
 * The analyzer follows by the same rule, so only the id of a task is told at its
 * end, and whatever the stacks do (coroutines, jumps, exceptions, threads that
 * hand tasks over) begins are ends plus those that still run.
 */
#ifndef TPPROBE_TASK_H
#define TPPROBE_TASK_H

#include "probe.h"

#pragma GCC visibility push(hidden)

/* A new id, below 2^40: nearly always one add to this thread's own piece. 0: none can be had. */
uint64_t task_new_id(struct probe_thread *t);

/* Tells that task `id` begins and makes it current unless it is async. `name`: id of
 * its TEXT, below 2^24. parent 0: the current task. False: dropped, and counted; it must
 * not end then. */
bool task_tell_begin(struct probe_thread *t, uint64_t id, uint32_t name, enum task_source source,
		     unsigned flags, uintptr_t frame, uint64_t parent);
/* Tells that it ends. `before`: what was current on this thread when it began, which
 * is current again; 0: the current task stays what it is (async). */
bool task_tell_end(struct probe_thread *t, uint64_t id, enum task_end_how how, uint64_t before);

/* The thread goes on with another task that was begun and has not ended: a coroutine that
 * is switched to. What was counted goes to the one before. */
void task_switch(struct probe_thread *t, uint64_t id);

/* A value of a custom metric; task 0: the current one. */
void task_tell_metric(struct probe_thread *t, uint32_t name, enum value_type type, uint64_t value,
		      uint64_t task);
/* The same for a string, of which at most TASK_TEXT_MAX bytes are taken; the bytes must
 * be readable. */
#define TASK_TEXT_MAX 256
void task_tell_metric_text(struct probe_thread *t, uint32_t name, const char *text, size_t bytes,
			   uint64_t task);

/* Calls of --event functions and tpprobe_event(). */
static inline void task_count_events(struct probe_thread *t, uint64_t n)
{
	probe_count(t, COUNTER_events, n);
}

#pragma GCC visibility pop

#endif
