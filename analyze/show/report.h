/* SPDX-License-Identifier: MIT */
/*
 * Reports of one run, made from the store alone.
 */
#ifndef TPPROBE_REPORT_H
#define TPPROBE_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "../store/store.h"

#define REPORT_SCHEMA "tpprobe.report/1"
#define REPORT_JSON_TASKS 10000

struct report_options {
	const char *task; /* name or glob; NULL: all */
	int64_t top;	  /* rows in text tables; 0: the default */
	int all;	  /* every task */
	int summary;	  /* text: only what `run` prints at its end */
	int colours;
};

int report_json(const struct store *store, int64_t run_id, const struct report_options *options,
		FILE *out, struct fault *fault);
int report_text(const struct store *store, int64_t run_id, const struct report_options *options,
		FILE *out, struct fault *fault);

/* Parts of the text report. */
int report_text_sections(const struct store *store, int64_t run_id,
			 const struct report_options *options, FILE *out, struct fault *fault);
/* Functions and marked tasks, by name; and how many there are. */
int report_text_functions(const struct store *store, int64_t run_id,
			  const struct report_options *options, FILE *out, struct fault *fault);
int report_text_count_inside(const struct store *store, int64_t run_id, int64_t *count,
			     struct fault *fault);
void report_text_heading(FILE *out, const struct report_options *options, const char *title);
/* How many rows a table has: as the options say, else `standard`. */
int64_t report_text_top(const struct report_options *options, int64_t standard);

/* Output formats: one row each; make is NULL for those that are not built yet. */
struct report_format {
	const char *name;
	int (*make)(const struct store *store, int64_t run_id, const struct report_options *options,
		    FILE *out, struct fault *fault);
};
extern const struct report_format report_formats[]; /* closed by a NULL name */

#endif
