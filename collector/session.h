/* SPDX-License-Identifier: MIT */
/* A session from its arena to its finished trace. */
#ifndef TPPROBE_COLLECTOR_SESSION_H
#define TPPROBE_COLLECTOR_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "arena_view.h"
#include "curves.h"
#include "drain.h"
#include "gather.h"
#include "modules.h"
#include "observe.h"
#include "plan/planner.h"
#include "session_log.h"
#include "spool.h"

#define SESSION_TRIPLES_MAX 64

/* What the launcher says while the session runs; all zero without one. */
struct session_launcher {
	_Atomic uint32_t ended; /* 1: the command has ended with `status` */
	_Atomic uint32_t status;
	bool has_usage;		    /* and with this, set before: */
	uint64_t usage[3];	    /* utime_us, stime_us, peak_rss_kb of the command */
	_Atomic uint32_t closed;    /* 1: the launcher is gone */
	_Atomic uint32_t *doorbell; /* wakes the session's loop */
	char **command;		    /* NULL-terminated, or NULL */
	const char *cwd;
	void (*answer)(uint32_t live); /* "done LIVE" */
};

struct session {
	struct arena_view arena;
	struct session_launcher *launcher; /* NULL: raw LD_PRELOAD */
	bool finish_only;		   /* --finish: what is there, then the end */
	struct session_log log;
	struct spool spool;
	struct gather gather;
	struct drain drain;
	struct account account;
	struct curves curves;
	struct modules modules;
	struct observe observe;
	struct planner planner;

	uint64_t begun_ns, begun_real_ns;
	uint64_t idle_since_ns; /* 0: it is not idle */
	uint64_t next_clock_ns, next_manifest_ns;
	uint64_t manifest_changes; /* account.changes when it was written */
	uint64_t manifest_plans;   /* planner_changes(), when it was written */
	uint64_t manifest_dropped; /* segments, when it was written */
	unsigned passes_after_end; /* since the launcher said `ended` */
	bool answered;
	int spool_error;	     /* told already */
	uint64_t memory_limit_bytes; /* 0: none */
	bool memory_limit_known;
	struct clock_triple triples[SESSION_TRIPLES_MAX];
	unsigned triple_count, triple_skip, triple_skipped;

	/* --finish: what lay in the trace before */
	uint64_t events_before, bytes_before, segments_before, raw_before, torn_before;
	uint64_t recorded_before[CLASS_COUNT];
	uint64_t number_before; /* the largest of a segment */
	void *manifest_before;	/* json_t */
};

/* Takes over the session of this directory. 0 or -errno with a sentence in why[256]. */
int session_open(struct session *s, const char *session_dir, struct session_launcher *launcher,
		 bool finish_only, char *why);
/* Drains until it is over; returns 0, or -errno when the trace could not be finished. */
int session_run(struct session *s);
void session_close(struct session *s);

/* One pass over all rings; tells the events. (Inside: tests call it too.) */
uint32_t session_pass(struct session *s, uint64_t now_ns);
/* Writes what is in memory. */
void session_flush(struct session *s);
/* Slots that somebody owns, as of the last pass. */
uint32_t session_owners(const struct session *s);

/* manifest.c: writes DIR/manifest.json. 0 or -errno. */
int manifest_write(struct session *s, bool complete);
extern const char *const manifest_class_name[CLASS_COUNT];

#endif
