/* SPDX-License-Identifier: MIT */
/*
 * What `tpprobe symbols` prints.
 */
#ifndef TPPROBE_SHOW_SYMBOLS_H
#define TPPROBE_SHOW_SYMBOLS_H

#include <stdio.h>

#include "../symbols/catalog.h"
#include "../symbols/suggest.h"

struct symbols_view {
	const struct target *target;
	const char *asked;   /* FILE|CMD as it was typed */
	const char *pattern; /* NULL: none */
	const struct catalog *catalog;
	const uint32_t *order; /* the functions that are meant, as they are to be shown */
	bool is_terminal;
	bool is_suggesting;
	const struct suggestion *suggestion;
	int suggestions;
};

struct symbols_format {
	const char *name;
	int (*print)(const struct symbols_view *v, FILE *out); /* 0 or -ENOMEM */
};
extern const struct symbols_format symbols_formats[]; /* closed by a NULL name */

int symbols_text(const struct symbols_view *v, FILE *out);
int symbols_json(const struct symbols_view *v, FILE *out);
int symbols_csv(const struct symbols_view *v, FILE *out);

/* Why functions cannot be tasks, by falling count. */
struct symbols_reason {
	const char *why;
	uint32_t count;
};
/* Of the functions that are meant. *reasons is to be freed. Their number, or -ENOMEM. */
int symbols_reasons(const struct catalog *c, struct symbols_reason **reasons);

/* The SPEC that names a function: `lib!` before those of libraries, and `?` for what has a
 * meaning of its own in a pattern. */
const char *symbols_spec(char *out, size_t room, const struct symbols_view *v, uint32_t function);

#endif
