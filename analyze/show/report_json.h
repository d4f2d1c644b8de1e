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
	char *profile;		  /* kind and name of the profile that is open */
	struct row_writer custom; /* no statement: there are no custom metrics */
};

/* A statement about the run, row by row. */
int json_each(struct json_report *r, const char *sql, int (*row)(void *to, sqlite3_stmt *s));
/* The same as an array. */
int json_list(struct json_report *r, const char *key, const char *sql,
	      int (*row)(void *to, sqlite3_stmt *s));
/* Custom metrics of a task (0: of the run) into the object that is open; its texts as an
 * object of their own, if it has any. */
int json_custom_open(struct json_report *r);
void json_custom(struct json_report *r, int64_t task, bool is_self);
void json_custom_texts(struct json_report *r, int64_t task);
void json_custom_close(struct json_report *r);
/* Everything behind the profiles. */
int json_tail(struct json_report *r);

#endif
