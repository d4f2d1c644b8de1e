/* SPDX-License-Identifier: MIT */
/*
 * What came of each SPEC, over all objects of the session: "tasks" in the manifest.
 *
 *	[{ "spec": "parse_*", "kind": "task|event|metric", "matched": 12, "patched": 10,
 *	   "refused": [{ "why": "…", "count": 2, "examples": ["…"] }], "problem": "…" }]
 *
 * `matched` and `patched` count functions of objects that were planned for, once however
 * many processes run them. "problem" is there when nothing came of it, or not what the
 * SPEC says. Written by the planner's thread, read by the collector's loop.
 */
#ifndef TPPROBE_PLAN_RESULTS_H
#define TPPROBE_PLAN_RESULTS_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#include "spec.h"

#define RESULTS_EXAMPLES 5
#define RESULTS_REASONS 16 /* of one SPEC; further ones count as the last */

struct result {
	uint32_t matched, patched;
	bool met;      /* an object that it means was there */
	bool stripped; /* one of them without names of static functions */
	char *problem;
	uint32_t reasons;
	struct result_reason {
		const char *why; /* a constant */
		uint32_t count, examples;
		char *example[RESULTS_EXAMPLES];
	} reason[RESULTS_REASONS];
};

struct results {
	pthread_mutex_t lock;
	const struct specs *specs;
	struct result *all; /* one for each SPEC */
	_Atomic uint64_t changes;
};

/* Malformed SPECs are problems from the start. 0 or -ENOMEM. */
int results_init(struct results *r, const struct specs *specs);
void results_fini(struct results *r);

/* An object that this SPEC means was looked at. */
void results_met(struct results *r, uint32_t spec, uint32_t matched, bool stripped);
/* How many functions it has named so far. */
uint32_t results_matched(struct results *r, uint32_t spec);
void results_patched(struct results *r, uint32_t spec);
void results_refused(struct results *r, uint32_t spec, const char *why, const char *name);
/* The first problem of a SPEC stays. */
__attribute__((format(printf, 3, 4))) void results_problem(struct results *r, uint32_t spec,
							   const char *format, ...);
/* Now nothing more will come: SPECs that named nothing have that problem. Each problem
 * is handed to `say`. */
void results_end(struct results *r, void (*say)(void *context, const char *sentence),
		 void *context);
/* A new array; NULL: no memory. */
json_t *results_tell(struct results *r);

#endif
