/* SPDX-License-Identifier: MIT */
/*
 * tpprobe run: capture a program, store the run, print its summary.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../command.h"
#include "../paths.h"
#include "../presets.h"
#include "../session.h"
#include "../show/report.h"
#include "../store/import.h"
#include "collector/trace_dir.h"

struct run {
	struct capture capture;
	const char *store_option;
	int64_t repeat, warmup;
	struct store store;
	char path[PATH_MAX]; /* of the program */
	char **command;
};

/* traces/<program>-<time>-<pid>[-n] in the data directory, or what -o says. */
static int trace_path(const struct run *run, int64_t number, char *dir, size_t size)
{
	const char *given = run->capture.text[CAPTURE_out], *slash = strrchr(run->command[0], '/');
	time_t now = time(NULL);
	char when[32], name[PATH_MAX], tail[24] = "";
	struct tm tm;

	if (run->repeat > 1)
		snprintf(tail, sizeof(tail), "-%lld", (long long)number);
	if (given)
		return snprintf(dir, size, "%s%s", given, tail) < (int)size ? 0 : -ENAMETOOLONG;
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm);
	snprintf(name, sizeof(name), "traces/%.100s-%s-%d%s", slash ? slash + 1 : run->command[0],
		 when, getpid(), tail);
	return path_data_home(dir, size, name);
}

static int make_way(const struct run *run, const char *dir, struct fault *fault)
{
	int err = path_make_parents(dir);

	if (err)
		return fault_set(fault, err, "%s: the trace's directory cannot be made: %s", dir,
				 strerror(-err));
	if (run->capture.text[CAPTURE_out])
		return session_make_way(dir, run->capture.flag[CAPTURE_force], fault);
	return 0;
}

static void summarise(const struct run *run, int64_t id, const char *dir)
{
	const struct report_options options = {
		.summary = true, .colours = isatty(STDERR_FILENO) && !getenv("NO_COLOR")
	};
	struct fault fault = { "" };

	if (report_text(&run->store, id, &options, stderr, &fault))
		command_fail(EXIT_OURS, &fault);
	fprintf(stderr, "\nrun: %lld\ntrace: %s\n", (long long)id, dir);
}

/* One capture, stored. Exit status of the program, or ours. */
static int once(struct run *run, int64_t number, bool *was_stopped)
{
	enum import_result result;
	struct session_end end;
	char dir[PATH_MAX];
	struct fault fault = { "" };
	int64_t id;
	int status;

	if (trace_path(run, number, dir, sizeof(dir)))
		return command_fail_with(EXIT_OURS, "the path of the trace is too long");
	if (make_way(run, dir, &fault))
		return command_fail(EXIT_OURS, &fault);
	status = session_capture(dir, &run->capture, run->path, run->command, &end, &fault);
	if (status) {
		trace_dir_remove(dir);
		return command_fail(status, &fault);
	}
	status = launch_exit_status(end.wait_status);
	*was_stopped = WIFSIGNALED(end.wait_status) && WTERMSIG(end.wait_status) == SIGINT;
	if (import_trace(&run->store, dir, &id, &result, &fault)) {
		command_fail(EXIT_OURS, &fault);
		fprintf(stderr, "tpprobe: the run is not in the store; its trace: %s\n", dir);
		return status;
	}
	summarise(run, id, dir);
	return status;
}

static int all(struct run *run)
{
	bool was_stopped = false;
	struct fault fault = { "" };
	int status = 0;

	for (int64_t i = 0; i < run->warmup; i++) {
		int ignored;

		if (launch_run(NULL, run->path, run->command, &ignored, &fault))
			return command_fail(EXIT_NOT_RUN, &fault);
	}
	for (int64_t i = 1; i <= run->repeat && !was_stopped; i++) {
		int now = once(run, i, &was_stopped);

		status = status ? status : now;
		if (now == EXIT_OURS)
			break;
	}
	return status;
}

int cmd_run(int argc, char **argv)
{
	struct run run = { .repeat = 1 };
	struct option_row rows[CAPTURE_OPTIONS + 4] = { OPTIONS_END };
	int n = capture_rows(&run.capture, rows), status, operands;
	struct fault fault = { "" };
	char *path;

	rows[n++] =
		(struct option_row){ "--repeat",    0,		 "N",
				     OPTION_number, &run.repeat, "store N runs under one name" };
	rows[n++] = (struct option_row){ "--warmup",  0,
					 "M",	      OPTION_number,
					 &run.warmup, "run M times without capture before" };
	rows[n++] = (struct option_row){ "--store",	    0,		"FILE", OPTION_text,
					 &run.store_option, "the store" };
	rows[n] = (struct option_row)OPTIONS_END;
	operands = command_options(rows, argc, argv, OPTIONS_FIRST, &status);
	if (operands < 0 && status == EXIT_OK)
		presets_help();
	if (operands < 0)
		return status ? status : command_close_output();
	if (!operands)
		return command_fail_with(EXIT_USAGE,
					 "run needs a command: tpprobe run [options] CMD");
	if (run.repeat < 1)
		return command_fail_with(EXIT_USAGE, "--repeat needs a number above 0");
	if (capture_check(&run.capture, &fault))
		return command_fail(EXIT_USAGE, &fault);
	run.command = argv;
	status = launch_find(argv[0], run.path, sizeof(run.path), &fault);
	if (status)
		return command_fail(status, &fault);
	path = store_path(run.store_option);
	if (!path || store_open(&run.store, path, STORE_WRITE, &fault)) {
		free(path);
		return command_fail(EXIT_OURS, &fault);
	}
	free(path);
	status = all(&run);
	store_close(&run.store);
	return status;
}
