/* SPDX-License-Identifier: MIT */
/*
 * What a reader of the report has to know about the data: one sentence each.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "notes.h"

void note_say(const struct speaker *s, const char *format, ...)
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
		note_say(s, "null: %s: needs %s, not built yet in this version", list, source);
	}
}

/* What the flight recorder has let go. */
static void window(const struct profile *p, const struct speaker *s)
{
	const json_t *w = json_object_get(p->manifest.root, "window"), *value;
	uint64_t dropped = 0, until;
	const char *class;

	if (!p->is_window)
		return;
	json_object_foreach(json_object_get(w, "dropped"), class, value) dropped +=
		manifest_value(value, 0);
	until = manifest_value(json_object_get(w, "dropped_to_stamp"), p->first);
	note_say(s,
		 "--max-size: the oldest %" PRIu64
		 " events were dropped, all of them before second "
		 "%.3f; totals and tasks are whole; null: memory_temporary_allocations, heap_*; "
		 "files, "
		 "peers, locks, exceptions, wakes: of what is left",
		 dropped, profile_seconds(p, until > p->first ? until : p->first));
	if (json_is_true(json_object_get(w, "squeezed")))
		note_say(s,
			 "--max-size: curves, and names of files, are those of what is left; the "
			 "peak memory of processes that were killed before that is not known");
}

/* "mem 5 of 100, io 1 of 7": lost, of what the hooks told. */
static void list_lost(const struct profile *p, char *list, size_t room)
{
	const json_t *recorded = json_object_get(p->manifest.root, "recorded"), *value;
	const char *class;
	size_t n = 0;

	*list = '\0';
	json_object_foreach(json_object_get(p->manifest.root, "lost"), class, value)
	{
		uint64_t lost = manifest_value(value, 0);

		if (!lost || !recorded || n >= room)
			continue;
		n += (size_t)snprintf(list + n, room - n, "%s%.20s %" PRIu64 " of %" PRIu64,
				      n ? ", " : " (", class, lost,
				      lost + manifest_value(json_object_get(recorded, class), 0));
	}
	if (n && n + 1 < room)
		strcpy(list + n, ")");
}

static void quality(const struct profile *p, const struct speaker *s)
{
	uint64_t lost = manifest_lost(&p->manifest);
	uint64_t ringless = manifest_number(&p->manifest, "threads_without_ring", 0);
	char classes[300];

	list_lost(p, classes, sizeof(classes));
	if (lost)
		note_say(s,
			 "%" PRIu64
			 " events were lost%s: sums from counters stay exact, what needs "
			 "single events (heap, files, locks) may be too low",
			 lost, classes);
	window(p, s);
	if (ringless)
		note_say(s, "%" PRIu64 " threads found no ring and were not captured", ringless);
	if (p->torn_cells)
		note_say(s, "%" PRIu64 " cells of rings were never committed and skipped",
			 p->torn_cells);
	if (p->facts.damaged_frames)
		note_say(s, "%" PRIu64 " blocks of the trace are damaged and were left out",
			 p->facts.damaged_frames);
	if (p->facts.empty_files)
		note_say(s, "%u segments of the trace are empty or cut off at their start",
			 p->facts.empty_files);
	if (p->facts.gone_files)
		note_say(s,
			 "%u segments were let go by the flight recorder (--max-size) while the "
			 "trace "
			 "was read: what they told is not in here",
			 p->facts.gone_files);
	if (p->facts.cut_bytes)
		note_say(s,
			 "the trace was cut off or is being written: %" PRIu64
			 " bytes at the end could not be read",
			 p->facts.cut_bytes);
	if (!timeline_is_known(p->clock))
		note_say(s, "the rate of the session clock is not known: times are guesses");
	if (!p->has_events)
		note_say(s, "null: memory_temporary_allocations, heap_*, files, peers, locks: the "
			    "capture "
			    "has no such events (level counters, or the program did nothing of the "
			    "kind)");
	if (p->files.is_full)
		note_say(s, "more than %d different paths: the rest is summed as \"(all others)\"",
			 FILE_ROWS_MAX);
	if (p->locks.is_full)
		note_say(s, "more than %d contended locks: the rest is left out", LOCK_ROWS_MAX);
}

/* What is not in the numbers, or not in all of them. */
static void coverage(const struct profile *p, const struct speaker *s)
{
	uint64_t children = 0, cpu_us = 0;

	for (uint32_t i = 0; i < p->children.count; i++) {
		const struct child_row *row = &p->children.rows[i];

		children += row->has_usage;
		cpu_us += row->utime_us + row->stime_us;
	}
	if (children)
		note_say(s,
			 "%.3f s of CPU time that %" PRIu64
			 " programs without the probe (and what they "
			 "waited for) used are in uninstrumented, not in any task's metrics",
			 (double)cpu_us / 1e6, children);
	if (p->heap_unseen)
		note_say(
			s,
			"null for %u processes: heap_*, memory_temporary_allocations: no block "
			"that "
			"they "
			"allocated has an event (the allocator is a sanitizer's, or all were lost)",
			p->heap_unseen);
	if (!profile_has_counter(p, COUNTER_exceptions))
		note_say(s, "null: exceptions_raised: the trace is of a version that did not count "
			    "them");
	if (profile_counter(p, COUNTER_stdio_transfers))
		note_say(s, "estimated: file_read_bytes, file_write_bytes, io_read_count, "
			    "io_write_count: what stdio transferred is told from its buffers");
	if (p->exceptions.is_full)
		note_say(
			s,
			"more than %d kinds of exceptions by task: the rest is in the metrics only",
			EXCEPTION_ROWS_MAX);
	if (p->edges.is_full)
		note_say(s,
			 "more than %d pairs of tasks that made each other wait: the rest is left "
			 "out",
			 EDGE_ROWS_MAX);
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
		note_say(s,
			 "process %u (%s) vanished without an exit record and nobody told its "
			 "status: "
			 "called killed, exit_code and signal are null",
			 one->pid, one->task->name);
	else if (vanished)
		note_say(s,
			 "%" PRIu64
			 " processes vanished without an exit record and nobody told their "
			 "status: called killed, exit_code and signal are null",
			 vanished);
	if (unsure)
		note_say(s,
			 "processes that told nothing on their way out: %" PRIu64
			 "; their CPU time and "
			 "memory are from samples, their context switches are null and not in the "
			 "sums",
			 unsure);
	if (running)
		note_say(s, "processes that had not ended when the trace was read: %" PRIu64,
			 running);
}

void profile_notes(const struct profile *p, void (*to_say)(void *to, const char *sentence),
		   void *to)
{
	const struct speaker s = { to_say, to };
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(p->manifest.root, "notes"), i,
			   note) if (json_is_string(note))
		note_say(&s, "%s", json_string_value(note));
	quality(p, &s);
	coverage(p, &s);
	endings(p, &s);
	task_notes(p, &s);
	later_metrics(&s);
	note_say(&s,
		 "null for threads: memory_usage_peak_process_mb, memory_virtual_peak_mb, "
		 "memory_delta_mb, disk_*: they belong to a process; in totals: memory_delta_mb");
	note_say(&s, "waiting times are estimated from the durations of calls and the threads' CPU "
		     "clocks; user and system time of short tasks from clock ticks");
}
