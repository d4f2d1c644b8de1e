/* SPDX-License-Identifier: MIT */
/*
 * tpprobe symbols: the functions of a program and its libraries that can be named as
 * tasks, and (--suggest) those that are likely to be good ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "../show/symbols.h"
#include "../symbols/inlined_functions.h"
#include "../symbols/near.h"
#include "collector/plan/spec.h"

#define NAME_ROOM 200

/* What can be a task first, then the larger ones. */
static int by_use(const void *a, const void *b, void *catalog)
{
	const struct catalog_function *f = ((const struct catalog *)catalog)->function;
	const struct catalog_function *one = &f[*(const uint32_t *)a],
				      *other = &f[*(const uint32_t *)b];

	if (!one->why_not != !other->why_not)
		return one->why_not ? 1 : -1;
	if (one->size != other->size)
		return one->size < other->size ? 1 : -1;
	return strcmp(one->full, other->full);
}

static uint32_t *in_order(const struct catalog *c)
{
	uint32_t *order = calloc(c->matches + 1, sizeof(*order)), n = 0;

	for (uint32_t i = 0; order && i < c->functions; i++)
		if (c->function[i].is_match)
			order[n++] = i;
	if (order)
		qsort_r(order, n, sizeof(*order), by_use, (void *)(uintptr_t)c);
	return order;
}

/* What stands before the `!` of a SPEC; false: nothing does. */
static bool library_of(const char *pattern, char *out, size_t room)
{
	char why[SPEC_WHY];
	struct spec spec;
	bool has = !spec_parse(SPEC_task, pattern, &spec, why) && spec.library;

	if (has)
		snprintf(out, room, "%s", spec.library);
	spec_fini(&spec);
	return has;
}

/* No function is meant by the pattern, or the file has none at all. */
static int nothing(const struct target *target, const char *pattern)
{
	char near[NAME_ROOM], library[NAME_ROOM];
	struct fault fault = { "" };
	struct catalog all;
	int status;

	if (catalog_init(&all, target, pattern, CATALOG_all, &fault))
		return command_fail(EXIT_USAGE, &fault);
	if (all.modules == 1 && !all.functions && library_of(pattern, library, sizeof(library)))
		status = command_fail_with(
			EXIT_NO,
			"no library called %s is linked with %s; one that is loaded "
			"later can be named by its file",
			library, target->path);
	else if (!all.functions)
		status = command_fail_with(
			EXIT_NO, "%s has no names of functions%s", target->path,
			all.module[0].is_stripped
				? ": it is stripped; install its debug symbols or build "
				  "it without strip"
				: "");
	else if (inlined_function(&all, pattern, near, sizeof(near)))
		status = command_fail_with(
			EXIT_NO,
			"%s was inlined: the compiler has put it into all its callers; "
			"name one of them, or build it with noinline",
			near);
	else if (near_name(&all, pattern, near, sizeof(near)))
		status = command_fail_with(EXIT_NO, "no function is called %s; did you mean %s?",
					   pattern, near);
	else if (all.module[0].is_stripped)
		status = command_fail_with(
			EXIT_NO,
			"no function is called %s; %s is stripped: only the %u that "
			"are exported have names, install its debug symbols for all",
			pattern, target->path, all.functions);
	else
		status = command_fail_with(
			EXIT_NO,
			"no function of these %u is called %s; perhaps it was inlined, "
			"or is in a library that is loaded later",
			all.functions, pattern);
	catalog_fini(&all);
	return status;
}

static int show(const struct symbols_format *format, struct symbols_view *v)
{
	struct suggestion best[SUGGESTIONS_MAX];
	uint32_t *order = in_order(v->catalog);
	int err = order ? 0 : -ENOMEM;

	if (!err && v->is_suggesting) {
		v->suggestions = suggest(v->catalog, best);
		v->suggestion = best;
		err = v->suggestions < 0 ? v->suggestions : 0;
	}
	v->order = order;
	if (!err)
		err = format->print(v, stdout);
	free(order);
	if (err)
		return command_fail_with(EXIT_USAGE, "out of memory");
	if (v->is_suggesting && !v->suggestions) {
		command_close_output();
		return command_fail_with(
			EXIT_NO, "none of %u functions stands out; `tpprobe symbols %s` lists them",
			v->catalog->matches, v->asked);
	}
	return command_close_output();
}

int cmd_symbols(int argc, char **argv)
{
	const char *format = "text";
	bool is_suggesting = false;
	const struct option_row rows[] = {
		{ "--suggest", 0, "", OPTION_flag, &is_suggesting,
		  "likely task boundaries, and the options that name them" },
		{ "--format", 0, "text|json|csv", OPTION_text, &format, "how it is written" },
		OPTIONS_END,
	};
	int status, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);
	const struct symbols_format *f = symbols_formats;
	struct fault fault = { "" };
	struct catalog catalog;
	struct target target;

	if (operands < 0)
		return status;
	if (operands < 1 || operands > 2)
		return command_fail_with(
			EXIT_USAGE, "symbols needs a program or library, and takes one pattern");
	while (f->name && strcmp(f->name, format))
		f++;
	if (!f->name)
		return command_fail_with(EXIT_USAGE, "--format %s: wanted is text, json or csv",
					 format);
	if (target_find(argv[0], &target, &fault) ||
	    catalog_init(&catalog, &target, argv[1], is_suggesting ? CATALOG_all : CATALOG_matches,
			 &fault))
		return command_fail(EXIT_USAGE, &fault);
	if (catalog.matches) {
		struct symbols_view v = { .target = &target,
					  .asked = argv[0],
					  .pattern = argv[1],
					  .catalog = &catalog,
					  .is_terminal = isatty(STDOUT_FILENO),
					  .is_suggesting = is_suggesting };

		status = show(f, &v);
	} else {
		status = nothing(&target, argv[1] ? argv[1] : "*");
	}
	catalog_fini(&catalog);
	return status;
}
