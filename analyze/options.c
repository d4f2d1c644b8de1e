/* SPDX-License-Identifier: MIT */
/*
 * One option parser for all commands.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define OPTIONS_MAX 64

static bool takes_value(const struct option_row *row)
{
	return row->argument && *row->argument;
}

static const struct option_row *find_long(const struct option_row *rows, const char *text,
					  size_t length)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == length && !strncmp(rows->name, text, length))
			return rows;
	return NULL;
}

static int unknown(const struct option_row *rows, const char *text, size_t length,
		   struct fault *fault)
{
	const char *names[OPTIONS_MAX + 2], *near;
	char typed[64];
	int n = 0;

	for (; rows->name && n < OPTIONS_MAX; rows++)
		names[n++] = rows->name;
	names[n++] = "--help";
	names[n] = NULL;
	snprintf(typed, sizeof(typed), "%.*s", (int)length, text);
	near = command_near(typed, names);
	if (near)
		return fault_set(fault, -EINVAL, "%s: no such option; did you mean %s?", typed,
				 near);
	return fault_set(fault, -EINVAL, "%s: no such option; --help lists them", typed);
}

static int take(const struct option_row *row, char *value, struct fault *fault)
{
	struct option_list *list = row->value;
	char *end;

	switch (row->kind) {
	case OPTION_flag:
		*(bool *)row->value = true;
		return 0;
	case OPTION_text:
		*(const char **)row->value = value;
		return 0;
	case OPTION_number:
		errno = 0;
		*(int64_t *)row->value = strtoll(value, &end, 10);
		if (!*value || *end || errno || *(int64_t *)row->value < 0)
			return fault_set(fault, -EINVAL, "%s needs a number, not \"%s\"", row->name,
					 value);
		return 0;
	case OPTION_list:
		if (list->count == OPTION_LIST_MAX)
			return fault_set(fault, -EINVAL, "%s: more than %d of them", row->name,
					 OPTION_LIST_MAX);
		list->text[list->count++] = value;
		return 0;
	case OPTION_later:
		break;
	}
	return fault_set(fault, -EINVAL, "%s is not built yet in this version", row->name);
}

/* One option at argv[*at]; moves *at over a value that stands by itself. */
static int option(const struct option_row *rows, int argc, char **argv, int *at,
		  struct fault *fault)
{
	char *text = argv[*at], *value = NULL;
	const struct option_row *row = NULL;
	size_t length = strcspn(text, "=");

	if (text[1] == '-') {
		row = find_long(rows, text, length);
		if (text[length] == '=')
			value = text + length + 1;
	} else {
		for (const struct option_row *r = rows; r->name && !row; r++)
			if (r->letter && r->letter == text[1])
				row = r;
		if (row && text[2])
			value = text + 2;
	}
	if (!row)
		return unknown(rows, text, length, fault);
	if (row->kind == OPTION_later)
		return take(row, value, fault);
	if (!takes_value(row)) {
		if (value)
			return fault_set(fault, -EINVAL, "%s takes no value", row->name);
		return take(row, NULL, fault);
	}
	if (!value) {
		if (*at + 1 >= argc)
			return fault_set(fault, -EINVAL, "%s needs a value: %s", row->name,
					 row->argument);
		value = argv[++*at];
	}
	return take(row, value, fault);
}

int options_parse(const struct option_row *rows, int argc, char **argv, enum options_order order,
		  struct fault *fault)
{
	int operands = 0, at = 1;

	for (; at < argc; at++) {
		char *text = argv[at];
		int err;

		if (!strcmp(text, "--")) {
			at++;
			break;
		}
		if (text[0] != '-' || !text[1]) {
			if (order == OPTIONS_FIRST)
				break;
			argv[operands++] = text;
			continue;
		}
		if (!strcmp(text, "--help") || !strcmp(text, "-h"))
			return OPTIONS_HELP;
		err = option(rows, argc, argv, &at, fault);
		if (err)
			return err;
	}
	while (at < argc)
		argv[operands++] = argv[at++];
	argv[operands] = NULL;
	return operands;
}

void options_help(const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char left[64];

		if (rows->kind == OPTION_later)
			continue;
		if (rows->letter)
			snprintf(left, sizeof(left), "-%c, %s %s", rows->letter, rows->name,
				 takes_value(rows) ? rows->argument : "");
		else
			snprintf(left, sizeof(left), "%s %s", rows->name,
				 takes_value(rows) ? rows->argument : "");
		printf("  %-26s %s\n", left, rows->help);
	}
}
