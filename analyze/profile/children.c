/* SPDX-License-Identifier: MIT */
/*
 * Child programs that could not be captured.
 */
#include "children.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../grow.h"

const char *child_why(unsigned why)
{
	switch (why) {
	case WHY_static:
		return "static program: it has no dynamic loader";
	case WHY_other_class:
		return "built for another machine or word size";
	case WHY_other_libc:
		return "uses another C library";
	case WHY_privileged:
		return "runs with privileges (set-user-id or file capabilities)";
	case WHY_not_followed:
		return "not followed (--follow)";
	case WHY_seccomp:
		return "started below a seccomp filter of its parent's";
	case WHY_probe_unreadable:
		return "libtpprobe.so cannot be opened from there";
	case WHY_other_user:
		return "started after the program gave up the user who made the session";
	default:
		return "did not load the probe: static, privileged or of another libc";
	}
}

static void name_pid(struct children *c, uint32_t place, uint32_t pid)
{
	c->rows[place].pid = pid;
	if (pid)
		idmap_put(&c->by_pid, pid, (void *)(uintptr_t)(place + 1));
}

/* The place of a new row; NULL: out of memory. */
static struct child_row *add(struct children *c)
{
	struct child_row *rows;

	rows = array_grown(c->rows, c->count, &c->room, sizeof(*rows));
	if (!rows)
		return NULL;
	c->rows = rows;
	return &c->rows[c->count++];
}

static void on_uninstrumented(struct children *c, struct thread *thread, const struct record *r)
{
	uint32_t id = (uint32_t)event_UNINSTRUMENTED_text(r->v);
	const struct thread_text *text = &thread->text;
	struct child_row *row = add(c);

	if (!row)
		return;
	*row = (struct child_row){
		.why = (uint8_t)event_UNINSTRUMENTED_why(r->v),
		.path = strdup(text->exec && (text->exec_id & 0xffffff) == id ? text->exec : ""),
		.parent = thread->current,
	};
	if (event_UNINSTRUMENTED_pid(r->v))
		name_pid(c, c->count - 1, (uint32_t)event_UNINSTRUMENTED_pid(r->v));
	else
		thread->uninstrumented = (int)(c->count - 1);
}

struct child_row *children_add_launched(struct children *c, const char *path, int wait_status)
{
	struct child_row *row = add(c);

	if (row)
		*row = (struct child_row){ .path = strdup(path ? path : ""),
					   .has_status = true,
					   .status = wait_status };
	return row;
}

static void on_child_exit(struct children *c, const struct record *r)
{
	uintptr_t place = (uintptr_t)idmap_get(&c->by_pid, event_CHILD_EXIT_pid(r->v));
	int status = (int)event_CHILD_EXIT_status(r->v);
	struct child_row *row;

	if (!place || c->rows[place - 1].has_status || !(WIFEXITED(status) || WIFSIGNALED(status)))
		return;
	row = &c->rows[place - 1];
	row->has_status = true;
	row->status = status;
	row->has_usage = event_CHILD_EXIT_has_usage(r->v);
	row->utime_us = event_CHILD_EXIT_utime_us(r->v);
	row->stime_us = event_CHILD_EXIT_stime_us(r->v);
	row->peak_rss_kb = event_CHILD_EXIT_peak_rss_kb(r->v);
}

void children_on_event(struct children *c, struct thread *thread, const struct record *r)
{
	switch (r->type) {
	case EVENT_UNINSTRUMENTED:
		on_uninstrumented(c, thread, r);
		break;
	case EVENT_FORK:
		if (thread->uninstrumented >= 0 && (int64_t)event_FORK_pid(r->v) > 0)
			name_pid(c, (uint32_t)thread->uninstrumented,
				 (uint32_t)event_FORK_pid(r->v));
		thread->uninstrumented = -1;
		break;
	case EVENT_CHILD_EXIT:
		on_child_exit(c, r);
		break;
	}
}

void children_fini(struct children *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		free(c->rows[i].path);
	free(c->rows);
	idmap_fini(&c->by_pid);
	*c = (struct children){ 0 };
}
