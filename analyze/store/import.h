/* SPDX-License-Identifier: MIT */
/*
 * From a trace directory to the rows of a run, in one transaction.
 */
#ifndef TPPROBE_IMPORT_H
#define TPPROBE_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "../profile/profile.h"
#include "store.h"

#define IMPORT_LONGEST 10000 /* tasks whose metrics are columns of the store */

enum import_result { IMPORT_new, IMPORT_unchanged, IMPORT_replaced };

/* A trace that the store has and that did not grow is left alone; one that grew
 * replaces its rows under the same id. 0, or -errno with a sentence. */
int import_trace(struct store *store, const char *dir, int64_t *run_id, enum import_result *result,
		 struct fault *fault);

/* The run's id, 0 when the store does not have this trace, and whether the
 * stored rows tell all that the directory has now. */
int import_find(const struct store *store, const char *dir, int64_t *run_id, bool *is_current,
		struct fault *fault);

/* Parts, each of them writing one kind of rows. */
int import_tasks(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault);
int import_tables(struct store *store, int64_t run_id, const struct profile *p,
		  struct fault *fault);
int import_parts(struct store *store, int64_t run_id, const struct profile *p, struct fault *fault);

/* Profiles: told of every task (metrics_bytes.h) while all are walked, then written. */
struct import_profiles;
int import_profiles_open(const struct profile *p, struct import_profiles **out);
/* 0 or -errno. */
int import_profiles_put(struct import_profiles *profiles, const struct task *task,
			const void *metrics, size_t bytes);
int import_profiles_write(struct import_profiles *profiles, struct store *store, int64_t run_id,
			  struct fault *fault);
void import_profiles_close(struct import_profiles *profiles); /* NULL is fine */

#endif
