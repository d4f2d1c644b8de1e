/* SPDX-License-Identifier: MIT */
/*
 * Rows of the store as the reports read them. Texts live during the call.
 */
#ifndef TPPROBE_ROWS_H
#define TPPROBE_ROWS_H

#include <stdint.h>

#include "../metrics.h"
#include "../store/store.h"

#define ROWS_ALL INT64_MAX

struct task_row {
	int64_t run_id, id, parent, created_by;		  /* 0: NULL */
	const char *name, *kind, *status, *command, *cwd; /* the last two may be NULL */
	int64_t pid, tid, exit_code, signal;		  /* -1: NULL */
	double start_seconds;
	struct metrics inclusive, self;
};

struct task_filter {
	const char *glob; /* of the name; NULL: all */
	int64_t longest;  /* so many, by runtime, and all their ancestors; ROWS_ALL */
	bool by_self;	  /* order: self time, without ancestors; else start */
	bool no_inside;	  /* processes and threads alone */
};

/* Metrics of the run as a whole. */
int rows_totals(const struct store *store, int64_t run_id, struct metrics *totals,
		struct fault *fault);
int rows_tasks(const struct store *store, int64_t run_id, const struct task_filter *filter,
	       int (*row)(void *to, const struct task_row *task), void *to, struct fault *fault);
/* Any statement about one run (?1), row by row. */
int rows_each(const struct store *store, int64_t run_id, const char *sql,
	      int (*row)(void *to, sqlite3_stmt *s), void *to, struct fault *fault);

/* "" for NULL; -1 for NULL; NAN for NULL. */
const char *row_text(sqlite3_stmt *s, int column);
int64_t row_int(sqlite3_stmt *s, int column);
double row_real(sqlite3_stmt *s, int column);

#endif
