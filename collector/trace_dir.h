/* SPDX-License-Identifier: MIT */
/*
 * A trace directory (0700, files 0600):
 *
 *	DIR/manifest.json     what the trace is; replaced by rename, always whole
 *	DIR/segments/0001.tps the events (segment.h)
 *	DIR/modules/ID.json   objects that were mapped, by build-id (or hash of the path)
 *	DIR/session.log       what the probe and the collector have to say, a line each
 *	DIR/session           while the session lives: link to its directory
 *
 * manifest.json, schema "tpprobe.trace/1":
 *	{ "schema": "tpprobe.trace/1", "tpprobe": VERSION, "state": "live|complete",
 *	  "session_id": HEX32, "command": [..], "cwd": "", "program": "",
 *	  "host": "", "kernel": "", "boot_id": "", "machine": "x86_64",
 *	  "memory_total_bytes": N, "memory_limit_bytes": N,      the cgroup's; absent: none
 *	  "cpus": N, "memory_kb": N, "page_bytes": N, "user": "",
 *	  "counters": N,                              totals that the probe keeps (counters.def)
 *	  "started_real_ns": N, "ended_real_ns": N,
 *	  "clock": { "source": "tsc|raw", "base_ticks": N, "base_raw_ns": N, "base_real_ns": N,
 *	             "triples": [[ticks, raw_ns, real_ns], ..] },      first, last, a few between
 *	  "options": { "level": "trace", .. },  "name": "", "env": "", "stage": "", "labels": {..},
 *	  "events": N, "raw_bytes": N, "trace_bytes": N, "torn_cells": N, "segments": N,
 *	  "recorded": { "mem": N, "io": N, "sync": N, "task": N, "text": N },   ever written
 *	  "lost": { "mem": N, "io": N, "sync": N, "task": N, "text": N },       never written
 *	  "window": { "max_bytes": N, "dropped_segments": N, "dropped_bytes": N,
 *	              "dropped": { "mem": N, .. }, "dropped_from_stamp": N, "dropped_to_stamp": N,
 *	              "squeezed": false },            only when --max-size has dropped segments:
 *	                                              what of "recorded" is not there any more
 *	  "threads_without_ring": N, "collector_cpu_seconds": X, "collector_peak_rss_kb": N,
 *	  "exit": { "status": WAIT_STATUS, "utime_us": N, "stime_us": N, "peak_rss_kb": N }
 *	          or null,                                             `tpprobe run` waited for it
 *	  "processes": [ { "pid": N, "id": N, "program": "", "live": true } ],
 *	  "notes": [ "sentence", .. ] }
 * Keys are added, never changed. Numbers above 2^53 are strings.
 */
#ifndef TPPROBE_TRACE_DIR_H
#define TPPROBE_TRACE_DIR_H

#include <stdbool.h>
#include <stdint.h>

#define TRACE_SCHEMA "tpprobe.trace/1"
#define TRACE_MANIFEST "manifest.json"
#define TRACE_SEGMENTS "segments"
#define TRACE_MODULES "modules"
#define TRACE_LOG "session.log"
#define TRACE_SESSION_LINK "session"
#define TRACE_SESSION_HERE ".session" /* the session directory where /dev/shm cannot be used */
#define TRACE_RESERVE ".reserve"      /* room for the last manifest on a full disk */

enum trace_state {
	TRACE_none,	/* nothing there */
	TRACE_empty,	/* an empty directory */
	TRACE_foreign,	/* something that is not a trace */
	TRACE_live,	/* a session is writing it */
	TRACE_orphaned, /* its session died without finishing it */
	TRACE_finished,
	TRACE_newer, /* written by a later version: not touched */
};

/* What is at `path`. -errno when it cannot be looked at. */
int trace_dir_state(const char *path, enum trace_state *state);

/* Removes a finished or orphaned trace: only files that a trace has, then the
 * directory if it is empty. Refuses anything else with -EINVAL. */
int trace_dir_remove(const char *path);

/*
 * Launching a session, for `tpprobe run` and `tpprobe record`.
 *
 *	tpprobe-collector --serve DIR [NAME=value …] [-- COMMAND [ARG…]]
 *
 * (the values are those of options.def: TPPROBE_LEVEL=trace …) creates the
 * session, prints "ready TPPROBE_SESSION=…\n" and "preload PATH\n" on standard
 * output, or "error SENTENCE\n" and exits 125. Then it reads lines on standard
 * input:
 *	ended WAIT_STATUS [UTIME_US STIME_US PEAK_RSS_KB]
 *	                      the command has ended: answer "done LIVE\n" when all
 *	                      that was committed is readable in DIR; LIVE is the
 *	                      number of processes that live on
 *	(end of file)         the launcher is gone: carry on until the last process is
 * It finishes by itself when the command has ended (or the launcher has gone)
 * and no process of the session lives.
 */

#endif
