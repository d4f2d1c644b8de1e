/* SPDX-License-Identifier: MIT */
/*
 * A table on a terminal or in a pipe, 80 columns wide.
 */
#ifndef TPPROBE_TABLE_H
#define TPPROBE_TABLE_H

#include <libsmartcols/libsmartcols.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_WIDTH 80

struct table {
	struct libscols_table *table;
	unsigned columns;
};

/* `columns`: names between spaces; with a leading `<` left-aligned, with `~` as
 * well and cut when there is no room, with `+` as well and of as many lines as its text has, with
 * `^` cut and drawn as a tree; all others right-aligned. 0 or -ENOMEM. */
int table_init(struct table *t, FILE *out, const char *columns);
/* A line with one text per column; `parent` is NULL or the line it hangs on.
 * NULL: out of memory. */
struct libscols_line *table_line(struct table *t, struct libscols_line *parent,
				 const char *const *text);
/* Prints and frees. */
void table_print(struct table *t);

#endif
