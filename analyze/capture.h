/* SPDX-License-Identifier: MIT */
/*
 * Capture options, made from preload/options.def: as rows for the option parser,
 * as NAME=value for the collector, and their checks.
 */
#ifndef TPPROBE_CAPTURE_H
#define TPPROBE_CAPTURE_H

#include "options.h"

enum capture_id {
#define OPTION(id, option, argument, variable, kind, missing, state, help) CAPTURE_##id,
#include "preload/options.def"
#undef OPTION
	CAPTURE_OPTIONS
};

enum capture_kind {
	CAPTURE_DIR,
	CAPTURE_FLAG,
	CAPTURE_SPECS,
	CAPTURE_TEXT,
	CAPTURE_LABELS,
	CAPTURE_LEVEL,
	CAPTURE_NUMBER,
	CAPTURE_BYTES,
	CAPTURE_SCHED,
	CAPTURE_FULL,
	CAPTURE_FOLLOW,
	CAPTURE_PRESET
};

struct capture_info {
	const char *option, *argument, *variable, *missing, *help;
	enum capture_kind kind;
	bool is_built;
};
extern const struct capture_info capture_info[CAPTURE_OPTIONS];

struct capture {
	const char *text[CAPTURE_OPTIONS];
	bool flag[CAPTURE_OPTIONS];
	struct option_list list[CAPTURE_OPTIONS];
};

/* Adds the rows to a table that has room for CAPTURE_OPTIONS more. Returns how
 * many. */
int capture_rows(struct capture *c, struct option_row *rows);
/* Checks what was given; takes the rest from the environment where it is valid. */
int capture_check(struct capture *c, struct fault *fault);
/* Is this a value for this option? *fault says why not. */
int capture_check_value(enum capture_id id, const char *value, struct fault *fault);
/* "TPPROBE_LEVEL=counters", … for what was given, closed by NULL. Caller frees
 * the texts and the array. NULL: out of memory. */
char **capture_settings(const struct capture *c);

#endif
