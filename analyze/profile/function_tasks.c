/* SPDX-License-Identifier: MIT */
/*
 * Tasks inside a process: functions, and what programs mark themselves.
 */
#include "function_tasks.h"

#include <string.h>

#include "tasks.h"

/* Frames are looked for newest first; a jump gives up after so many that it does not
 * leave, so that a damaged trace costs no more than its length times this. */
#define JUMP_FAR 4096
#define NAME_MAX_BYTES 4096

static void go_on(struct thread *thread, struct task *task)
{
	if (!thread->is_open)
		return;
	if (thread->current->open)
		thread->current->open->on--;
	thread->current = task;
	if (task->open)
		task->open->on++;
}

static void go_back(struct function_tasks *f, struct thread *thread, struct task_open *o,
		    uint64_t stamp)
{
	struct task_open *before = task_open_back(&f->opens, o);

	if (!thread->is_open)
		return;
	tasks_charge_time(thread, stamp);
	go_on(thread, before ? before->task : thread->own);
}

/* It runs no more, and is current nowhere. */
static void end(struct function_tasks *f, struct task *task, enum task_status status,
		uint64_t stamp)
{
	struct task_open *o = task->open;

	task->end = stamp > task->start ? stamp : task->start;
	task->status = (uint8_t)status;
	heap_task_end(task);
	task_open_take(o);
	o->task = NULL;
	task->open = NULL;
	task_open_release(&f->opens, o);
}

static void end_everywhere(struct tasks *tasks, struct task *task, enum task_status status,
			   uint64_t stamp)
{
	struct function_tasks *f = &tasks->functions;

	for (struct thread *t = task->process->threads; t && task->open->on; t = t->next)
		if (t->current == task)
			go_back(f, t, task->open, stamp);
	end(f, task, status, stamp);
}

static void on_begin(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct function_tasks *f = &tasks->functions;
	uint64_t id = event_TASK_BEGIN_task(r->v), parent = event_TASK_BEGIN_parent(r->v);
	enum task_kind kind =
		event_TASK_BEGIN_source(r->v) == SOURCE_function ? TASK_function : TASK_api;
	struct process *p = thread->own->process;
	struct task_open *o;
	struct task *task;

	if (!id || tasks_find(tasks, id)) {
		f->odd_begins++;
		return;
	}
	o = task_open_new(&f->opens);
	task = o ? tasks_add(tasks, kind, id, p, parent ? parent : thread->current->id, r->stamp)
		 : NULL;
	if (!task) {
		tasks->out_of_memory = true;
		return;
	}
	f->began++;
	task->open = o;
	task->on_thread = thread->own;
	task->tid = thread->own->tid;
	task->name_id = (uint32_t)event_TASK_BEGIN_name(r->v);
	if (!task->creator) /* may still be found */
		task->creator = thread->current;
	o->task = task;
	o->frame = event_TASK_BEGIN_frame(r->v);
	task_open_put(thread->is_open ? &thread->open : &p->open, o);
	o->is_async = event_TASK_BEGIN_flags(r->v) & TASK_FLAG_async;
	if (o->is_async || !thread->is_open)
		return;
	task_open_set_before(o, thread->current->open);
	tasks_charge_time(thread, r->stamp);
	go_on(thread, task);
}

static enum task_status status_of(uint64_t how)
{
	return how == TASK_END_return || how == TASK_END_exited ? STATUS_completed : STATUS_failed;
}

static void on_end(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	struct task *task = tasks_find(tasks, event_TASK_END_task(r->v));

	if (task && task->process != thread->own->process)
		return; /* of a copy: the task goes on in the process that was copied */
	/* What the end of its process has closed, and its record comes later all the same. */
	if (task && task_is_inside(task) && !task->open && task->status == STATUS_running &&
	    r->stamp >= task->start && r->stamp <= task->end) {
		task->status = (uint8_t)status_of(event_TASK_END_how(r->v));
		task->end = r->stamp;
		return;
	}
	if (!task || !task->open) {
		tasks->functions.unknown_ends++;
		return;
	}
	/* What returns goes on in its caller, whatever was left open behind it. */
	if (task->kind == TASK_function && !task->open->is_async)
		go_back(&tasks->functions, thread, task->open, r->stamp);
	end_everywhere(tasks, task, status_of(event_TASK_END_how(r->v)), r->stamp);
}

