/* SPDX-License-Identifier: MIT */
/*
 * What a reader of the report has to know about the data: one sentence each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profile.h"

struct speaker {
	void (*say)(void *to, const char *sentence);
	void *to;
};

static void say(const struct speaker *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void say(const struct speaker *s, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	s->say(s->to, text);
}

/* Metrics of one source that is not built yet share a sentence. */
static void later_metrics(const struct speaker *s)
{
	for (int i = 0; i < METRICS; i++) {
		const char *source = metric_info[i].source;
		char list[512];
		int n = 0;

		if (metric_info[i].state != STATE_LATER ||
		    (i && metric_info[i - 1].state == STATE_LATER &&
		     !strcmp(metric_info[i - 1].source, source)))
			continue;
		for (int k = i; k < METRICS && !strcmp(metric_info[k].source, source); k++)
			n += snprintf(list + n, sizeof(list) - (size_t)n, "%s%s", n ? ", " : "",
				      metric_info[k].name);
		say(s, "null: %s: needs %s, not built yet in this version", list, source);
	}
}

static void quality(const struct profile *p, const struct speaker *s)
{
	uint64_t lost = manifest_lost(&p->manifest);
	uint64_t ringless = manifest_number(&p->manifest, "threads_without_ring", 0);

	if (lost)
		say(s,
		    "%" PRIu64 " events were lost: sums from counters stay exact, what needs "
		    "single events (heap, files, locks) may be too low",
		    lost);
	if (ringless)
		say(s, "%" PRIu64 " threads found no ring and were not captured", ringless);
	if (p->torn_cells)
		say(s, "%" PRIu64 " cells of rings were never committed and skipped",
		    p->torn_cells);
	if (p->facts.damaged_frames)
		say(s, "%" PRIu64 " blocks of the trace are damaged and were left out",
		    p->facts.damaged_frames);
	if (p->facts.empty_files)
		say(s, "%u segments of the trace are empty or cut off at their start",
		    p->facts.empty_files);
	if (p->facts.cut_bytes)
		say(s,
		    "the trace was cut off or is being written: %" PRIu64
		    " bytes at the end could not be read",
		    p->facts.cut_bytes);
	if (!timeline_is_known(p->clock))
		say(s, "the rate of the session clock is not known: times are guesses");
	if (!p->has_events)
		say(s,
		    "null: memory_temporary_allocations, heap_*, files, peers, locks: the capture "
		    "has no such events (level counters, or the program did nothing of the kind)");
	if (p->files.is_full)
		say(s, "more than %d different paths: the rest is summed as \"(all others)\"",
		    FILE_ROWS_MAX);
	if (p->locks.is_full)
		say(s, "more than %d contended locks: the rest is left out", LOCK_ROWS_MAX);
}

static void endings(const struct profile *p, const struct speaker *s)
{
	uint64_t vanished = 0, running = 0, unsure = 0;
	const struct process *one = NULL;

	for (size_t i = 0; i < p->tasks.process_count; i++) {
		const struct process *process = p->tasks.processes[i];
		enum task_status status = process->task->status;

		running += status == STATUS_running;
		unsure += status != STATUS_running && !process->usage.total.has_switches;
		if (status == STATUS_killed && process->signal < 0) {
			vanished++;
			one = process;
		}
	}
	if (vanished == 1)
		say(s,
		    "process %u (%s) vanished without an exit record and nobody told its status: "
		    "called killed, exit_code and signal are null",
		    one->pid, one->task->name);
	else if (vanished)
		say(s,
		    "%" PRIu64 " processes vanished without an exit record and nobody told their "
		    "status: called killed, exit_code and signal are null",
		    vanished);
	if (unsure)
		say(s,
		    "processes that told nothing on their way out: %" PRIu64 "; their CPU time and "
		    "memory are from samples, their context switches are null and not in the sums",
		    unsure);
	if (running)
		say(s, "processes that had not ended when the trace was read: %" PRIu64, running);
}

void profile_notes(const struct profile *p, void (*to_say)(void *to, const char *sentence),
		   void *to)
{
	const struct speaker s = { to_say, to };
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(p->manifest.root, "notes"), i,
			   note) if (json_is_string(note)) say(&s, "%s", json_string_value(note));
	quality(p, &s);
	endings(p, &s);
	later_metrics(&s);
	say(&s, "null for threads: memory_usage_peak_process_mb, memory_virtual_peak_mb, "
		"memory_delta_mb, disk_*: they belong to a process; in totals: memory_delta_mb");
	say(&s, "waiting times are estimated from the durations of calls and the threads' CPU "
		"clocks; user and system time of short tasks from clock ticks");
}
