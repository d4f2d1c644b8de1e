/* SPDX-License-Identifier: MIT */
/*
 * tpprobe runs: the stored runs. Lists are in runs_list.c.
 */
#include "runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../paths.h"
#include "../select.h"
#include "../session.h"
#include "../show/report.h"
#include "../store/import.h"
#include "collector/trace_dir.h"

static int runs_show(struct runs_call *call, char **operand, int count)
{
	struct report_options options = { .summary = true };
	bool is_json = call->format && !strcmp(call->format, "json");
	struct store store;
	struct fault fault = { "" };
	int64_t id;
	int err = select_run(count ? operand[0] : NULL, call->store_option, &store, &id, &fault);

	if (err)
		return command_fail(err == -ENOENT ? EXIT_NO : EXIT_USAGE, &fault);
	options.colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	err = (is_json ? report_json : report_text)(&store, id, &options, stdout, &fault);
	store_close(&store);
	return err ? command_fail(EXIT_USAGE, &fault) : command_close_output();
}

static int runs_exists(struct runs_call *call, char **operand, int count)
{
	int64_t id;
	int err;

	(void)count;
	err = runs_find(&call->store, operand[0], &id, &call->fault);
	if (err == -ENOENT)
		return EXIT_NO;
	return err ? command_fail(EXIT_USAGE, &call->fault) : EXIT_OK;
}

static int runs_add_labels(struct runs_call *call, char **operand, int count)
{
	int64_t id;
	int err = runs_find(&call->store, operand[0], &id, &call->fault);

	if (err)
		return command_fail(err == -ENOENT ? EXIT_NO : EXIT_USAGE, &call->fault);
	for (int i = 1; i < count; i++) {
		char *equals = strchr(operand[i], '=');

		if (!equals || equals == operand[i])
			return command_fail_with(EXIT_USAGE, "%s: a label is KEY=VALUE",
						 operand[i]);
		*equals = '\0';
		if (runs_label(&call->store, id, operand[i], equals + 1, &call->fault))
			return command_fail(EXIT_USAGE, &call->fault);
	}
	return EXIT_OK;
}

