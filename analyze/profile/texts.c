/* SPDX-License-Identifier: MIT */
/*
 * TEXT records.
 */
#include "texts.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_WHOLE_MAX (1u << 20) /* pieces beyond this are dropped */

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void name_thread(struct task *task, const char *text, uint32_t bytes)
{
	if (task && task->kind == TASK_thread && bytes)
		task_name(task, text, bytes);
}

/* The handle of a thread, then the name that another one gave it. */
static void name_thread_of(struct profile *p, struct thread *by, const struct record *r,
			   const char *text, uint32_t bytes)
{
	const unsigned char *b = (const unsigned char *)text;
	uint32_t handle;

	if (bytes < 4 || !tasks_own(&p->tasks, by, r->stamp))
		return;
	handle = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	name_thread(edges_joinable(&p->edges, &p->tasks, by->own->process, handle), text + 4,
		    bytes - 4);
}

/* Names of the session, whoever tells them. */
static void whole_of_session(struct profile *p, const struct record *r, const char *text,
			     uint32_t bytes)
{
	uint32_t id = (uint32_t)event_TEXT_id(r->v);

	switch (event_TEXT_kind(r->v)) {
	case TEXT_FUNCTION:
	case TEXT_TASK:
	case TEXT_METRIC:
	case TEXT_PLAN:
		function_tasks_on_name(&p->tasks, id, text, bytes);
		break;
	}
}

static void whole(struct profile *p, struct thread *thread, const struct record *r,
		  const char *text, uint32_t bytes)
{
	struct image *image = thread->image;

	switch (event_TEXT_kind(r->v)) {
	case TEXT_PATH:
	case TEXT_PATH_AT:
	case TEXT_ADDRESS:
	case TEXT_LOCAL_ADDRESS:
		files_on_name(&p->files, event_TEXT_id(r->v), (unsigned)event_TEXT_kind(r->v), text,
			      bytes);
		break;
	case TEXT_ARGV:
		if (!image)
			break;
		replace(&image->argv, malloc((size_t)bytes + 1));
		if (!image->argv)
			break;
		memcpy(image->argv, text, bytes);
		image->argv[bytes] = '\0';
		image->argv_bytes = bytes;
		break;
	case TEXT_CWD:
		if (image)
			replace(&image->cwd, strndup(text, bytes));
		break;
	case TEXT_EXE:
		if (image)
			replace(&image->exe, strndup(text, bytes));
		break;
	case TEXT_EXEC:
		replace(&thread->text.exec, strndup(text, bytes));
		thread->text.exec_id = (uint32_t)event_TEXT_id(r->v);
		break;
	case TEXT_VALUE:
		replace(&thread->text.value, strndup(text, bytes));
		thread->text.value_id = (uint32_t)event_TEXT_id(r->v);
		break;
	case TEXT_MODULE:
		replace(&thread->text.module, strndup(text, bytes));
		thread->text.module_id = (uint32_t)event_TEXT_id(r->v);
		break;
	case TEXT_COMM:
		name_thread(tasks_own(&p->tasks, thread, r->stamp), text, bytes);
		break;
	case TEXT_COMM_OF:
		name_thread_of(p, thread, r, text, bytes);
		break;
	case TEXT_TYPE:
		exceptions_on_type(&p->exceptions, (uint32_t)event_TEXT_id(r->v), text, bytes);
		break;
	default:
		whole_of_session(p, r, text, bytes);
	}
}

static void forget(struct thread_text *pieces)
{
	free(pieces->bytes);
	pieces->bytes = NULL;
	pieces->count = 0;
}

/* True when the text is whole: *text and *bytes are it, until the pieces are forgotten. */
static bool put_together(struct profile *p, struct thread_text *pieces, const struct record *r,
			 const char **text, uint32_t *bytes)
{
	bool goes_on = event_TEXT_flags(r->v) & TEXT_MORE;
	char *more;

	*text = r->text;
	*bytes = r->text_bytes;
	if (!goes_on && !pieces->count)
		return true;
	if (pieces->count + r->text_bytes <= TEXT_WHOLE_MAX) {
		more = realloc(pieces->bytes, pieces->count + r->text_bytes + 1);
		if (!more) {
			p->tasks.out_of_memory = true;
			return false;
		}
		pieces->bytes = more;
		memcpy(more + pieces->count, r->text, r->text_bytes);
		pieces->count += r->text_bytes;
	}
	*text = pieces->bytes ? pieces->bytes : "";
	*bytes = pieces->count;
	return !goes_on;
}

void texts_on_event(struct profile *p, struct thread *thread, const struct record *r)
{
	const char *text;
	uint32_t bytes;

	if (put_together(p, &thread->text, r, &text, &bytes)) {
		whole(p, thread, r, text, bytes);
		forget(&thread->text);
	}
}

void texts_on_collected(struct profile *p, const struct record *r)
{
	const char *text;
	uint32_t bytes;

	if (put_together(p, &p->collector_text, r, &text, &bytes)) {
		whole_of_session(p, r, text, bytes);
		forget(&p->collector_text);
	}
}
