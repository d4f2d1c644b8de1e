/* SPDX-License-Identifier: MIT */
/*
 * Running a program under capture, for `run` and `record`: the collector is
 * started first (protocol: collector/trace_dir.h), then the program, with the
 * session in its environment alone.
 */
#ifndef TPPROBE_LAUNCH_H
#define TPPROBE_LAUNCH_H

#include <limits.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "capture.h"

struct launch {
	pid_t collector;
	int to, from;		/* its standard input and output */
	char session[PATH_MAX]; /* "TPPROBE_SESSION=…" */
	char preload[PATH_MAX];
	char pending[PATH_MAX * 2]; /* what it has said, not taken yet */
	size_t pending_bytes;
	struct rusage usage; /* of the program, once it has ended */
};

/* The program's file; else an exit status (126, 127) with a sentence. */
int launch_find(const char *program, char *path, size_t size, struct fault *fault);
/* Starts the collector on an empty or new directory. */
int launch_start(struct launch *l, const char *dir, const struct capture *capture,
		 char *const *command, struct fault *fault);
/* Runs the program under capture (l) or plainly (NULL) and waits for it. 0 and
 * its wait status, or -errno with a sentence. */
int launch_run(struct launch *l, const char *path, char *const *command, int *wait_status,
	       struct fault *fault);
/* Tells the collector how it ended and waits until the trace is readable. *live:
 * processes that live on. */
int launch_finish(struct launch *l, int wait_status, uint64_t *live, struct fault *fault);
void launch_close(struct launch *l);

/* 128 + signal, or the exit code. */
int launch_exit_status(int wait_status);

#endif
