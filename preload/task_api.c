/* SPDX-License-Identifier: MIT */
/*
 * The entry points of tpprobe.h. What they take and give is plain numbers and bytes, and
 * stays as it is: a change gets a new name (tpprobe_v2_…) beside these.
 */
#include <string.h>

#include "task_mark.h"
#include "task_name.h"

#define EXPORTED __attribute__((visibility("default")))
#define BEGIN_ASYNC 1u /* the only flag so far; others are taken as none */

EXPORTED int tpprobe_v1_active(void);
EXPORTED uint64_t tpprobe_v1_begin(const char *name, uint64_t parent, unsigned flags);
EXPORTED void tpprobe_v1_end(uint64_t task, unsigned failed);
EXPORTED uint64_t tpprobe_v1_current(void);
EXPORTED uint64_t tpprobe_v1_switch(uint64_t task);
EXPORTED void tpprobe_v1_metric(uint64_t task, const char *name, unsigned type, uint64_t value);
EXPORTED void tpprobe_v1_metric_string(uint64_t task, const char *name, const char *text);
EXPORTED void tpprobe_v1_event(uint64_t n);

int tpprobe_v1_active(void)
{
	return probe_enter() != NULL;
}

uint64_t tpprobe_v1_begin(const char *name, uint64_t parent, unsigned flags)
{
	struct probe_thread *t = probe_enter();

	if (!t || !name)
		return 0;
	return mark_begin(t, task_name(t, TEXT_TASK, name), SOURCE_api,
			  flags & BEGIN_ASYNC ? TASK_FLAG_async : 0, parent);
}

void tpprobe_v1_end(uint64_t task, unsigned failed)
{
	struct probe_thread *t = probe_enter();

	if (t)
		mark_end(t, task, failed ? TASK_END_failed : TASK_END_return);
}

uint64_t tpprobe_v1_current(void)
{
	struct probe_thread *t = probe_enter();

	return t ? mark_current(t) : 0;
}

uint64_t tpprobe_v1_switch(uint64_t task)
{
	struct probe_thread *t = probe_enter();
	uint64_t before;

	if (!t)
		return 0;
	before = mark_current(t);
	mark_switch(t, task);
	return before;
}

void tpprobe_v1_metric(uint64_t task, const char *name, unsigned type, uint64_t value)
{
	struct probe_thread *t = probe_enter();

	if (t && name && type >= VALUE_signed && type <= VALUE_float)
		task_tell_metric(t, task_name(t, TEXT_METRIC, name), type, value, mark_task(task));
}

void tpprobe_v1_metric_string(uint64_t task, const char *name, const char *text)
{
	struct probe_thread *t = probe_enter();

	if (t && name && text)
		task_tell_metric_text(t, task_name(t, TEXT_METRIC, name), text,
				      strnlen(text, TASK_TEXT_MAX), mark_task(task));
}

void tpprobe_v1_event(uint64_t n)
{
	struct probe_thread *t = probe_enter();

	if (t)
		task_count_events(t, n);
}
