/* SPDX-License-Identifier: MIT */
/*
 * A table on a terminal or in a pipe, by libsmartcols.
 */
#include "table.h"

#include <errno.h>
#include <string.h>

int table_init(struct table *t, FILE *out, const char *columns)
{
	char names[256], *name, *rest = names;

	*t = (struct table){ .table = scols_new_table() };
	if (!t->table)
		return -ENOMEM;
	snprintf(names, sizeof(names), "%s", columns);
	scols_table_set_stream(t->table, out);
	scols_table_set_termforce(t->table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(t->table, TABLE_WIDTH);
	while ((name = strsep(&rest, " "))) {
		int flags = *name == '^'   ? SCOLS_FL_TREE | SCOLS_FL_TRUNC
			    : *name == '~' ? SCOLS_FL_TRUNC
			    : *name == '+' ? SCOLS_FL_WRAP
			    : *name == '<' ? 0
					   : SCOLS_FL_RIGHT;
		int has_mark = strchr("^~<+", *name) != NULL;

		struct libscols_column *column = scols_table_new_column(
			t->table, name + has_mark, flags & SCOLS_FL_TRUNC ? 0.2 : 1, flags);

		if (!column) {
			scols_unref_table(t->table);
			return -ENOMEM;
		}
		if (flags & SCOLS_FL_WRAP) {
			scols_column_set_safechars(column, "\n");
			scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
						  scols_wrapnl_nextchunk, NULL);
		}
		t->columns++;
	}
	return 0;
}

struct libscols_line *table_line(struct table *t, struct libscols_line *parent,
				 const char *const *text)
{
	struct libscols_line *line = scols_table_new_line(t->table, parent);

	for (unsigned i = 0; line && i < t->columns; i++)
		if (scols_line_set_data(line, i, text[i]))
			return NULL;
	return line;
}

void table_print(struct table *t)
{
	scols_print_table(t->table);
	scols_unref_table(t->table);
	t->table = NULL;
}
