/* SPDX-License-Identifier: MIT */
/*
 * One capture from start to end, as `run`, `record` and `doctor` need it.
 */
#ifndef TPPROBE_SESSION_RUN_H
#define TPPROBE_SESSION_RUN_H

#include "launch.h"

struct session_end {
	int wait_status;
	uint64_t live; /* processes that live on */
};

/* Captures `command` (found at `path`) into `dir`. 0; else an exit status (125,
 * 126, 127) with a sentence. */
int session_capture(const char *dir, const struct capture *capture, const char *path,
		    char *const *command, struct session_end *end, struct fault *fault);
/* Makes sure that a trace may be written to `dir`: nothing there, or an empty
 * directory; with `is_forced` a finished trace is removed. -errno and a sentence. */
int session_make_way(const char *dir, bool is_forced, struct fault *fault);
/* Waits (at most 5 s) while a trace has a session of which no process lives: its
 * collector is about to finish it. */
void session_settle(const char *dir);

#endif
