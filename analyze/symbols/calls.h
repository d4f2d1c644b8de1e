/* SPDX-License-Identifier: MIT */
/*
 * Who calls whom directly, read from the code: a guess at a program's structure, for
 * `tpprobe symbols --suggest`. Calls by pointer are not seen.
 */
#ifndef TPPROBE_CALLS_H
#define TPPROBE_CALLS_H

#include "catalog.h"

#define CALLS_NOBODY UINT32_MAX

struct call_node {
	uint32_t first, callees;   /* in call_graph.callee, each once */
	uint32_t callers;	   /* functions that call it */
	uint32_t loop_in;	   /* one that calls it from a loop; CALLS_NOBODY */
	const char *starts_thread; /* it is handed to this function: "pthread_create"; NULL */
	bool has_loop;
};

struct call_graph {
	struct call_node *node; /* one per function of the catalog */
	uint32_t *callee;
	uint32_t nodes, callees;
};

int calls_init(struct call_graph *g, const struct catalog *catalog);
void calls_fini(struct call_graph *g);

#endif
