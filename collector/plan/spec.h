/* SPDX-License-Identifier: MIT */
/*
 * What --task, --event and --metric name:
 *
 *	[lib!]pattern[:key=value]…		a task or an event
 *	NAME=argN[/type]([lib!]pattern[:args=N])	a metric; NAME=ret[/type](…)
 *
 * The pattern is a glob over names of functions (`*` crosses `.` and `::`). The options
 * begin with the last run of `:key=value`, so that `ns::f:args=8` names ns::f:
 *
 *	args=N     words on the stack that are arguments, 0 … 64, when the program knows
 *	           better than what the analysis of its code finds
 *	fail=ret<N the task has failed when what it returns compares so; < > == !=
 *
 * argN counts from 1. Types: i8 … u64 f32 f64, s for a NUL-terminated string; without
 * one it comes from the debug information, if there is any (`char *` is a string there).
 */
#ifndef TPPROBE_PLAN_SPEC_H
#define TPPROBE_PLAN_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../preload/plan.h"

enum spec_kind { SPEC_task = 1, SPEC_event, SPEC_metric };

#define SPEC_WHY 256	     /* room for a sentence */
#define SPEC_TEXT_MAX 4096   /* longer ones are refused */
#define SPEC_METRIC_MAX 64   /* bytes of a metric's name */
#define SPEC_ARGUMENT_MAX 64 /* N of argN */

struct spec {
	enum spec_kind kind;
	char *text;	/* as it was given */
	char *library;	/* glob of an object's file name; NULL: the default scope */
	char *pattern;	/* glob of a function's name */
	bool is_python; /* `py:` */
	int args;	/* -1: not given */
	enum plan_compare fail;
	int64_t fail_value;
	/* SPEC_metric */
	char *metric;	     /* its name */
	unsigned argument;   /* 1 …; 0: what it returns */
	enum plan_type type; /* PLAN_auto: not given */
	char *problem;	     /* malformed, says this sentence; the rest is not filled. Else NULL */
};

/* Reads one. 0, or -EINVAL with a sentence that says what is wrong and what is right.
 * spec_fini() in either case. */
int spec_parse(enum spec_kind kind, const char *text, struct spec *out, char why[SPEC_WHY]);
void spec_fini(struct spec *s);

/* Specs in the order in which they were given. */
struct specs {
	struct spec *all;
	uint32_t count, room;
};

/* Adds those of a list with `;` and blanks between them; empty ones are stepped over. A malformed
 * one is added with its `problem`. 0 or -ENOMEM. NULL: nothing is added. */
int specs_add(struct specs *s, enum spec_kind kind, const char *list);
void specs_fini(struct specs *s);

/* "task", "event", "metric" */
const char *spec_kind_name(enum spec_kind kind);

#endif
