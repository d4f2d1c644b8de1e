/* SPDX-License-Identifier: MIT */
/*
 * What the sources of the JSON report share.
 */
#ifndef TPPROBE_REPORT_JSON_H
#define TPPROBE_REPORT_JSON_H

#include "../json_out.h"
#include "rows.h"

struct json_report {
	const struct store *store;
	int64_t run_id;
	struct json_out json;
	struct fault *fault;
	char *profile; /* kind and name of the profile that is open */
};

/* A statement about the run, row by row. */
int json_each(struct json_report *r, const char *sql, int (*row)(void *to, sqlite3_stmt *s));
/* The same as an array. */
int json_list(struct json_report *r, const char *key, const char *sql,
	      int (*row)(void *to, sqlite3_stmt *s));
/* Everything behind the profiles. */
int json_tail(struct json_report *r);

#endif
