/* SPDX-License-Identifier: MIT */
/*
 * `tpprobe symbols` for people.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "symbols.h"
#include "table.h"

#define NAME_ROOM 8192
#define LAST_WIDTH 24 /* least of the last column */
#define MODULE_WIDTH 16
#define SIZE_COLUMN 6
#define SCORE_COLUMN 6
#define NAME_WIDTH 36 /* columns on a terminal; longer names are cut in the middle */

/* Characters up to the byte `n`. */
static size_t width_of(const char *text, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n && text[i]; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* The beginning and the end of a long name, which both tell it from its neighbours. */
static void cut_middle(char *text, size_t columns)
{
	size_t bytes = strlen(text), head = 0, tail = bytes, width = width_of(text, bytes);

	if (width <= columns)
		return;
	while (width_of(text, head) < (columns - 3) / 2)
		head++;
	while (((unsigned char)text[head] & 0xc0) == 0x80)
		head++;
	while (width_of(text + tail, bytes - tail) < columns - 3 - (columns - 3) / 2)
		tail--;
	memmove(text + head + 3, text + tail, bytes - tail + 1);
	memcpy(text + head, "...", 3);
}

/* Breaks a text into lines where it has blanks. */
static char *fold(char *text, size_t columns)
{
	char *line = text, *blank = NULL;

	for (char *at = text; *at; at++) {
		if (*at == ' ')
			blank = at;
		if (blank && width_of(line, (size_t)(at + 1 - line)) > columns) {
			*blank = '\n';
			line = blank + 1;
			blank = NULL;
		}
	}
	return text;
}

static void name_text(char *out, const struct symbols_view *v, const struct catalog_function *f)
{
	format_safe(out, NAME_ROOM, f->full);
	if (v->is_terminal)
		cut_middle(out, NAME_WIDTH);
}

/* What is left of a line for the last column; on a terminal only, so that in a pipe a
 * function is one line. */
static size_t room_left(const struct symbols_view *v, size_t name_width, size_t others)
{
	size_t used = name_width + others + 2; /* and blanks between */

	if (!v->is_terminal)
		return SIZE_MAX;
	return used + LAST_WIDTH < TABLE_WIDTH ? TABLE_WIDTH - used : LAST_WIDTH;
}

static void module_text(char *out, size_t room, const struct symbols_view *v,
			const struct catalog_module *m)
{
	format_safe(out, room, m->name);
	if (v->is_terminal)
		cut_middle(out, MODULE_WIDTH);
}

static size_t widest_module(const struct symbols_view *v)
{
	size_t widest = strlen("MODULE");
	char module[256];

	for (uint32_t i = 0; i < v->catalog->modules; i++) {
		size_t width;

		module_text(module, sizeof(module), v, &v->catalog->module[i]);
		width = width_of(module, sizeof(module));
		widest = width > widest ? width : widest;
	}
	return widest;
}

static size_t widest_name(const struct symbols_view *v, const uint32_t *function, uint32_t count)
{
	char name[NAME_ROOM];
	size_t widest = strlen("FUNCTION");

	for (uint32_t i = 0; i < count; i++) {
		size_t width;

		name_text(name, v, &v->catalog->function[function[i]]);
		width = width_of(name, sizeof(name));
		widest = width > widest ? width : widest;
	}
	return widest;
}

static int print_functions(const struct symbols_view *v, FILE *out)
{
	const struct catalog *c = v->catalog;
	char name[NAME_ROOM], size[FORMAT_SIZE], module[256], task[256];
	bool has_modules = c->modules > 1;
	size_t left = room_left(v, widest_name(v, v->order, c->matches),
				SIZE_COLUMN + (has_modules ? widest_module(v) + 1 : 0));
	struct table t;

	if (table_init(&t, out,
		       has_modules ? "<FUNCTION SIZE <MODULE +TASK" : "<FUNCTION SIZE +TASK"))
		return -ENOMEM;
	for (uint32_t i = 0; i < c->matches; i++) {
		const struct catalog_function *f = &c->function[v->order[i]];
		const char *text[] = { name, size, has_modules ? module : task, task };

		snprintf(task, sizeof(task), "%s", f->why_not ? f->why_not : "yes");
		fold(task, left);
		name_text(name, v, f);
		format_short_bytes(size, (double)f->size);
		module_text(module, sizeof(module), v, &c->module[f->module]);
		if (!table_line(&t, NULL, text))
			return -ENOMEM;
	}
	table_print(&t);
	return 0;
}

static int print_sum(const struct symbols_view *v, FILE *out)
{
	const struct catalog *c = v->catalog;
	struct symbols_reason *reason = NULL;
	int n = symbols_reasons(c, &reason);

	if (n < 0)
		return n;
	fprintf(out, "\n%u function%s, %u can be %s", c->matches, c->matches == 1 ? "" : "s",
		c->tasks, c->tasks == 1 ? "a task" : "tasks");
	if (n)
		fprintf(out, "; %u cannot: ", c->matches - c->tasks);
	for (int i = 0; i < n; i++)
		fprintf(out, "%s%s (%u)", i ? ", " : "", reason[i].why, reason[i].count);
	fputc('\n', out);
	free(reason);
	return 0;
}

static void print_notes(const struct symbols_view *v, FILE *out)
{
	const struct catalog *c = v->catalog;
	char safe[1024];

	for (uint32_t i = 0; i < c->modules; i++) {
		const struct catalog_module *m = &c->module[i];

		if (*m->problem)
			fprintf(out, "%s: %s\n", format_safe(safe, sizeof(safe), m->path),
				m->problem);
		else if (m->is_stripped && m->count)
			fprintf(out,
				"%s is stripped: functions that it does not export have no names\n",
				format_safe(safe, sizeof(safe), m->name));
	}
	if (c->missing)
		fprintf(out, "libraries that are not found: %s\n",
			format_safe(safe, sizeof(safe), c->missing));
	if (v->target->is_static)
		fprintf(out, "%s is linked statically: the probe cannot be loaded into it\n",
			format_safe(safe, sizeof(safe), v->asked));
}

#define COMMAND_TASKS 8 /* in the line that is ready to be typed */

static int print_suggestions(const struct symbols_view *v, FILE *out)
{
	const struct catalog *c = v->catalog;
	char score[16], size[FORMAT_SIZE], name[NAME_ROOM], safe[NAME_ROOM], why[SUGGEST_WHY * 4];
	const char *text[] = { score, name, size, why };
	uint32_t function[SUGGESTIONS_MAX];
	struct table t;
	size_t left;

	for (int i = 0; i < v->suggestions; i++)
		function[i] = v->suggestion[i].function;
	left = room_left(v, widest_name(v, function, (uint32_t)v->suggestions),
			 SCORE_COLUMN + SIZE_COLUMN);
	if (table_init(&t, out, "SCORE <FUNCTION SIZE +WHY"))
		return -ENOMEM;
	for (int i = 0; i < v->suggestions; i++) {
		const struct suggestion *s = &v->suggestion[i];

		snprintf(score, sizeof(score), "%d", s->score);
		name_text(name, v, &c->function[s->function]);
		format_short_bytes(size, (double)c->function[s->function].size);
		fold(strcpy(why, s->why), left);
		if (!table_line(&t, NULL, text))
			return -ENOMEM;
	}
	table_print(&t);
	fputs("\ntpprobe run", out);
	for (int i = 0; i < v->suggestions && i < COMMAND_TASKS; i++) {
		symbols_spec(name, sizeof(name), v, v->suggestion[i].function);
		fprintf(out, " --task '%s'", format_safe(safe, sizeof(safe), name));
	}
	fprintf(out, " -- %s\n",
		v->target->is_library ? "CMD" : format_safe(safe, sizeof(safe), v->asked));
	return 0;
}

int symbols_text(const struct symbols_view *v, FILE *out)
{
	int err;

	if (v->is_suggesting)
		return print_suggestions(v, out);
	err = print_functions(v, out);
	if (!err)
		err = print_sum(v, out);
	print_notes(v, out);
	return err;
}
