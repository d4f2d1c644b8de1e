/* SPDX-License-Identifier: MIT */
/*
 * Answers requests for plans (preload/plan.h) in a thread of its own, so that no ring
 * waits while a large file is read:
 *
 *	processes ──requests──▶ planner's thread ──▶ plan-KEY in the session directory
 *	                            │ outbox: names, lines of the log
 *	                            ▼
 *	                        the collector's loop ──▶ segments, session.log, manifest
 */
#ifndef TPPROBE_PLAN_PLANNER_H
#define TPPROBE_PLAN_PLANNER_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../gather.h"
#include "../session_log.h"
#include "maker.h"

struct planner {
	const struct arena_view *arena;
	bool has_specs; /* the rest is filled; else nobody asks */
	bool runs;	/* there is a thread */
	bool has_ended;
	pthread_t thread;
	_Atomic bool stops;
	struct specs specs;
	struct results results;
	struct outbox outbox;
	struct maker maker;
	uint64_t since_ns[PLAN_REQUESTS]; /* when it was first seen answered or filling */
};

/* Reads the SPECs of the session. Nothing is started. 0 or -ENOMEM. */
int planner_init(struct planner *p, const struct arena_view *arena);
void planner_fini(struct planner *p);

/* Starts the thread if there are SPECs; that it cannot be started is noted. */
void planner_start(struct planner *p, struct session_log *log);
/* Ends it, and says what SPECs came to nothing. */
void planner_stop(struct planner *p);

/* Answers what is asked; the thread does that for ever. (Inside: tests call it.) */
void planner_answer(struct planner *p, uint64_t now_ns);

/* From the loop: writes what the thread has to say. */
void planner_settle(struct planner *p, struct gather *g, struct session_log *log);
/* "tasks" of the manifest; NULL: there are no SPECs. */
json_t *planner_tell(struct planner *p);
/* Counts up when planner_tell() has changed. */
static inline uint64_t planner_changes(const struct planner *p)
{
	return p->results.changes;
}

/* Removes the plans of a session directory. */
void planner_remove_plans(const char *session_dir);

#endif
