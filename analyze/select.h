/* SPDX-License-Identifier: MIT */
/*
 * Which run the user means: a stored one, or a trace directory, which is read
 * into a store in memory unless it was imported already.
 */
#ifndef TPPROBE_SELECT_H
#define TPPROBE_SELECT_H

#include <stdint.h>

#include "store/store.h"

/* Opens the store and finds the run (NULL: the latest). On success the caller
 * closes *store. */
int select_run(const char *run, const char *store_option, struct store *store, int64_t *id,
	       struct fault *fault);
/* Opens the store for reading. */
int select_store(const char *store_option, struct store *store, struct fault *fault);
/* The trace directory of a run. Caller frees. */
int select_trace(const char *run, const char *store_option, char **dir, struct fault *fault);

#endif
