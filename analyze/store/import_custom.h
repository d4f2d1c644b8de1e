/* SPDX-License-Identifier: MIT */
/*
 * Rows of custom metrics: of tasks, while all of them are walked from the leaves to the
 * roots, then of the run and of profiles.
 */
#ifndef TPPROBE_IMPORT_CUSTOM_H
#define TPPROBE_IMPORT_CUSTOM_H

#include "../profile/profile.h"
#include "store.h"

struct custom_writer {
	const struct profile *profile;
	struct store *store;
	int64_t run_id;
	struct row_writer row;
	struct idmap pending; /* struct custom_value: sums over children, by task id */
	struct idmap groups;  /* struct same_name, by name and kind */
	struct pool pool;
	struct custom_value *totals;
	struct fault *fault;
};

/* All of these do nothing when no task has a custom metric. 0 or -errno with a sentence. */
int custom_writer_open(struct custom_writer *w, struct store *store, int64_t run_id,
		       const struct profile *p, struct fault *fault);
/* Children before their parents. */
int custom_writer_task(struct custom_writer *w, const struct task *task);
int custom_writer_end(struct custom_writer *w); /* totals and profiles */
void custom_writer_close(struct custom_writer *w);

#endif
