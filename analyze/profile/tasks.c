/* SPDX-License-Identifier: MIT */
/*
 * Tasks, processes, images and threads: how they are found and made.
 */
#include "tasks.h"

#include <errno.h>
#include <stdlib.h>

#include "../grow.h"

const char *const task_kind_name[TASK_KINDS] = { "process", "thread", "function", "python", "api" };
const char *const task_status_name[] = { "running", "completed", "failed", "killed" };

static void *out_of_memory(struct tasks *tasks)
{
	tasks->out_of_memory = true;
	return NULL;
}

struct image *tasks_image(struct tasks *tasks, uint64_t id)
{
	struct image *image = idmap_get(&tasks->images, id);

	if (image || !id)
		return image;
	image = calloc(1, sizeof(*image));
	if (!image || idmap_put(&tasks->images, id, image)) {
		free(image);
		return out_of_memory(tasks);
	}
	image->id = id;
	return image;
}

struct thread *tasks_thread(struct tasks *tasks, const struct record *r)
{
	struct thread *thread = tasks->last;

	if (thread && thread->id == r->thread)
		return thread;
	thread = idmap_get(&tasks->threads, r->thread);
	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (!thread || idmap_put(&tasks->threads, r->thread, thread)) {
			free(thread);
			return out_of_memory(tasks);
		}
		thread->id = r->thread;
		thread->uninstrumented = -1;
		thread->image = tasks_image(tasks, r->process ? r->process : r->thread);
		tasks->thread_total++;
	}
	tasks->last = thread;
	return thread;
}

struct task *tasks_find(const struct tasks *tasks, uint64_t id)
{
	return idtable_get(&tasks->by_id, id);
}

struct task_more *task_more(struct task *task)
{
	if (!task->more) {
		task->more = pool_take(&task->process->tasks->pool, sizeof(*task->more));
		if (!task->more)
			return out_of_memory(task->process->tasks);
		task->more->rss_peak_kb = -1;
	}
	return task->more;
}

const struct thread_usage *task_usage(const struct task *task)
{
	static const struct thread_usage none;

	return task->more ? &task->more->usage : &none;
}

void task_name(struct task *task, const char *text, size_t bytes)
{
	struct tasks *tasks = task->process->tasks;

	task->name = names_get(&tasks->names, text, bytes);
	if (!task->name)
		out_of_memory(tasks);
}