static bool is_confirmed(const struct runs_call *call, int count)
{
	char answer[16] = "";

	if (call->yes)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fprintf(stderr, "remove %d run%s for good? [y/N] ", count, count == 1 ? "" : "s");
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* A trace goes with its run only when it lies in our own directory of traces. */
static void remove_trace(const char *dir)
{
	char ours[PATH_MAX], *real = realpath(dir, NULL), *real_ours = NULL;

	if (real && !path_data_home(ours, sizeof(ours), "traces"))
		real_ours = realpath(ours, NULL);
	if (real_ours && !strncmp(real, real_ours, strlen(real_ours)) &&
	    real[strlen(real_ours)] == '/')
		trace_dir_remove(real);
	free(real);
	free(real_ours);
}

static int runs_rm(struct runs_call *call, char **operand, int count)
{
	int64_t id[OPTION_LIST_MAX];

	if (count > OPTION_LIST_MAX)
		return command_fail_with(EXIT_USAGE, "more than %d runs at once", OPTION_LIST_MAX);
	for (int i = 0; i < count; i++) {
		int err = runs_find(&call->store, operand[i], &id[i], &call->fault);

		if (err)
			return command_fail(err == -ENOENT ? EXIT_NO : EXIT_USAGE, &call->fault);
	}
	if (!is_confirmed(call, count))
		return command_fail_with(EXIT_USAGE,
					 "nothing was removed; --yes removes without asking");
	for (int i = 0; i < count; i++) {
		char *dir = runs_trace_dir(&call->store, id[i]);

		if (!dir)
			continue; /* named twice */
		if (runs_remove(&call->store, id[i], &call->fault)) {
			free(dir);
			return command_fail(EXIT_USAGE, &call->fault);
		}
		remove_trace(dir);
		free(dir);
	}
	return EXIT_OK;
}

static int runs_import(struct runs_call *call, char **operand, int count)
{
	static const char *const said[] = { [IMPORT_new] = "imported",
					    [IMPORT_unchanged] = "was there already",
					    [IMPORT_replaced] = "has grown and was replaced" };

	for (int i = 0; i < count; i++) {
		enum import_result result;
		int64_t id;

		session_settle(operand[i]);
		if (import_trace(&call->store, operand[i], &id, &result, &call->fault))
			return command_fail(EXIT_USAGE, &call->fault);
		printf("run %lld: %s %s\n", (long long)id, operand[i], said[result]);
	}
	return command_close_output();
}

static const struct {
	const char *name;
	int (*run)(struct runs_call *call, char **operand, int count); /* NULL: later */
	int least;						       /* operands */
	enum store_open open;
	const char *operands;
} parts[] = {
	{ "list", runs_list, 0, STORE_READ, "" },
	{ "show", runs_show, 0, STORE_MEMORY, "RUN" },
	{ "exists", runs_exists, 1, STORE_READ, "RUN" },
	{ "label", runs_add_labels, 2, STORE_READ, "RUN KEY=VALUE..." },
	{ "rm", runs_rm, 1, STORE_READ, "[--yes] RUN..." },
	{ "import", runs_import, 1, STORE_WRITE, "DIR..." },
	{ "archive", NULL, 0, STORE_READ, "RUN -o FILE" },
	{ "verify", NULL, 0, STORE_READ, "" },
	{ "gc", NULL, 0, STORE_READ, "" },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* Opens the store as the part needs it (show finds its own) and goes there. */
static int call_part(struct runs_call *call, int part, char **operand, int count)
{
	char *path = store_path(call->store_option);
	int status;

	if (parts[part].open != STORE_MEMORY &&
	    (!path || store_open(&call->store, path, parts[part].open, &call->fault))) {
		free(path);
		return command_fail(EXIT_USAGE, &call->fault);
	}
	free(path);
	status = parts[part].run(call, operand, count);
	if (call->store.db)
		store_close(&call->store);
	return status;
}

int cmd_runs(int argc, char **argv)
{
	struct runs_call call = { 0 };
	const char *names[PARTS + 1] = { NULL }, *near;
	const struct option_row rows[] = {
		{ "--env", 0, "NAME", OPTION_text, &call.filter.env, "runs of this environment" },
		{ "--stage", 0, "NAME", OPTION_text, &call.filter.stage, "runs of this stage" },
		{ "--label", 0, "KEY=VALUE", OPTION_list, &call.labels, "runs with this label" },
		{ "--since", 0, "AGE", OPTION_text, &call.since, "younger than 7d, 12h, 30m" },
		{ "--format", 0, "FORMAT", OPTION_text, &call.format, "text or json" },
		{ "--yes", 'y', NULL, OPTION_flag, &call.yes, "rm: do not ask" },
		{ "--store", 0, "FILE", OPTION_text, &call.store_option, "the store" },
		OPTIONS_END,
	};
	int status = 0, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);

	if (operands < 0)
		return status;
	if (call.format && strcmp(call.format, "text") && strcmp(call.format, "json"))
		return command_fail_with(EXIT_USAGE, "--format %s: text and json are", call.format);
	for (int i = 0; i < PARTS && operands; i++) {
		names[i] = parts[i].name;
		if (strcmp(argv[0], parts[i].name))
			continue;
		if (!parts[i].run)
			return command_fail_with(EXIT_USAGE,
						 "runs %s is not built yet in this version",
						 parts[i].name);
		if (operands - 1 < parts[i].least)
			return command_fail_with(EXIT_USAGE,
						 "runs %s needs more: tpprobe runs %s %s",
						 parts[i].name, parts[i].name, parts[i].operands);
		return call_part(&call, i, argv + 1, operands - 1);
	}
	near = operands ? command_near(argv[0], names) : NULL;
	return command_fail_with(EXIT_USAGE,
				 "runs: %s%s%s%s; there are list, show, exists, label, rm, import",
				 operands ? argv[0] : "what",
				 operands ? " is not known" : " is wanted",
				 near ? ", did you mean " : "", near ? near : "");
}
