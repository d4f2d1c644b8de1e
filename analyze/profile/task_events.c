/* SPDX-License-Identifier: MIT */
/*
 * What the records say about tasks, processes and threads.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tasks.h"

/* The increments of a TASK or THREAD_GONE record: a bitmap of counter ids, then
 * one word for each of its bits. Bits of counters that we do not know are
 * stepped over. */
static void charge_counters(struct task *task, const struct record *r)
{
	uint64_t bits = r->words > 1 ? r->v[1] : 0;

	for (unsigned word = 2; bits && word < r->words; word++) {
		unsigned id = (unsigned)__builtin_ctzll(bits);

		bits &= bits - 1;
		if (id < COUNTER_COUNT &&
		    counters_add(&task->counters, &task->process->tasks->pool, id, r->v[word]))
			task->process->tasks->out_of_memory = true;
	}
}

static uint64_t start_key(uint32_t pid, uint64_t start_time)
{
	return (uint64_t)pid << 40 ^ start_time;
}

/* Another program in the same process: everything before is its past. */
static void become(struct tasks *tasks, struct process *p, struct image *image, uint64_t stamp)
{
	if (p->main) { /* the main thread went on all the time between the two programs */
		bool was_open = p->main->is_open;

		p->main->is_open = true;
		tasks_charge_time(p->main, stamp);
		p->main->is_open = was_open;
	}
	while (p->threads)
		tasks_thread_close(p->threads, stamp);
	function_tasks_close(p, stamp);
	heap_process_end(p);
	free(p->exec_path);
	p->exec_path = NULL;
	p->image = image;
	p->exit_how = 0;
	p->exit_stamp = STAMP_NEVER;
	image->process = p;
	if (idtable_put(&tasks->by_id, image->id, p->task))
		tasks->out_of_memory = true;
}

static struct process *new_process(struct tasks *tasks, struct image *image, const struct record *r)
{
	struct process *parent = idmap_get(&tasks->by_pid, event_PROCESS_START_ppid(r->v));
	uint64_t creator = event_PROCESS_START_parent(r->v);
	struct process *p;

	/* Started with a clean environment: the kernel still knows its parent. */
	if (!creator && parent && !parent->is_gone)
		creator = parent->task->id;
	p = tasks_add_process(tasks, image, creator, r->stamp);
	if (p && p->task->creator && event_PROCESS_START_how(r->v) == PROCESS_forked)
		image->origin = p->task->creator->process->image;
	return p;
}

static void on_process_start(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct image *image = tasks_image(tasks, event_PROCESS_START_process(r->v));
	uint32_t pid = (uint32_t)event_PROCESS_START_pid(r->v);
	uint64_t key = start_key(pid, event_PROCESS_START_start_time(r->v));
	struct process *p = idmap_get(&tasks->by_start, key);

	if (!image)
		return;
	if (p && p->image != image && !image->process)
		become(tasks, p, image, r->stamp);
	else if (image->process) /* an earlier record made it before its start was seen */
		p = image->process;
	else
		p = new_process(tasks, image, r);
	if (!p)
		return;
	p->pid = p->task->tid = pid;
	p->ppid = (uint32_t)event_PROCESS_START_ppid(r->v);
	p->start_time = event_PROCESS_START_start_time(r->v);
	p->cpus = (uint32_t)event_PROCESS_START_cpus(r->v);
	if ((key && idmap_put(&tasks->by_start, key, p)) ||
	    (pid && idmap_put(&tasks->by_pid, pid, p)))
		tasks->out_of_memory = true;
	usage_on_process(p, r);
	thread->image = image;
	p->main = thread;
	if (!thread->own)
		tasks_thread_open(p, thread, p->task, r->stamp);
}

static void on_thread_start(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct image *image = tasks_image(tasks, event_THREAD_START_process(r->v));
	uint64_t parent = event_THREAD_START_parent(r->v);
	struct process *p;

	if (image)
		thread->image = image;
	if (event_THREAD_START_how(r->v) == THREAD_main || thread->id == thread->image->id)
		return; /* PROCESS_START follows */
	if (thread->own) {
		/* Resumed by its destructors: it lived in between as well. */
		if (!thread->is_open)
			tasks_thread_open(thread->own->process, thread, thread->own, thread->since);
		return;
	}
	p = thread->image->process;
	if (!p && !(p = tasks_add_process(tasks, thread->image, 0, r->stamp)))
		return;
	thread->own = tasks_add(tasks, TASK_thread, thread->id, p, parent ? parent : p->task->id,
				r->stamp);
	if (!thread->own)
		return;
	thread->own->tid = (uint32_t)event_THREAD_START_tid(r->v);
	if (task_more(thread->own))
		thread->own->more->routine = event_THREAD_START_routine(r->v);
	tasks_thread_open(p, thread, thread->own, r->stamp);
}

static void on_task(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	uint64_t next = event_TASK_task(r->v);

	charge_counters(thread->current, r);
	if (!next) {
		tasks_thread_close(thread, r->stamp);
		return;
	}
	tasks_charge_time(thread, r->stamp);
	if (next != thread->current->id)
		function_tasks_switch(thread, tasks_find(tasks, next));
}

