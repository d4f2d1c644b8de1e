/* SPDX-License-Identifier: MIT */
/*
 * A trace, read from end to end: hands every record to whom it concerns.
 */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

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
		curves_on_sample(&p->curves, r->stamp, &before, &now);
	} else {
		curves_on_gone(&p->curves, r->stamp, &now);
		process->usage.sampled_rss_kb = 0;
		process->usage.sampled_threads = 0;
	}
}

static int on_record(struct profile *p, const struct record *r)
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
		return 0;
	}
	if (!r->thread)
		return 0;
	thread = tasks_thread(tasks, r);
	if (!thread)
		return -ENOMEM;
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
	case EVENT_IO:
	case EVENT_FD:
		p->has_events = true;
		files_on_event(&p->files, r);
		return 0;
	case EVENT_LOCK_WAIT:
	case EVENT_UNLOCK_WAKE:
		p->has_events = true;
		if (!tasks_own(tasks, thread, r->stamp))
			return -ENOMEM;
		locks_on_event(&p->locks, thread->own->process, r);
		return 0;
	case EVENT_TEXT:
		texts_on_event(tasks, &p->files, thread, r);
		return 0;
	case EVENT_MODULE:
		texts_on_module(thread, r);
		return 0;
	case EVENT_FORK:
	case EVENT_CHILD_EXIT:
	case EVENT_UNINSTRUMENTED:
		if (!tasks_own(tasks, thread, r->stamp))
			return -ENOMEM;
		children_on_event(&p->children, thread, r);
		break;
	}
	tasks_on_event(tasks, thread, r);
	return 0;
}

/* A record that is shorter than its type says is not looked into. */
static bool is_whole(const struct record *r)
{
	const struct event_info *info = event_info_get(r->type);

	return info && r->words >= (info->words ? info->words : 1);
}

static int read_all(struct profile *p, struct stream *stream, struct fault *fault)
{
	struct record r;
	int got;

	while ((got = stream_next(stream, &r, fault)) > 0) {
		p->events += r.type != EVENT_NOP;
		if (!is_whole(&r))
			continue;
		if (r.thread && r.stamp > p->last)
			p->last = r.stamp;
		if (on_record(p, &r) || p->tasks.out_of_memory || p->files.out_of_memory)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	return got;
}

/* What the launcher's wait told goes to the process that it launched: the first
 * one without a parent, unless its own exit record says otherwise (then what was
 * launched is a program without the probe, and this one of its children). */
static void apply_launcher(struct profile *p)
{
	const struct task *first = NULL;
	struct process *process;
	int status;

	if (!manifest_exit(&p->manifest, &status))
		return;
	for (size_t i = 0; i < p->tasks.count; i++) {
		const struct task *task = p->tasks.all[i];

		if (task->kind == TASK_process && !task->creator &&
		    (!first || task->start < first->start))
			first = task;
	}
	if (!first) {
		children_add_launched(&p->children,
				      json_string_value(json_array_get(
					      json_object_get(p->manifest.root, "command"), 0)),
				      status);
		return;
	}
	process = first->process;
	if (process->has_kernel_status || (!process->is_gone && !process->exit_how) ||
	    (process->exit_how && process->exit_how != END_abort &&
	     (process->exit_status & 0xff) != (WIFEXITED(status) ? WEXITSTATUS(status) : -1)))
		return;
	process->has_kernel_status = true;
	process->wait_status = status;
}

/* Once everything is read: from records to tasks. */
static void finish(struct profile *p)
{
	p->first = UINT64_MAX;
	for (size_t i = 0; i < p->tasks.count; i++)
		if (p->tasks.all[i]->start < p->first)
			p->first = p->tasks.all[i]->start;
	if (p->first == UINT64_MAX)
		p->first = 0;
	apply_launcher(p);
	tasks_finish(&p->tasks, p->last);
	files_finish(&p->files);
}

int profile_load(const char *dir, struct profile **out, struct fault *fault)
{
	struct profile *p = calloc(1, sizeof(*p));
	struct stream *stream = NULL;
	int err = -ENOMEM;

	*out = NULL;
	if (p)
		p->clock = calloc(1, sizeof(*p->clock));
	if (!p || !p->clock) {
		fault_set(fault, err, "out of memory");
		goto fail;
	}
	err = manifest_load(dir, &p->manifest, fault);
	if (err)
		goto fail;
	err = stream_open(dir, &stream, fault);
	if (err)
		goto fail;
	p->facts = *stream_facts_get(stream);
	if (!manifest_clock(&p->manifest, p->clock)) {
		const struct segment_header *h = &p->facts.header;
		struct clock_triple base = { h->base_ticks, h->base_raw_ns, h->base_real_ns };

		timeline_init(p->clock, h->clock == 2, &base);
	}
	err = read_all(p, stream, fault);
	if (err)
		goto fail;
	p->facts = *stream_facts_get(stream);
	stream_close(stream);
	finish(p);
	*out = p;
	return 0;
fail:
	stream_close(stream);
	profile_free(p);
	return err;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	manifest_fini(&p->manifest);
	tasks_fini(&p->tasks);
	files_fini(&p->files);
	locks_fini(&p->locks);
	children_fini(&p->children);
	free(p->clock);
	free(p);
}

double profile_seconds(const struct profile *p, uint64_t stamp)
{
	return timeline_seconds(p->clock, stamp) - timeline_seconds(p->clock, p->first);
}

double profile_length(const struct profile *p, uint64_t ticks)
{
	return (double)ticks * timeline_tick_ns(p->clock) / 1e9;
}

uint64_t profile_thread_count(const struct profile *p)
{
	uint64_t count = 0;

	for (size_t i = 0; i < p->tasks.count; i++)
		count += p->tasks.all[i]->kind == TASK_process ||
			 p->tasks.all[i]->kind == TASK_thread;
	return count;
}
