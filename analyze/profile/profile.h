/* SPDX-License-Identifier: MIT */
/*
 * A trace, read from end to end and summed up: what the store takes in.
 *
 *	stream ─▶ tasks ─▶ heap, usage
 *	       ─▶ files, locks, exceptions, edges, children, curves
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
#include "custom.h"
#include "edges.h"
#include "exceptions.h"
#include "files.h"
#include "locks.h"
#include "patches.h"
#include "tasks.h"
#include "workers.h"

struct profile {
	struct manifest manifest;
	struct timeline *clock;
	struct stream_facts facts;
	struct tasks tasks;
	struct files files;
	struct locks locks;
	struct exceptions exceptions;
	struct edges edges;
	struct children children;
	struct curves curves;
	struct workers workers;
	struct custom_metrics custom;
	struct patches patches;
	uint64_t events;
	uint64_t first, last; /* stamps: start of the first task, last of all */
	uint64_t torn_cells;
	struct thread_text collector_text; /* pieces of a TEXT that the collector wrote */
	bool has_events;		   /* level trace or above: not only counters */
	bool counts_events;		   /* --event, or the program told of some */
	bool no_curves;	      /* --sample-ms 0: what the ends of processes tell makes no curve */
	bool is_window;	      /* of the events the oldest are gone: --max-size */
	uint32_t heap_unseen; /* processes that allocated without one heap event */
};

/* 0, or -errno with a sentence. */
int profile_load(const char *dir, struct profile **out, struct fault *fault);
void profile_free(struct profile *p); /* NULL is fine */

/* One whole record (for profile_load alone). 0 or -ENOMEM. */
int profile_on_record(struct profile *p, const struct record *r);

/* Seconds from the run's start; of a length in ticks. */
double profile_seconds(const struct profile *p, uint64_t stamp);
double profile_length(const struct profile *p, uint64_t ticks);

/* Seconds that the task lasted. */
double profile_runtime(const struct profile *p, const struct task *task);
/* What a task did itself; what its tree did is made by adding up. */
void profile_self(const struct profile *p, const struct task *task, struct metrics *self);
/* From the sum over the tree (metrics_add) to the inclusive metrics of a task. */
void profile_inclusive(const struct profile *p, const struct task *task, struct metrics *sum);
/* The run as a whole, from the sum over all tasks. */
void profile_totals(const struct profile *p, struct metrics *sum);

/* Did the probe that wrote the trace have this counter? If not, its sum is not 0
 * but not known. */
bool profile_has_counter(const struct profile *p, enum counter_id counter);
/* Of the control group that the run was in; NAN: none, or not told. */
double profile_memory_limit_mb(const struct profile *p);
/* The sum over all tasks. */
uint64_t profile_counter(const struct profile *p, enum counter_id counter);

/* Threads of all processes, main threads included. */
uint64_t profile_thread_count(const struct profile *p);

/* Sentences for capture.notes: calls `say` for each. */
void profile_notes(const struct profile *p, void (*say)(void *to, const char *sentence), void *to);

#endif
