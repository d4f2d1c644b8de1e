/* SPDX-License-Identifier: MIT */
/*
 * How commands speak: failures, help, near misses.
 */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "show/format.h"

#define RUN_BUILT(name) cmd_##name
#define RUN_LATER(name) NULL
const struct command commands[] = {
#define COMMAND(name, state, synopsis, summary) { #name, RUN_##state(name), synopsis, summary },
#include "commands.def"
#undef COMMAND
	{ NULL, NULL, NULL, NULL },
};

int command_fail(int status, const struct fault *fault)
{
	char safe[2 * sizeof(fault->text)];

	fprintf(stderr, "tpprobe: %s\n", format_safe(safe, sizeof(safe), fault->text));
	return status;
}

int command_fail_with(int status, const char *format, ...)
{
	struct fault fault = { "" };
	va_list ap;

	va_start(ap, format);
	vsnprintf(fault.text, sizeof(fault.text), format, ap);
	va_end(ap);
	return command_fail(status, &fault);
}

int command_options(const struct option_row *rows, int argc, char **argv, enum options_order order,
		    int *status)
{
	const char *name = argv[0];
	struct fault fault = { "" };
	int operands = options_parse(rows, argc, argv, order, &fault);

	if (operands >= 0)
		return operands;
	if (operands != OPTIONS_HELP) {
		*status = command_fail(EXIT_USAGE, &fault);
		return -1;
	}
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			printf("tpprobe %s %s\n%s\n\n", c->name, c->synopsis, c->summary);
	options_help(rows);
	*status = command_close_output();
	return -1;
}

int command_close_output(void)
{
	if (!ferror(stdout) && !fflush(stdout))
		return EXIT_OK;
	return command_fail_with(EXIT_USAGE, "standard output cannot be written: %s",
				 strerror(errno));
}

unsigned command_distance(const char *a, const char *b)
{
	unsigned row[64], columns = (unsigned)strlen(b);

	if (columns >= 64 || strlen(a) >= 64)
		return 64;
	for (unsigned i = 0; i <= columns; i++)
		row[i] = i;
	for (unsigned y = 1; *a; a++, y++) {
		unsigned corner = row[0];

		row[0] = y;
		for (unsigned x = 1; x <= columns; x++) {
			unsigned least = corner + (*a != b[x - 1]);

			corner = row[x];
			if (row[x] + 1 < least)
				least = row[x] + 1;
			if (row[x - 1] + 1 < least)
				least = row[x - 1] + 1;
			row[x] = least;
		}
	}
	return row[columns];
}

const char *command_near(const char *typed, const char *const *words)
{
	const char *nearest = NULL;
	unsigned best = 3;

	for (; *words; words++) {
		unsigned d = command_distance(typed, *words);

		if (d < best && d < strlen(*words) - 1) {
			best = d;
			nearest = *words;
		}
	}
	return nearest;
}
