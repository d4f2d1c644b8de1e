/* SPDX-License-Identifier: MIT */
/*
 * A trace, read from end to end and summed up: what the store takes in.
 *
 *	stream ─▶ tasks ─▶ heap, usage
 *	       ─▶ files, locks, children, curves
 *
 * Memory is bounded by tasks, live heap, files and locks, not by events. Stamps
 * and durations stay in ticks until they are asked for, since the rate of the
 * clock is known best at the end.
 */
#ifndef TPPROBE_PROFILE_H
#define TPPROBE_PROFILE_H

#include "../fault.h"
#include "../metrics.h"
#include "../read/manifest.h"
#include "../read/timeline.h"
#include "children.h"
#include "curves.h"
#include "files.h"
#include "locks.h"
#include "tasks.h"

struct profile {
	struct manifest manifest;
	struct timeline *clock;
	struct stream_facts facts;
	struct tasks tasks;
	struct files files;
	struct locks locks;
	struct children children;
	struct curves curves;
	uint64_t events;
	uint64_t first, last; /* stamps: start of the first task, last of all */
	uint64_t torn_cells;
	bool has_events; /* level trace or above: not only counters */
};

/* 0, or -errno with a sentence. */
int profile_load(const char *dir, struct profile **out, struct fault *fault);
void profile_free(struct profile *p); /* NULL is fine */

/* Seconds from the run's start; of a length in ticks. */
double profile_seconds(const struct profile *p, uint64_t stamp);
double profile_length(const struct profile *p, uint64_t ticks);

/* What a task did itself; what its tree did is made by adding up. */
void profile_self(const struct profile *p, const struct task *task, struct metrics *self);
/* From the sum over the tree (metrics_add) to the inclusive metrics of a task. */
void profile_inclusive(const struct profile *p, const struct task *task, struct metrics *sum);
/* The run as a whole, from the sum over all tasks. */
void profile_totals(const struct profile *p, struct metrics *sum);

/* Threads of all processes, main threads included. */
uint64_t profile_thread_count(const struct profile *p);

/* Sentences for capture.notes: calls `say` for each. */
void profile_notes(const struct profile *p, void (*say)(void *to, const char *sentence), void *to);

#endif