static bool is_left(const struct task_open *o, uint64_t from, uint64_t target)
{
	return o->frame && o->frame >= from && o->frame < target;
}

/* The way back of the coroutine that runs, which may have begun elsewhere; then what
 * began on this thread, on whatever stack. */
static void on_jump(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	uint64_t from = event_TASK_JUMP_from(r->v), target = event_TASK_JUMP_target(r->v);
	struct task_open *o, *next;
	int far = 0;

	for (o = thread->is_open ? thread->current->open : NULL; o && far < JUMP_FAR; o = next) {
		next = task_open_back(&tasks->functions.opens, o);
		far++;
		if (is_left(o, from, target)) {
			far = 0;
			end_everywhere(tasks, o->task, STATUS_failed, r->stamp);
		}
	}
	far = 0;
	for (o = thread->open; o && far < JUMP_FAR; o = next) {
		next = o->next;
		far++;
		if (is_left(o, from, target)) {
			far = 0;
			end_everywhere(tasks, o->task, STATUS_failed, r->stamp);
		}
	}
}

void function_tasks_on_event(struct tasks *tasks, struct thread *thread, const struct record *r)
{
	switch (r->type) {
	case EVENT_TASK_BEGIN:
		on_begin(tasks, thread, r);
		break;
	case EVENT_TASK_END:
		on_end(tasks, thread, r);
		break;
	case EVENT_TASK_JUMP:
		on_jump(tasks, thread, r);
		break;
	}
}

void function_tasks_switch(struct thread *thread, struct task *task)
{
	if (task == thread->current || !thread->is_open)
		return;
	if (task == thread->own) {
		go_on(thread, task);
	} else if (task && task->open && task->process == thread->own->process) {
		go_on(thread, task);
		task_open_take(task->open);
		task_open_put(&thread->open, task->open);
		for (struct task_open *o = task->open; o && o->left != STAMP_NEVER; o = o->before)
			o->left = STAMP_NEVER;
	}
}

void function_tasks_leave(struct thread *thread, uint64_t stamp)
{
	struct task_open *o = thread->current->open;

	if (o)
		o->on--;
	for (; o && o->left == STAMP_NEVER; o = o->before)
		o->left = stamp;
	while ((o = thread->open)) {
		task_open_take(o);
		task_open_put(&thread->own->process->open, o);
	}
}

void function_tasks_close(struct process *process, uint64_t stamp)
{
	while (process->open) {
		struct task_open *o = process->open;

		end(&process->tasks->functions, o->task, STATUS_running,
		    o->left < stamp ? o->left : stamp);
	}
}

static void sample(struct task_open *o, int64_t rss_kb)
{
	for (; o; o = o->next) {
		struct task_more *more = task_more(o->task);

		if (more && rss_kb > more->rss_peak_kb)
			more->rss_peak_kb = rss_kb;
	}
}

void function_tasks_sample(struct process *process, int64_t rss_kb)
{
	sample(process->open, rss_kb);
	for (struct thread *t = process->threads; t; t = t->next)
		sample(t->open, rss_kb);
}

void function_tasks_on_name(struct tasks *tasks, uint32_t id, const char *text, uint32_t bytes)
{
	uint64_t key = (uint64_t)id + 1;
	const char *name;

	if (idmap_get(&tasks->functions.names, key))
		return;
	name = names_get(&tasks->names, text, bytes < NAME_MAX_BYTES ? bytes : NAME_MAX_BYTES);
	if (!name || idmap_put(&tasks->functions.names, key, (void *)name))
		tasks->out_of_memory = true;
}

void function_tasks_finish(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->all[i];
		uint64_t last;

		if (!task_is_inside(task))
			continue;
		task->name = idmap_get(&tasks->functions.names, (uint64_t)task->name_id + 1);
		if (!task->name)
			task->name = "(unknown)";
		if (task->open && task->open->left != STAMP_NEVER)
			task->end = task->open->left;
		task->tally = (struct task_tally){ 0 }; /* from now on */
		/* The process told its end, and destructors ran behind that. */
		last = task->process->task->end;
		if (task->end > last)
			task->end = last;
		if (task->start > task->end)
			task->start = task->end;
	}
}

void function_tasks_fini(struct function_tasks *f)
{
	pool_fini(&f->opens);
	idmap_fini(&f->names);
}
