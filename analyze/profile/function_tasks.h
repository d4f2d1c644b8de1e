/* SPDX-License-Identifier: MIT */
/*
 * Tasks inside a process: functions, and what programs mark themselves. The probe
 * follows the same rules (preload/task.h), so its records need not tell which task
 * is current:
 *
 *	TASK_BEGIN	becomes current and remembers the task before, unless async
 *	TASK_END	ends it; the thread that tells goes on with the one before (of a
 *			marked task: only where it is current). Whoever else has it as
 *			current goes back likewise
 *	TASK_JUMP	ends those whose frames are jumped over
 *	TASK		the thread goes on with another task that is open: a coroutine
 *
 * Going back steps over what has ended meanwhile, and ends at the thread's own task.
 * A record of a task that is not known, has ended or is of another process (a fork
 * within it) changes nothing: so lost records cost what they told and no more, and
 * every task that began has ended once or is `running`.
 *
 * A task is `running` when its end was not told. Its runtime then ends where it
 * cannot have gone on: with its thread, if it was on that thread's way back when it
 * ended (its stack is gone), else with the program image.
 */
#ifndef TPPROBE_FUNCTION_TASKS_H
#define TPPROBE_FUNCTION_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "task_open.h"

struct process;
struct record;
struct task;
struct tasks;
struct thread;

struct function_tasks {
	struct pool opens;
	struct idmap names; /* in tasks.names, by id of the TEXT */
	uint64_t began, unknown_ends, odd_begins;
};

/* TASK_BEGIN, TASK_END, TASK_JUMP of a thread that has its own task. */
void function_tasks_on_event(struct tasks *tasks, struct thread *thread, const struct record *r);
/* A TASK record: the thread goes on with this task. */
void function_tasks_switch(struct thread *thread, struct task *task);
/* The thread ends; its open tasks are the process's from now on. */
void function_tasks_leave(struct thread *thread, uint64_t stamp);
/* The program image ends: so do those that still run. */
void function_tasks_close(struct process *process, uint64_t stamp);
/* Resident memory of the process at this moment. */
void function_tasks_sample(struct process *process, int64_t rss_kb);
/* TEXT_FUNCTION, TEXT_TASK, TEXT_METRIC, TEXT_PLAN, whose ids are of one space: the name is
 * what comes before the first NUL. */
void function_tasks_on_name(struct tasks *tasks, uint32_t id, const char *text, uint32_t bytes);
/* Once, at the end, when the ends of processes are known. */
void function_tasks_finish(struct tasks *tasks);
void function_tasks_fini(struct function_tasks *functions);

#endif
