/* SPDX-License-Identifier: MIT */
/*
 * What became of every task, once the whole trace is read: ends, status, names,
 * and the tree in which children lie inside their parents.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tasks.h"

/* The rules of the design, best source first. */
static void judge_process(struct process *p)
{
	struct task *task = p->task;
	bool has_status = p->has_kernel_status || p->has_wait_status;

	if (has_status && WIFSIGNALED(p->wait_status))
		p->signal = WTERMSIG(p->wait_status);
	else if (has_status)
		p->exit_code = WEXITSTATUS(p->wait_status);
	else if (p->exit_how == END_abort)
		p->signal = p->exit_status;
	else if (p->exit_how)
		p->exit_code = p->exit_status & 0xff;
	else if (!p->is_gone) {
		task->status = STATUS_running;
		return;
	}
	if (p->exit_code >= 0)
		task->status = p->exit_code ? STATUS_failed : STATUS_completed;
	else
		task->status = STATUS_killed; /* by a signal, or it just vanished */
	tasks_process_close(p, p->exit_how ? p->exit_stamp : p->gone_stamp);
}

/* The collector notices an end a little late: nothing of a process is after it. */
static void clamp_thread(struct thread *thread)
{
	uint64_t end, over;

	if (!thread->own || thread->is_open)
		return;
	end = thread->own->process->task->end;
	if (end == STAMP_NEVER || thread->since <= end)
		return;
	over = thread->since - end;
	thread->current->thread_ticks -=
		over < thread->current->thread_ticks ? over : thread->current->thread_ticks;
	thread->since = end;
	if (thread->own->kind == TASK_thread)
		thread->own->end = end > thread->own->start ? end : thread->own->start;
}

static void judge_thread(struct task *task)
{
	const struct task *process = task->process->task;

	if (task->has_ended_itself)
		task->status = STATUS_completed;
	else if (task->end == STAMP_NEVER)
		task->status = STATUS_running;
	else if (process->status == STATUS_killed && task->end == process->end)
		task->status = STATUS_killed;
	else
		task->status = STATUS_completed;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static const char *argv_of(const struct image *image)
{
	while (image && !image->argv)
		image = image->origin;
	return image ? image->argv : NULL;
}

static void name_process(const struct process *p)
{
	const struct image *image = p->image;
	const char *argv0 = p->exec_path ? p->exec_path : argv_of(image);
	char text[32];

	if (argv0 && *argv0 == '-')
		argv0++; /* a login shell */
	argv0 = argv0 && *argv0 ? base_name(argv0) : NULL;
	while (image && !image->exe)
		image = image->origin;
	if (!argv0 && image)
		argv0 = base_name(image->exe);
	snprintf(text, sizeof(text), "pid %u", p->pid);
	task_name(p->task, argv0 ? argv0 : text, SIZE_MAX);
}

static void name_thread(struct task *task)
{
	uint64_t routine = task->more ? task->more->routine : 0;
	char text[256];

	if (!routine ||
	    !modules_place(task->process->image, routine, task->start, text, sizeof(text)))
		snprintf(text, sizeof(text), "%.200s thread", task->process->task->name);
	task_name(task, text, sizeof(text));
}

static bool is_inside(const struct task *task, const struct task *of)
{
	for (; task; task = task->creator)
		if (task == of)
			return true;
	return false;
}

/* Whose creator is not known is a part of what the lost one was a part of. */
static struct task *next_of_kin(const struct tasks *tasks, const struct task *task)
{
	const struct process *parent;

	if (task->kind == TASK_thread)
		return task->process->task;
	if (task->kind != TASK_process)
		return task->on_thread;
	parent = idmap_get(&tasks->by_pid, task->process->ppid);
	return parent && parent->task->start <= task->start ? parent->task : NULL;
}

/* Those that began before their creator was known. */
static void find_creators(struct tasks *tasks)
{
	for (uint32_t i = 0; i < tasks->orphan_count; i++) {
		struct task *task = tasks->orphans[i].task;
		struct task *creator = tasks_find(tasks, tasks->orphans[i].creator_id);

		if (!creator && !task->creator)
			creator = next_of_kin(tasks, task);
		if (creator && !is_inside(creator, task))
			task->creator = creator;
	}
}

static int by_start(const void *a, const void *b)
{
	const struct task *x = *(struct task *const *)a, *y = *(struct task *const *)b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void tasks_finish(struct tasks *tasks, uint64_t last)
{
	for (size_t i = 0; i < tasks->process_count; i++)
		judge_process(tasks->processes[i]);
	for (size_t i = 0; i < tasks->threads.places; i++) {
		struct thread *thread = tasks->threads.entry[i].value;

		if (!thread)
			continue;
		if (thread->is_open)
			tasks_charge_time(thread, last);
		clamp_thread(thread);
	}
	function_tasks_finish(tasks);
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->all[i];

		heap_task_end(task);
		if (task->kind == TASK_process && !task->name)
			name_process(task->process);
	}
	find_creators(tasks);
	if (tasks->count)
		qsort(tasks->all, tasks->count, sizeof(struct task *), by_start);
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->all[i], *parent = task->creator;

		if (task->kind == TASK_thread) {
			judge_thread(task);
			if (!task->name)
				name_thread(task);
		}
		/* Nobody between a task and its parent outlives it: no need to ask them. */
		while (parent && parent->end < task->end)
			parent = parent->parent ? parent->parent : parent->creator;
		task->parent = parent;
	}
	usage_finish(tasks);
}
