/* SPDX-License-Identifier: MIT */
/*
 * tpprobe: the one command that people type. Finds the subcommand.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* A standard stream that is closed stays so for the programs that we start, and none of
 * our files or pipes takes its number. Reads find an end there, writes fail as before. */
static void hold_closed_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const char *names[32];
	int n = 0;

	hold_closed_streams();
	setlocale(LC_CTYPE, "");
	if (argc < 2)
		return command_fail_with(EXIT_USAGE,
					 "a command is needed; `tpprobe help` lists them");
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("tpprobe %s\n", TPPROBE_VERSION);
		return command_close_output();
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_help(1, argv + 1);
	for (const struct command *c = commands; c->name; c++) {
		names[n++] = c->name;
		if (strcmp(c->name, argv[1]))
			continue;
		if (!c->run)
			return command_fail_with(EXIT_USAGE, "%s is not built yet in this version",
						 c->name);
		return c->run(argc - 1, argv + 1);
	}
	names[n] = NULL;
	if (command_near(argv[1], names))
		return command_fail_with(
			EXIT_USAGE,
			"%s: no such command; did you mean %s? `tpprobe help` lists them all",
			argv[1], command_near(argv[1], names));
	return command_fail_with(EXIT_USAGE, "%s: no such command; `tpprobe help` lists them",
				 argv[1]);
}
