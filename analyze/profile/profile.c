/* SPDX-License-Identifier: MIT */
/*
 * A trace, read from end to end, and what can be asked of it afterwards.
 */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Words that a record of each type has at least; UINT16_MAX: a type of a later
 * version. A shorter one is not looked into. */
static void fill_needs(uint16_t need[EVENT_TYPES])
{
	for (unsigned type = 0; type < EVENT_TYPES; type++) {
		const struct event_info *info = event_info_get(type);

		need[type] = !info ? UINT16_MAX : info->words ? (uint16_t)info->words : 1;
	}
}

static int read_all(struct profile *p, struct stream *stream, struct fault *fault)
{
	uint16_t need[EVENT_TYPES];
	struct record r;
	int got;

	fill_needs(need);
	while ((got = stream_next(stream, &r, fault)) > 0) {
		p->events += r.type != EVENT_NOP;
		if (r.type >= EVENT_TYPES || r.words < need[r.type])
			continue;
		if (r.thread && r.stamp > p->last)
			p->last = r.stamp;
		if (profile_on_record(p, &r) || p->tasks.out_of_memory || p->files.out_of_memory)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	return got;
}

/* No record came from what was launched: the launcher's wait is all there is. */
static void add_launched(struct profile *p, int status)
{
	const json_t *command = json_object_get(p->manifest.root, "command");
	const json_t *exit = json_object_get(p->manifest.root, "exit");
	struct child_row *row = children_add_launched(
		&p->children, json_string_value(json_array_get(command, 0)), status);

	if (!row || !json_object_get(exit, "utime_us"))
		return;
	row->has_usage = true;
	row->utime_us = manifest_value(json_object_get(exit, "utime_us"), 0);
	row->stime_us = manifest_value(json_object_get(exit, "stime_us"), 0);
	row->peak_rss_kb = manifest_value(json_object_get(exit, "peak_rss_kb"), 0);
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
		add_launched(p, status);
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

/* Processes whose allocator is not ours to see (a sanitizer's) count their calls,
 * but no block has an event. */
static void find_unseen_heaps(struct profile *p)
{
	for (size_t i = 0; i < p->tasks.count && p->has_events && !p->is_window; i++) {
		const struct task *task = p->tasks.all[i];
		struct process *process = task->process;

		if (!counters_get(task->counters, COUNTER_mem_allocs) || process->has_heap_events ||
		    process->heap_is_unseen)
			continue;
		process->heap_is_unseen = true;
		p->heap_unseen++;
	}
}

/* Once everything is read: from records to tasks. */
static int finish(struct profile *p)
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
	edges_finish(&p->edges);
	exceptions_finish(&p->exceptions);
	find_unseen_heaps(p);
	custom_finish(p);
	p->counts_events = profile_counter(p, COUNTER_events) || patches_want_events(p);
	return workers_finish(&p->workers, &p->tasks, p->last, &p->curves);
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
	p->no_curves = manifest_value(json_object_get(json_object_get(p->manifest.root, "options"),
						      "sample_ms"),
				      1) == 0;
	p->is_window = json_object_get(p->manifest.root, "window");
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
	stream = NULL;
	err = finish(p);
	if (err) {
		fault_set(fault, err, "out of memory");
		goto fail;
	}
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
	free(p->collector_text.bytes);
	tasks_fini(&p->tasks);
	files_fini(&p->files);
	locks_fini(&p->locks);
	exceptions_fini(&p->exceptions);
	edges_fini(&p->edges);
	workers_fini(&p->workers);
	children_fini(&p->children);
	custom_fini(&p->custom);
	patches_fini(&p->patches);
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

/* Traces before the first that tells had counters up to this one. */
#define COUNTERS_UNTOLD 35

bool profile_has_counter(const struct profile *p, enum counter_id counter)
{
	return counter < manifest_number(&p->manifest, "counters", COUNTERS_UNTOLD);
}

uint64_t profile_counter(const struct profile *p, enum counter_id counter)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->tasks.count; i++)
		sum += counters_get(p->tasks.all[i]->counters, counter);
	return sum;
}

double profile_memory_limit_mb(const struct profile *p)
{
	uint64_t bytes = manifest_number(&p->manifest, "memory_limit_bytes", 0);

	return bytes ? (double)bytes / 1048576 : NAN;
}
