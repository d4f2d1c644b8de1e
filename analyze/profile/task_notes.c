/* SPDX-License-Identifier: MIT */
/*
 * Notes on tasks inside processes: which functions are none and why, what was lost.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notes.h"

#define REASONS_MAX 8 /* of one SPEC */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* "a, b, c" */
static void list_examples(const json_t *examples, char *list, size_t room)
{
	const json_t *name;
	size_t i, n = 0;

	*list = '\0';
	json_array_foreach(examples, i, name)
	{
		if (!json_is_string(name) || n + 2 >= room)
			continue;
		n += (size_t)snprintf(list + n, room - n, "%s%.80s", n ? ", " : "",
				      json_string_value(name));
	}
}

/* The collector told it as a note as well. */
static bool is_said(const struct profile *p, const char *sentence)
{
	const json_t *note;
	size_t i;

	json_array_foreach(json_object_get(p->manifest.root, "notes"), i, note)
	{
		if (json_is_string(note) && !strcmp(json_string_value(note), sentence))
			return true;
	}
	return false;
}

static void spec(const struct profile *p, const struct speaker *s, const json_t *spec)
{
	const char *kind = text_of(spec, "kind"), *text = text_of(spec, "spec");
	const char *problem = text_of(spec, "problem");
	char sentence[800], list[500];
	const json_t *reason;
	size_t i;

	snprintf(sentence, sizeof(sentence), "--%s %.200s: %.500s", kind, text, problem);
	if (*problem && !is_said(p, sentence))
		note_say(s, "%s", sentence);
	json_array_foreach(json_object_get(spec, "refused"), i, reason)
	{
		uint64_t count = manifest_value(json_object_get(reason, "count"), 0);

		if (i == REASONS_MAX) {
			note_say(s,
				 "--%s %.200s: functions are not patched for more reasons; "
				 "session.log and `tpprobe symbols` have them",
				 kind, text);
			break;
		}
		list_examples(json_object_get(reason, "examples"), list, sizeof(list));
		note_say(s, "--%s %.200s: %" PRIu64 " %s not patched: %.200s (%s%s)", kind, text,
			 count, count == 1 ? "function is" : "functions are",
			 text_of(reason, "why"), list,
			 count > json_array_size(json_object_get(reason, "examples")) ? ", ..."
										      : "");
	}
}

static const char *why_not(uint32_t why)
{
	static const char *const text[] = {
		[PATCH_late] = "the plan did not come in time",
		[PATCH_threads] = "other threads were running already",
		[PATCH_no_memory] = "there was no room for code within reach of it",
		[PATCH_denied] = "its code cannot be written: /proc/self/mem and mprotect refused, "
				 "or seccomp did",
		[PATCH_changed] = "its code in memory is not what the file says",
		[PATCH_bad_plan] = "the plan is damaged or of another version",
		[PATCH_no_plan] = "the plan cannot be opened: by another user, below another root "
				  "directory, or without a free descriptor",
	};

	return why < sizeof(text) / sizeof(text[0]) && text[why] ? text[why]
								 : "for a reason that this "
								   "version does not know";
}

static void objects(const struct profile *p, const struct speaker *s)
{
	for (uint32_t i = 0; i < p->patches.count; i++) {
		const struct patch_row *row = &p->patches.rows[i];
		const char *name = idmap_get(&p->tasks.functions.names, (uint64_t)row->text + 1);
		char count[40] = "";

		if (row->why == PATCH_done)
			continue;
		if (row->left)
			snprintf(count, sizeof(count), "%" PRIu64 " ", row->left);
		if (row->processes > 1)
			note_say(s,
				 "%sfunctions of %.300s were not made tasks, %" PRIu64 " times: %s",
				 count, name ? name : "an object", row->processes,
				 why_not(row->why));
		else
			note_say(s, "%sfunctions of %.300s were not made tasks: %s", count,
				 name ? name : "an object", why_not(row->why));
	}
}

static void endings(const struct profile *p, const struct speaker *s)
{
	const struct function_tasks *f = &p->tasks.functions;
	uint64_t running = 0;

	for (size_t i = 0; f->began && i < p->tasks.count; i++) {
		const struct task *task = p->tasks.all[i];

		running += task_is_inside(task) && task->status == STATUS_running &&
			   task->end != STAMP_NEVER;
	}
	if (running)
		note_say(s,
			 "functions and marked tasks whose end was not told before their thread "
			 "or program ended (status running): %" PRIu64,
			 running);
	if (f->unknown_ends)
		note_say(s,
			 "ends of tasks that had not begun, or had ended: %" PRIu64
			 "; they were left out (the begins may be lost)",
			 f->unknown_ends);
	if (f->odd_begins)
		note_say(s, "tasks that began twice: %" PRIu64 "; left out", f->odd_begins);
	if (f->began)
		note_say(s, "of functions and marked tasks: cpu_user_seconds, cpu_system_seconds "
			    "are estimated: the CPU time of their threads, shared out by the time "
			    "in which they did not wait; null: context_switches*, "
			    "page_faults_major, disk_*");
}

void task_notes(const struct profile *p, const struct speaker *s)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(p->manifest.root, "tasks"), i, one) spec(p, s, one);
	objects(p, s);
	endings(p, s);
	if (p->custom.is_full)
		note_say(s, "more than %d custom metrics: the rest is left out",
			 CUSTOM_METRICS_MAX);
	else if (p->custom.left_out)
		note_say(s,
			 "values of custom metrics that are neither numbers nor texts: %" PRIu64
			 "; left out",
			 p->custom.left_out);
	if (!p->counts_events)
		note_say(s, "null: events_processed, event_rate_hz: no --event named a function, "
			    "and the program told of none");
}