static void on_thread_gone(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct task *task = tasks_find(tasks, event_THREAD_GONE_task(r->v));
	struct process *p = thread->own->process;
	uint64_t end = r->stamp;

	charge_counters(task && (task->open || task == thread->own) ? task : thread->current, r);
	if (thread == p->main && thread->image == p->image && !p->exit_how)
		return; /* its process tells when it ended */
	if (thread->own->has_ended_itself)
		end = thread->latest; /* its destructors came back, and nobody told their end */
	tasks_thread_close(thread, p->exit_stamp < end ? p->exit_stamp : end);
}

static void learn_end(struct process *p, uint64_t stamp)
{
	if (stamp < p->gone_stamp)
		p->gone_stamp = stamp;
}

static void on_child_exit(struct tasks *tasks, struct process *parent, const struct record *r)
{
	struct process *child = idmap_get(&tasks->by_pid, event_CHILD_EXIT_pid(r->v));
	int status = (int)event_CHILD_EXIT_status(r->v);

	if (!child || child == parent || child->has_wait_status ||
	    !(WIFEXITED(status) || WIFSIGNALED(status)))
		return;
	child->has_wait_status = true;
	if (!child->has_kernel_status)
		child->wait_status = status;
	child->reaper = parent;
	child->reaped_stamp = r->stamp;
	learn_end(child, r->stamp);
}

static void on_exec(struct process *p, struct thread *thread, const struct record *r)
{
	usage_on_process(p, r);
	free(p->exec_path);
	p->exec_path = NULL;
	if (thread->text.exec && thread->text.exec_id == event_EXEC_text(r->v))
		p->exec_path = strdup(thread->text.exec);
}

void tasks_on_event(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct process *p;

	if (r->type == EVENT_PROCESS_START) {
		on_process_start(tasks, thread, r);
		return;
	}
	if (r->type == EVENT_THREAD_START) {
		on_thread_start(tasks, thread, r);
		return;
	}
	if (!tasks_own(tasks, thread, r->stamp))
		return;
	p = thread->own->process;
	switch (r->type) {
	case EVENT_THREAD_END:
		usage_on_thread(thread->own, r);
		thread->own->has_ended_itself = true;
		break; /* a TASK record with what it did comes behind it */
	case EVENT_THREAD_CPU:
		usage_on_thread(thread->own, r);
		break;
	case EVENT_TASK:
		on_task(tasks, thread, r);
		break;
	case EVENT_THREAD_GONE:
		on_thread_gone(tasks, thread, r);
		break;
	case EVENT_THREAD_USAGE: {
		struct thread *of = idmap_get(&tasks->threads, event_THREAD_USAGE_thread(r->v));

		if (of && of->own)
			usage_on_thread(of->own, r);
		break;
	}
	case EVENT_PROCESS_EXIT:
		usage_on_process(p, r);
		p->exit_how = (uint8_t)event_PROCESS_EXIT_how(r->v);
		p->exit_status = (int)event_PROCESS_EXIT_status(r->v);
		p->exit_stamp = r->stamp;
		break;
	case EVENT_FORK: {
		struct process *child = idmap_get(&tasks->by_pid, event_FORK_pid(r->v));

		if (event_FORK_call(r->v) == CALL_system && child && !child->reaper) {
			child->reaper = p; /* system() has waited for it */
			child->reaped_stamp = r->stamp;
		}
		break;
	}
	case EVENT_EXEC:
		on_exec(p, thread, r);
		break;
	case EVENT_EXEC_FAILED:
		free(p->exec_path);
		p->exec_path = NULL;
		break;
	case EVENT_CHILD_EXIT:
		on_child_exit(tasks, p, r);
		break;
	}
}

void tasks_on_collected(struct tasks *tasks, const struct record *r)
{
	struct image *image;
	struct thread *thread;

	switch (r->type) {
	case EVENT_SAMPLE:
		image = idmap_get(&tasks->images, event_SAMPLE_process(r->v));
		if (image && image->process)
			usage_on_process(image->process, r);
		break;
	case EVENT_THREAD_CPU:
		thread = idmap_get(&tasks->threads, event_THREAD_CPU_thread(r->v));
		if (thread && thread->own)
			usage_on_thread(thread->own, r);
		break;
	case EVENT_PROCESS_GONE:
		image = idmap_get(&tasks->images, event_PROCESS_GONE_process(r->v));
		if (!image || !image->process)
			break;
		image->process->is_gone = true;
		learn_end(image->process, r->stamp);
		if (event_PROCESS_GONE_source(r->v) == GONE_kernel ||
		    event_PROCESS_GONE_source(r->v) == GONE_launcher) {
			image->process->has_kernel_status = true;
			image->process->wait_status = (int)event_PROCESS_GONE_status(r->v);
		}
		tasks_process_close(image->process, image->process->exit_how
							    ? image->process->exit_stamp
							    : image->process->gone_stamp);
		break;
	}
}
