/* SPDX-License-Identifier: MIT */
/*
 * tpprobe help [COMMAND]
 */
#include <stdio.h>
#include <string.h>

#include "../command.h"

static const struct option_row rows[] = { OPTIONS_END };

static int one(const char *name)
{
	for (const struct command *c = commands; c->name; c++) {
		char *argv[] = { (char *)c->name, "--help", NULL };

		if (strcmp(c->name, name))
			continue;
		if (c->run)
			return c->run(2, argv);
		printf("tpprobe %s %s\n%s\n\nNot built yet in this version.\n", c->name,
		       c->synopsis, c->summary);
		return command_close_output();
	}
	return command_fail_with(EXIT_USAGE, "%s: no such command; `tpprobe help` lists them",
				 name);
}

int cmd_help(int argc, char **argv)
{
	int status, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);

	if (operands < 0)
		return status;
	if (operands)
		return one(argv[0]);
	printf("tpprobe profiles unmodified Linux programs and all their children.\n\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  tpprobe %-8s %s%s\n", c->name, c->summary,
		       c->run ? "" : " (not built yet)");
	printf("\n`tpprobe help COMMAND` has the options of a command. RUN is a number, `latest`,\n"
	       "`latest~N`, a run's name, or a trace directory. Without any of this:\n"
	       "LD_PRELOAD=libtpprobe.so CMD captures CMD into ./tpprobe-<program>-<pid>.\n");
	return command_close_output();
}
