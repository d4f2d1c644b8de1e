/* SPDX-License-Identifier: MIT */
/*
 * Exceptions that were thrown.
 */
#include "exceptions.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

/* Names of types come from the program: the demangler limits its recursion by
 * itself, and longer names than this stay as they are. */
#define MANGLED_MAX 4096

static char *readable(const char *text, uint32_t bytes)
{
	char *name = strndup(text, bytes), *demangled = NULL;

	/* libstdc++ marks types that are local to a module by a star. */
	if (name && strlen(name) <= MANGLED_MAX)
		demangled = cplus_demangle_v3(name + (*name == '*'), DMGL_TYPES | DMGL_PARAMS);
	if (!demangled)
		return name;
	free(name);
	return demangled;
}

void exceptions_on_type(struct exceptions *e, uint32_t type, const char *text, uint32_t bytes)
{
	uint64_t key = (uint64_t)type + 1;
	char *name;

	if (idmap_get(&e->types, key) || e->types.count >= EXCEPTION_ROWS_MAX)
		return;
	name = readable(text, bytes);
	if (!name || idmap_put(&e->types, key, name))
		free(name);
}

static struct exception_row *row_get(struct exceptions *e, uint32_t type, const struct task *task)
{
	uint64_t key = idmap_hash(task->id ^ (uint64_t)type << 40) | 1;
	struct exception_row *first = idmap_get(&e->by_key, key), *row = first;
	struct exception_row **rows;

	while (row && (row->type != type || row->task != task))
		row = row->same_hash;
	if (row)
		return row;
	if (e->count >= EXCEPTION_ROWS_MAX) {
		e->is_full = true;
		return NULL;
	}
	rows = array_grown(e->rows, e->count, &e->room, sizeof(*rows));
	if (!rows)
		return NULL;
	e->rows = rows;
	row = calloc(1, sizeof(*row));
	if (!row || idmap_put(&e->by_key, key, row)) {
		free(row);
		return NULL;
	}
	row->type = type;
	row->task = task;
	row->same_hash = first;
	return e->rows[e->count++] = row;
}

void exceptions_on_event(struct exceptions *e, const struct task *task, const struct record *r)
{
	struct exception_row *row = row_get(e, (uint32_t)event_EXCEPTION_text(r->v), task);

	if (row)
		row->count++;
}

static int by_name(const void *a, const void *b)
{
	const struct exception_row *x = *(struct exception_row *const *)a;
	const struct exception_row *y = *(struct exception_row *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->task->id > y->task->id) - (x->task->id < y->task->id);
}

static int by_count(const void *a, const void *b)
{
	const struct exception_row *x = *(struct exception_row *const *)a;
	const struct exception_row *y = *(struct exception_row *const *)b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : by_name(a, b);
}

void exceptions_finish(struct exceptions *e)
{
	uint32_t kept = 0;

	if (!e->count)
		return;
	for (uint32_t i = 0; i < e->count; i++) {
		const char *name = idmap_get(&e->types, (uint64_t)e->rows[i]->type + 1);

		e->rows[i]->name = name ? name : "(unknown)";
	}
	qsort(e->rows, e->count, sizeof(struct exception_row *), by_name);
	/* Processes and modules number the same type differently. */
	for (uint32_t i = 0; i < e->count; i++) {
		struct exception_row *row = e->rows[i], *last = kept ? e->rows[kept - 1] : NULL;

		if (last && last->task == row->task && !strcmp(last->name, row->name)) {
			last->count += row->count;
			free(row);
		} else {
			e->rows[kept++] = row;
		}
	}
	e->count = kept;
	idmap_fini(&e->by_key);
	qsort(e->rows, e->count, sizeof(struct exception_row *), by_count);
}

void exceptions_fini(struct exceptions *e)
{
	for (uint32_t i = 0; i < e->count; i++)
		free(e->rows[i]);
	for (size_t i = 0; i < e->types.places; i++)
		free(e->types.entry[i].value);
	free(e->rows);
	idmap_fini(&e->types);
	idmap_fini(&e->by_key);
	*e = (struct exceptions){ 0 };
}
