/* SPDX-License-Identifier: MIT */
/*
 * tpprobe record: capture a program into a trace directory, no store.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../paths.h"
#include "../presets.h"
#include "../session.h"
#include "collector/trace_dir.h"

int cmd_record(int argc, char **argv)
{
	struct option_row rows[CAPTURE_OPTIONS + 1] = { OPTIONS_END };
	struct capture capture = { 0 };
	char path[PATH_MAX], dir[PATH_MAX];
	struct session_end end;
	struct fault fault = { "" };
	const char *slash;
	int n = capture_rows(&capture, rows), status, operands;

	rows[n] = (struct option_row)OPTIONS_END;
	operands = command_options(rows, argc, argv, OPTIONS_FIRST, &status);
	if (operands < 0 && status == EXIT_OK)
		presets_help();
	if (operands < 0)
		return status ? status : command_close_output();
	if (!operands)
		return command_fail_with(EXIT_USAGE,
					 "record needs a command: tpprobe record -o DIR CMD");
	if (capture_check(&capture, &fault))
		return command_fail(EXIT_USAGE, &fault);
	status = launch_find(argv[0], path, sizeof(path), &fault);
	if (status)
		return command_fail(status, &fault);
	slash = strrchr(argv[0], '/');
	if (capture.text[CAPTURE_out])
		snprintf(dir, sizeof(dir), "%s", capture.text[CAPTURE_out]);
	else
		snprintf(dir, sizeof(dir), "tpprobe-%.100s-%d", slash ? slash + 1 : argv[0],
			 getpid());
	if (session_make_way(dir, capture.flag[CAPTURE_force], &fault))
		return command_fail(EXIT_OURS, &fault);
	status = session_capture(dir, &capture, path, argv, &end, &fault);
	if (status)
		return command_fail(status, &fault);
	fprintf(stderr, "trace: %s\n", dir);
	return launch_exit_status(end.wait_status);
}
