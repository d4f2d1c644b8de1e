/* SPDX-License-Identifier: MIT */
/*
 * Hands every record of a trace to whom it concerns.
 */
#include <errno.h>

#include "profile.h"
#include "texts.h"

static void on_clock(struct profile *p, const struct record *r)
{
	struct clock_triple triple = { event_CLOCK_ticks(r->v), event_CLOCK_raw_ns(r->v),
				       event_CLOCK_real_ns(r->v) };

	timeline_add(p->clock, &triple);
}

static struct curve_before curve_state(const struct process *process)
{
	const struct process_usage *u = &process->usage;

	return (struct curve_before){ u->sampled_rss_kb, u->sampled_threads,
				      u->total.cpu_ns / 1000000 };
}

static void on_collected(struct profile *p, const struct record *r)
{
	uint64_t id = r->type == EVENT_SAMPLE ? event_SAMPLE_process(r->v)
					      : event_PROCESS_GONE_process(r->v);
	struct image *image = idmap_get(&p->tasks.images, id);
	struct process *process = image ? image->process : NULL;
	struct curve_before before, now;

	if (!process)
		return;
	before = curve_state(process);
	tasks_on_collected(&p->tasks, r);
	now = curve_state(process);
	if (r->type == EVENT_SAMPLE) {
		if (!p->no_curves)
			curves_on_sample(&p->curves, r->stamp, &before, &now);
	} else {
		if (!p->no_curves)
			curves_on_gone(&p->curves, r->stamp, &now);
		process->usage.sampled_rss_kb = 0;
		process->usage.sampled_threads = 0;
	}
}

/* Heap events go first: there are most of them. */
static int on_threads_record(struct profile *p, struct thread *thread, const struct record *r)
{
	struct tasks *tasks = &p->tasks;

	switch (r->type) {
	case EVENT_ALLOC:
	case EVENT_ALLOC_BIG:
	case EVENT_FREE:
	case EVENT_REALLOC_FREE:
	case EVENT_REALLOC_ALLOC:
	case EVENT_REALLOC_UNDO:
		p->has_events = true;
		if (!tasks_own(tasks, thread, r->stamp))
			return -ENOMEM;
		return heap_on_event(thread->own->process, thread, thread->current, r);
	case EVENT_TEXT:
		texts_on_event(p, thread, r);
		return 0;
	case EVENT_MODULE:
	case EVENT_MODULE_GONE:
		modules_on_event(thread, r);
		return 0;
	case EVENT_THREAD_START:
	case EVENT_PROCESS_START:
		tasks_on_event(tasks, thread, r);
		edges_on_event(&p->edges, tasks, &p->files, thread, r);
		return 0;
	}
	if (!tasks_own(tasks, thread, r->stamp))
		return -ENOMEM;
	switch (r->type) {
	case EVENT_IO:
	case EVENT_IO_AT:
	case EVENT_FD:
	case EVENT_SEEK:
	case EVENT_META:
		p->has_events = true;
		files_on_event(&p->files, r);
		break;
	case EVENT_LOCK_WAIT:
	case EVENT_UNLOCK_WAKE:
		p->has_events = true;
		locks_on_event(&p->locks, thread, r);
		break;
	case EVENT_EXCEPTION:
		p->has_events = true;
		exceptions_on_event(&p->exceptions, thread->current, r);
		break;
	case EVENT_FORK:
	case EVENT_CHILD_EXIT:
	case EVENT_UNINSTRUMENTED:
		children_on_event(&p->children, thread, r);
		tasks_on_event(tasks, thread, r);
		break;
	case EVENT_TASK_BEGIN:
	case EVENT_TASK_END:
	case EVENT_TASK_JUMP:
		function_tasks_on_event(tasks, thread, r);
		return 0;
	case EVENT_METRIC:
		custom_on_event(p, thread, r);
		return 0;
	case EVENT_PATCHED:
		patches_on_event(&p->patches, r);
		return 0;
	default:
		tasks_on_event(tasks, thread, r);
	}
	edges_on_event(&p->edges, tasks, &p->files, thread, r);
	return 0;
}

int profile_on_record(struct profile *p, const struct record *r)
{
	struct tasks *tasks = &p->tasks;
	struct thread *thread;

	switch (r->type) {
	case EVENT_CLOCK:
		on_clock(p, r);
		return 0;
	case EVENT_SAMPLE:
	case EVENT_PROCESS_GONE:
		on_collected(p, r);
		return 0;
	case EVENT_TORN:
		p->torn_cells += event_TORN_cells(r->v);
		return 0;
	case EVENT_THREAD_CPU:
		tasks_on_collected(tasks, r);
		if (!p->no_curves)
			curves_on_thread_cpu(&p->curves, r->stamp);
		return 0;
	}
	if (!r->thread && r->type == EVENT_TEXT) {
		texts_on_collected(p, r);
		return 0;
	}
	if (!r->thread)
		return 0;
	thread = tasks_thread(tasks, r);
	if (!thread)
		return -ENOMEM;
	if (r->stamp > thread->latest && r->type != EVENT_THREAD_GONE)
		thread->latest = r->stamp;
	return on_threads_record(p, thread, r);
}
