/* SPDX-License-Identifier: MIT */
/*
 * One capture from start to end.
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/trace_dir.h"
#include "command.h"
#include "read/manifest.h"

#define SETTLE_STEP_MS 20
#define SETTLE_STEPS 250

int session_make_way(const char *dir, bool is_forced, struct fault *fault)
{
	enum trace_state state = TRACE_none;
	int err = trace_dir_state(dir, &state);

	if (err)
		return fault_set(fault, err, "%s: %s", dir, strerror(-err));
	switch (state) {
	case TRACE_none:
	case TRACE_empty:
		return 0;
	case TRACE_finished:
	case TRACE_orphaned:
		if (!is_forced)
			return fault_set(fault, -EEXIST,
					 "%s: holds a finished trace; --force replaces it, or name "
					 "another directory with -o",
					 dir);
		err = trace_dir_remove(dir);
		if (err)
			return fault_set(fault, err, "%s: the trace there cannot be removed: %s",
					 dir, strerror(-err));
		return 0;
	case TRACE_live:
		return fault_set(fault, -EBUSY, "%s: a session is writing a trace there", dir);
	case TRACE_newer:
		return fault_set(fault, -EEXIST, "%s: holds a trace of a newer tpprobe", dir);
	default:
		return fault_set(fault, -EEXIST,
				 "%s: holds something that is not a trace; name another directory "
				 "with -o",
				 dir);
	}
}

int session_capture(const char *dir, const struct capture *capture, const char *path,
		    char *const *command, struct session_end *end, struct fault *fault)
{
	struct fault told = { "" };
	struct launch l;
	int err = launch_start(&l, dir, capture, command, fault), finished;

	*end = (struct session_end){ 0 };
	if (err)
		return EXIT_OURS;
	err = launch_run(&l, path, command, &end->wait_status, fault);
	if (err)
		end->wait_status = 127 << 8;
	finished = launch_finish(&l, end->wait_status, &end->live, &told);
	launch_close(&l);
	if (err)
		return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
	if (finished) {
		/* The program's own status counts for more than ours. */
		fprintf(stderr, "tpprobe: %s\n", told.text);
	}
	return 0;
}

/* A session whose processes have all gone: the manifest may not be there yet. */
static bool is_about_to_finish(const char *dir)
{
	enum trace_state state;
	struct manifest m;
	struct fault ignored = { "" };
	bool lives;

	if (trace_dir_state(dir, &state) || state != TRACE_live)
		return false;
	if (manifest_load(dir, &m, &ignored))
		return true;
	lives = manifest_has_live_process(&m);
	manifest_fini(&m);
	return !lives;
}

void session_settle(const char *dir)
{
	const struct timespec step = { .tv_nsec = SETTLE_STEP_MS * 1000000 };

	for (int i = 0; i < SETTLE_STEPS && is_about_to_finish(dir); i++)
		nanosleep(&step, NULL);
}
