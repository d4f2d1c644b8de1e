/* SPDX-License-Identifier: MIT */
/*
 * One option parser for all commands, driven by a table.
 *
 * --name=value, --name value, -n value, -nvalue, and -- for the end of options.
 */
#ifndef TPPROBE_OPTIONS_H
#define TPPROBE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

#define OPTION_LIST_MAX 256

enum option_kind {
	OPTION_flag,   /* bool * */
	OPTION_text,   /* const char ** */
	OPTION_number, /* int64_t *, not negative */
	OPTION_list,   /* struct option_list *: may be repeated */
	OPTION_later,  /* refused: what it asks for is not built yet */
};

struct option_list {
	char *text[OPTION_LIST_MAX];
	unsigned count;
};

struct option_row {
	const char *name;     /* "--format"; NULL: end of the table */
	char letter;	      /* 'o' for -o; 0 none */
	const char *argument; /* "DIR"; NULL or "" for a flag */
	enum option_kind kind;
	void *value;
	const char *help;
};

enum options_order {
	OPTIONS_ANYWHERE, /* operands and options mixed */
	OPTIONS_FIRST,	  /* the first operand ends the options: a command follows */
};

#define OPTIONS_HELP (-10000) /* --help was given */

/* Number of operands, moved to argv[0] …, or OPTIONS_HELP, or -EINVAL with a
 * sentence. Starts at argv[1]. */
int options_parse(const struct option_row *rows, int argc, char **argv, enum options_order order,
		  struct fault *fault);
/* Prints a line per option. */
void options_help(const struct option_row *rows);

/* A row that joins another table's rows to this one. */
#define OPTIONS_END                                                                                \
	{                                                                                          \
		NULL, 0, NULL, OPTION_flag, NULL, NULL                                             \
	}

#endif