static int add_orphan(struct tasks *tasks, struct task *task, uint64_t creator_id)
{
	struct task_orphan *more = array_grown(tasks->orphans, tasks->orphan_count,
					       &tasks->orphan_room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	tasks->orphans = more;
	more[tasks->orphan_count++] = (struct task_orphan){ task, creator_id };
	return 0;
}

struct task *tasks_add(struct tasks *tasks, enum task_kind kind, uint64_t id,
		       struct process *process, uint64_t creator_id, uint64_t stamp)
{
	struct task *task = tasks_find(tasks, id);

	if (task)
		return task; /* ids are unique; a damaged trace may say otherwise */
	if (!id)
		return out_of_memory(tasks);
	if (tasks->count == tasks->room) {
		size_t room = tasks->room * 2 + 64;
		struct task **more = realloc(tasks->all, room * sizeof(struct task *));

		if (!more)
			return out_of_memory(tasks);
		tasks->all = more;
		tasks->room = room;
	}
	task = pool_take(&tasks->pool, sizeof(*task));
	if (!task || idtable_put(&tasks->by_id, id, task))
		return out_of_memory(tasks);
	task->id = id;
	task->kind = (uint8_t)kind;
	task->process = process;
	task->creator = tasks_find(tasks, creator_id);
	if (task->creator == task)
		task->creator = NULL;
	if (creator_id && !task->creator && add_orphan(tasks, task, creator_id))
		return out_of_memory(tasks);
	task->start = stamp;
	task->end = STAMP_NEVER;
	tasks->all[tasks->count++] = task;
	return task;
}

struct process *tasks_add_process(struct tasks *tasks, struct image *image, uint64_t creator_id,
				  uint64_t stamp)
{
	struct process *p;

	if (tasks->process_count == tasks->process_room) {
		size_t room = tasks->process_room * 2 + 16;
		struct process **more = realloc(tasks->processes, room * sizeof(struct process *));

		if (!more)
			return out_of_memory(tasks);
		tasks->processes = more;
		tasks->process_room = room;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return out_of_memory(tasks);
	p->tasks = tasks;
	p->image = image;
	p->exit_stamp = p->gone_stamp = STAMP_NEVER;
	p->exit_code = p->signal = -1;
	p->usage.peak_rss_kb = p->usage.earlier_peak_kb = p->usage.sampled_peak_kb = -1;
	p->usage.peak_vm_kb = p->usage.start_rss_kb = p->usage.end_rss_kb = -1;
	p->task = tasks_add(tasks, TASK_process, image->id, p, creator_id, stamp);
	if (!p->task) {
		free(p);
		return NULL;
	}
	image->process = p;
	tasks->processes[tasks->process_count++] = p;
	return p;
}

/* A thread is in the list of one process exactly as long as it is open. */
static void unlink_thread(struct thread *thread, uint64_t stamp)
{
	function_tasks_leave(thread, stamp);
	for (struct thread **at = &thread->lives_in->threads; *at; at = &(*at)->next) {
		if (*at == thread) {
			*at = thread->next;
			break;
		}
	}
	thread->lives_in = NULL;
	thread->is_open = false;
}

void tasks_thread_open(struct process *p, struct thread *thread, struct task *own, uint64_t stamp)
{
	if (thread->is_open)
		unlink_thread(thread, stamp);
	thread->own = thread->current = own;
	thread->since = stamp;
	thread->is_open = true;
	thread->lives_in = p;
	thread->next = p->threads;
	p->threads = thread;
}

struct task *tasks_own(struct tasks *tasks, struct thread *thread, uint64_t stamp)
{
	struct process *p;
	struct task *own;

	if (thread->own)
		return thread->own;
	if (!thread->image)
		return NULL;
	p = thread->image->process;
	if (!p && !(p = tasks_add_process(tasks, thread->image, 0, stamp)))
		return NULL;
	if (thread->id == thread->image->id) {
		own = p->task;
		p->main = thread;
	} else {
		own = tasks_add(tasks, TASK_thread, thread->id, p, p->task->id, stamp);
		if (!own)
			return NULL;
	}
	tasks_thread_open(p, thread, own, stamp);
	return own;
}

void tasks_charge_time(struct thread *thread, uint64_t stamp)
{
	if (thread->is_open && stamp > thread->since)
		thread->current->thread_ticks += stamp - thread->since;
	if (stamp > thread->since)
		thread->since = stamp;
}

void tasks_thread_close(struct thread *thread, uint64_t stamp)
{
	if (!thread->is_open)
		return;
	tasks_charge_time(thread, stamp);
	unlink_thread(thread, thread->since);
	if (thread->own->kind == TASK_thread) {
		thread->own->end = thread->since;
		heap_task_end(thread->own);
	}
}

void tasks_process_close(struct process *p, uint64_t stamp)
{
	if (p->task->end != STAMP_NEVER)
		return;
	while (p->threads)
		tasks_thread_close(p->threads, stamp);
	function_tasks_close(p, stamp);
	p->task->end = stamp > p->task->start ? stamp : p->task->start;
	heap_task_end(p->task);
	heap_process_end(p);
}

static void thread_free(struct thread *thread)
{
	free(thread->text.bytes);
	free(thread->text.exec);
	free(thread->text.value);
	free(thread->text.module);
	free(thread);
}

static void image_free(struct image *image)
{
	for (uint32_t i = 0; i < image->modules; i++)
		free(image->module[i].name);
	free(image->module);
	free(image->argv);
	free(image->cwd);
	free(image->exe);
	free(image);
}

void tasks_fini(struct tasks *tasks)
{
	function_tasks_fini(&tasks->functions);
	for (size_t i = 0; i < tasks->process_count; i++) {
		heap_table_fini(&tasks->processes[i]->heap);
		free(tasks->processes[i]->exec_path);
		free(tasks->processes[i]);
	}
	for (size_t i = 0; i < tasks->threads.places; i++)
		if (tasks->threads.entry[i].key)
			thread_free(tasks->threads.entry[i].value);
	for (size_t i = 0; i < tasks->images.places; i++)
		if (tasks->images.entry[i].key)
			image_free(tasks->images.entry[i].value);
	free(tasks->all);
	free(tasks->orphans);
	free(tasks->processes);
	idmap_fini(&tasks->images);
	idmap_fini(&tasks->threads);
	idtable_fini(&tasks->by_id);
	pool_fini(&tasks->pool);
	names_fini(&tasks->names);
	idmap_fini(&tasks->by_pid);
	idmap_fini(&tasks->by_start);
}
