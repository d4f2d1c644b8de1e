/* SPDX-License-Identifier: MIT */
/*
 * manifest.json of a trace directory, as collector/trace_dir.h describes it.
 * Every key may be missing: a trace that was cut off is read all the same.
 */
#ifndef TPPROBE_MANIFEST_H
#define TPPROBE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../fault.h"
#include "timeline.h"

struct manifest {
	json_t *root;
};

int manifest_load(const char *dir, struct manifest *m, struct fault *fault);
void manifest_fini(struct manifest *m);

/* Borrowed until manifest_fini(). "" when the key is not there or no text. */
const char *manifest_text(const struct manifest *m, const char *key);
/* A number, also one that is written as a string; `missing` else. */
uint64_t manifest_number(const struct manifest *m, const char *key, uint64_t missing);
/* The same for json values in hand. */
uint64_t manifest_value(const json_t *value, uint64_t missing);
bool manifest_is_complete(const struct manifest *m);
/* Σ of "lost". */
uint64_t manifest_lost(const struct manifest *m);
/* The wait status that `tpprobe run` or `record` saw; false: nobody waited. */
bool manifest_exit(const struct manifest *m, int *wait_status);
/* Puts the clock's base and triples into *t; false when there is no clock. */
bool manifest_clock(const struct manifest *m, struct timeline *t);
/* True while a process that the manifest calls live exists on this machine. */
bool manifest_has_live_process(const struct manifest *m);

#endif
