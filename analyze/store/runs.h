/* SPDX-License-Identifier: MIT */
/*
 * Runs in the store: which one a user means, and the list of them.
 */
#ifndef TPPROBE_RUNS_H
#define TPPROBE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

/* A number, `latest`, `latest~N` or a name (of several runs: the newest).
 * -ENOENT with a sentence when there is none. */
int runs_find(const struct store *store, const char *run, int64_t *id, struct fault *fault);

/* What a list command filters by. NULL: everything. */
struct run_filter {
	const char *env, *stage, *name;
	char **labels; /* KEY=VALUE */
	unsigned label_count;
	int64_t since_ns; /* started after; 0: all */
};

struct run_row {
	int64_t id, started_real_ns, exit_code, signal; /* -1: NULL */
	const char *name, *command, *env, *stage, *status, *host, *trace_dir, *session_id;
	double runtime_seconds;
	int64_t tasks_total;
	bool is_complete;
};

/* Calls `row` for each run, oldest first; texts live during the call. */
int runs_each(const struct store *store, const struct run_filter *filter,
	      int (*row)(void *to, const struct run_row *run), void *to, struct fault *fault);

int runs_label(const struct store *store, int64_t id, const char *key, const char *value,
	       struct fault *fault);
int runs_remove(const struct store *store, int64_t id, struct fault *fault);
/* Directory of a run's trace. Caller frees; NULL when there is no such run. */
char *runs_trace_dir(const struct store *store, int64_t id);
/* Imports runs again that were not complete and whose traces have finished or
 * grown since. What does not work stays as it is. */
int runs_refresh(struct store *store, struct fault *fault);

/* Seconds of "7d", "12h", "30m", "90s", "2w"; -1: not like that. */
int64_t runs_parse_age(const char *text);

#endif
