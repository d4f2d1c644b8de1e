/* SPDX-License-Identifier: MIT */
/*
 * Exceptions that were thrown: how many of each type in each task. Records name
 * a type by number; the TEXT_TYPE that says what it is may come later, since
 * another thread was the first to throw it, so names are looked up at the end.
 */
#ifndef TPPROBE_EXCEPTIONS_H
#define TPPROBE_EXCEPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "tasks.h"

#define EXCEPTION_ROWS_MAX 100000

struct exception_row {
	uint32_t type; /* number */
	const struct task *task;
	const char *name; /* made by exceptions_finish() */
	uint64_t count;
	struct exception_row *same_hash;
};

struct exceptions {
	struct idmap types; /* readable name, by number + 1 */
	struct idmap by_key;
	struct exception_row **rows;
	uint32_t count, room;
	bool is_full;
};

/* EXCEPTION; task: the current one. */
void exceptions_on_event(struct exceptions *e, const struct task *task, const struct record *r);
/* TEXT_TYPE: a mangled type of C++, or plain text. */
void exceptions_on_type(struct exceptions *e, uint32_t type, const char *text, uint32_t bytes);
/* Rows by name, one per name and task, most frequent first; once, at the end. */
void exceptions_finish(struct exceptions *e);
void exceptions_fini(struct exceptions *e);

#endif
