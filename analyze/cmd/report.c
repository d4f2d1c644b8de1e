/* SPDX-License-Identifier: MIT */
/*
 * tpprobe report: what a run did.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../select.h"
#include "../show/report.h"

static const struct report_format *find_format(const char *name, int *status)
{
	for (const struct report_format *f = report_formats; f->name; f++) {
		if (strcmp(f->name, name))
			continue;
		if (f->make)
			return f;
		*status = command_fail_with(EXIT_USAGE,
					    "--format %s is not built yet in this version; text "
					    "and json are",
					    name);
		return NULL;
	}
	*status = command_fail_with(EXIT_USAGE, "--format %s: no such format; text and json are",
				    name);
	return NULL;
}

/* Writes to `file`, or standard output. */
static int write_report(const struct report_format *format, const struct store *store, int64_t id,
			struct report_options *options, const char *file)
{
	FILE *out = file ? fopen(file, "we") : stdout;
	struct fault fault = { "" };
	int err;

	if (!out)
		return command_fail_with(EXIT_USAGE, "%s: %s", file, strerror(errno));
	options->colours = !file && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	err = format->make(store, id, options, out, &fault);
	if (err) {
		if (file)
			fclose(out);
		return command_fail(EXIT_USAGE, &fault);
	}
	if (!file)
		return command_close_output();
	err = ferror(out);
	if (fclose(out) || err)
		return command_fail_with(EXIT_USAGE, "%s: cannot be written: %s", file,
					 strerror(errno));
	return EXIT_OK;
}

int cmd_report(int argc, char **argv)
{
	const char *format_name = "text", *file = NULL, *store_option = NULL, *task = NULL;
	struct report_options options = { 0 };
	const struct report_format *format;
	bool all = false;
	struct store store;
	struct fault fault = { "" };
	int64_t id;
	const struct option_row rows[] = {
		{ "--format", 0, "FORMAT", OPTION_text, &format_name, "text or json" },
		{ "--output", 'o', "FILE", OPTION_text, &file, "write there" },
		{ "--task", 0, "NAME|GLOB", OPTION_text, &task, "only tasks of this name" },
		{ "--top", 0, "N", OPTION_number, &options.top, "rows of each table" },
		{ "--all", 0, NULL, OPTION_flag, &all, "all tasks, all rows" },
		{ "--plot", 0, "NAME", OPTION_later, NULL, "" },
		{ "--what-if", 0, "NAME:2x", OPTION_later, NULL, "" },
		{ "--store", 0, "FILE", OPTION_text, &store_option, "the store" },
		OPTIONS_END,
	};
	int status = 0, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);

	if (operands < 0)
		return status;
	if (operands > 1)
		return command_fail_with(EXIT_USAGE,
					 "report takes one run, not %d; `tpprobe help "
					 "report` has the options",
					 operands);
	format = find_format(format_name, &status);
	if (!format)
		return status;
	if (select_run(operands ? argv[0] : NULL, store_option, &store, &id, &fault))
		return command_fail(EXIT_USAGE, &fault);
	options.task = task;
	options.all = all;
	status = write_report(format, &store, id, &options, file);
	store_close(&store);
	return status;
}
