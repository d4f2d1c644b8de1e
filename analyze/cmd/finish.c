/* SPDX-License-Identifier: MIT */
/*
 * tpprobe finish: hands an orphaned session to a collector.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../paths.h"

static const struct option_row rows[] = { OPTIONS_END };

int cmd_finish(int argc, char **argv)
{
	int status, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);
	char path[PATH_MAX];

	if (operands < 0)
		return status;
	if (operands != 1)
		return command_fail_with(EXIT_USAGE, "finish needs one trace directory");
	if (path_collector(path, sizeof(path)))
		return command_fail_with(EXIT_USAGE, "tpprobe-collector cannot be found or run");
	execl(path, "tpprobe-collector", "--finish", argv[0], NULL);
	return command_fail_with(EXIT_USAGE, "%s: %s", path, strerror(errno));
}
