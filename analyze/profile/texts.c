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

static void whole(struct tasks *tasks, struct files *files, struct thread *thread,
		  const struct record *r, const char *text, uint32_t bytes)
{
	struct image *image = thread->image;
	struct task *own;

	switch (event_TEXT_kind(r->v)) {
	case TEXT_PATH:
	case TEXT_PATH_AT:
	case TEXT_ADDRESS:
		files_on_name(files, event_TEXT_id(r->v), (unsigned)event_TEXT_kind(r->v), text,
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
		own = tasks_own(tasks, thread, r->stamp);
		if (own && own->kind == TASK_thread && bytes)
			replace(&own->name, strndup(text, bytes));
		break;
	}
}

void texts_on_event(struct tasks *tasks, struct files *files, struct thread *thread,
		    const struct record *r)
{
	struct thread_text *pieces = &thread->text;
	bool goes_on = event_TEXT_flags(r->v) & TEXT_MORE;
	char *more;

	if (!goes_on && !pieces->count) {
		whole(tasks, files, thread, r, r->text, r->text_bytes);
		return;
	}
	if (pieces->count + r->text_bytes <= TEXT_WHOLE_MAX) {
		more = realloc(pieces->bytes, pieces->count + r->text_bytes + 1);
		if (!more) {
			tasks->out_of_memory = true;
			return;
		}
		pieces->bytes = more;
		memcpy(more + pieces->count, r->text, r->text_bytes);
		pieces->count += r->text_bytes;
	}
	if (goes_on)
		return;
	whole(tasks, files, thread, r, pieces->bytes ? pieces->bytes : "", pieces->count);
	free(pieces->bytes);
	pieces->bytes = NULL;
	pieces->count = 0;
}

void texts_on_module(struct thread *thread, const struct record *r)
{
	struct image *image = thread->image;
	struct module *more;
	const char *name = thread->text.module, *slash;

	if (!image || !name || thread->text.module_id != event_MODULE_text(r->v))
		return;
	for (uint32_t i = 0; i < image->modules; i++)
		if (image->module[i].base == event_MODULE_base(r->v))
			return;
	more = realloc(image->module, (image->modules + 1) * sizeof(*more));
	if (!more)
		return;
	image->module = more;
	slash = strrchr(name, '/');
	more[image->modules] = (struct module){ .base = event_MODULE_base(r->v),
						.size = event_MODULE_size(r->v),
						.name = strdup(slash ? slash + 1 : name) };
	if (more[image->modules].name)
		image->modules++;
}
