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
	case TEXT_FUNCTION:
	case TEXT_TASK:
		function_tasks_on_name(&p->tasks, (uint32_t)event_TEXT_id(r->v), text, bytes);
		break;
	case TEXT_TYPE:
		exceptions_on_type(&p->exceptions, (uint32_t)event_TEXT_id(r->v), text, bytes);
		break;
	}
}

void texts_on_event(struct profile *p, struct thread *thread, const struct record *r)
{
	struct thread_text *pieces = &thread->text;
	bool goes_on = event_TEXT_flags(r->v) & TEXT_MORE;
	char *more;

	if (!goes_on && !pieces->count) {
		whole(p, thread, r, r->text, r->text_bytes);
		return;
	}
	if (pieces->count + r->text_bytes <= TEXT_WHOLE_MAX) {
		more = realloc(pieces->bytes, pieces->count + r->text_bytes + 1);
		if (!more) {
			p->tasks.out_of_memory = true;
			return;
		}
		pieces->bytes = more;
		memcpy(more + pieces->count, r->text, r->text_bytes);
		pieces->count += r->text_bytes;
	}
	if (goes_on)
		return;
	whole(p, thread, r, pieces->bytes ? pieces->bytes : "", pieces->count);
	free(pieces->bytes);
	pieces->bytes = NULL;
	pieces->count = 0;
}
