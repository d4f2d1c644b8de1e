/* SPDX-License-Identifier: MIT */
/*
 * Capture options, made from preload/options.def.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/plan/spec.h"
#include "presets.h"

#define IS_BUILT true
#define IS_LATER false
const struct capture_info capture_info[CAPTURE_OPTIONS] = {
#define OPTION(id, option, argument, variable, kind, missing, state, help)                         \
	{ option, argument, variable, missing, help, CAPTURE_##kind, IS_##state },
#include "preload/options.def"
#undef OPTION
};

int capture_rows(struct capture *c, struct option_row *rows)
{
	int n = 0;

	for (int i = 0; i < CAPTURE_OPTIONS; i++) {
		const struct capture_info *info = &capture_info[i];
		struct option_row *row = &rows[n];

		if (!*info->option)
			continue; /* has a variable only */
		*row = (struct option_row){ .name = info->option,
					    .argument = info->argument,
					    .help = info->help };
		if (i == CAPTURE_out)
			row->letter = 'o';
		if (!info->is_built) {
			row->kind = OPTION_later;
		} else if (info->kind == CAPTURE_FLAG) {
			row->kind = OPTION_flag;
			row->value = &c->flag[i];
		} else if (info->kind == CAPTURE_LABELS || info->kind == CAPTURE_SPECS) {
			row->kind = OPTION_list;
			row->value = &c->list[i];
		} else {
			row->kind = OPTION_text;
			row->value = &c->text[i];
		}
		n++;
	}
	return n;
}

static bool is_one_of(const char *value, const char *words)
{
	size_t length = strlen(value);

	for (const char *at = words; length && (at = strstr(at, value)); at++)
		if ((at == words || at[-1] == '|') && (at[length] == '|' || !at[length]))
			return true;
	return false;
}

static bool is_number(const char *value, const char *units)
{
	char *end;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	strtoull(value, &end, 10);
	return !errno && (!*end || (strchr(units, *end) && !end[1]));
}

/* A list of SPECs, `;` between them: the sentence about the first that is malformed. */
static int check_specs(enum capture_id id, const char *value, struct fault *fault)
{
	enum spec_kind kind = id == CAPTURE_task    ? SPEC_task
			      : id == CAPTURE_event ? SPEC_event
						    : SPEC_metric;
	struct specs specs = { NULL, 0, 0 };
	int err = specs_add(&specs, kind, value);

	if (err)
		fault_set(fault, err, "out of memory");
	else if (!specs.count)
		err = fault_set(fault, -EINVAL,
				"%s: the name of a function is needed, as in parse_*",
				capture_info[id].option);
	for (uint32_t i = 0; !err && i < specs.count; i++)
		if (specs.all[i].problem)
			err = fault_set(fault, -EINVAL, "%s: %s", capture_info[id].option,
					specs.all[i].problem);
	specs_fini(&specs);
	return err;
}

int capture_check_value(enum capture_id id, const char *value, struct fault *fault)
{
	const struct capture_info *info = &capture_info[id];
	const char *name = *info->option ? info->option : info->variable, *wanted = NULL;

	if (!info->is_built)
		return fault_set(fault, -EINVAL, "%s is not built yet in this version", name);
	switch (info->kind) {
	case CAPTURE_LEVEL:
		if (!strcmp(value, "stacks"))
			return fault_set(fault, -EINVAL,
					 "%s stacks is not built yet in this version; counters and "
					 "trace are",
					 name);
		wanted = is_one_of(value, "counters|trace") ? NULL : "counters or trace";
		break;
	case CAPTURE_NUMBER:
		wanted = is_number(value, "") ? NULL : "a number";
		break;
	case CAPTURE_BYTES:
		wanted = is_number(value, "kKmMgG") ? NULL : "a number of bytes (k, M, G)";
		break;
	case CAPTURE_SCHED:
		wanted = is_one_of(value, "auto|on|off") ? NULL : "auto, on or off";
		break;
	case CAPTURE_FULL:
		wanted = is_one_of(value, "wait|drop") ? NULL : "wait or drop";
		break;
	case CAPTURE_FOLLOW:
		wanted = *value ? NULL : "yes, no or a glob";
		break;
	case CAPTURE_LABELS:
		wanted = *value != '=' && strchr(value, '=') && !strchr(value, ';')
				 ? NULL
				 : "KEY=VALUE (without `;`)";
		break;
	case CAPTURE_PRESET:
		wanted = preset_is_known(value) ? NULL : "cpu, io, memory or large";
		break;
	case CAPTURE_SPECS:
		return check_specs(id, value, fault);
	case CAPTURE_DIR:
		wanted = *value ? NULL : "a directory";
		break;
	default:
		break;
	}
	if (wanted)
		return fault_set(fault, -EINVAL, "%s needs %s, not \"%s\"", name, wanted, value);
	return 0;
}

int capture_check(struct capture *c, struct fault *fault)
{
	for (int i = 0; i < CAPTURE_OPTIONS; i++) {
		const char *variable = capture_info[i].variable, *value;
		struct fault ignored = { "" };

		for (unsigned n = 0; n < c->list[i].count; n++)
			if (capture_check_value(i, c->list[i].text[n], fault))
				return -EINVAL;
		if (c->text[i]) {
			if (capture_check_value(i, c->text[i], fault))
				return -EINVAL;
			continue;
		}
		value = *variable ? getenv(variable) : NULL;
		/* Of a list the collector takes what is right, and notes what is not. */
		if (value && *value && capture_info[i].is_built && !c->list[i].count &&
		    (capture_info[i].kind == CAPTURE_LABELS ||
		     capture_info[i].kind == CAPTURE_SPECS ||
		     !capture_check_value(i, value, &ignored)))
			c->text[i] = value;
	}
	return 0;
}

/* "NAME=one;two" */
static char *joined(const char *name, const struct option_list *list)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	fprintf(out, "%s=", name);
	for (unsigned i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i ? ";" : "", list->text[i]);
	fclose(out);
	return text;
}

char **capture_settings(const struct capture *c)
{
	char **settings = calloc(CAPTURE_OPTIONS + 1, sizeof(char *));
	int n = 0;

	for (int i = 0; settings && i < CAPTURE_OPTIONS; i++) {
		const char *variable = capture_info[i].variable;

		if (!*variable || i == CAPTURE_out)
			continue;
		if (c->list[i].count)
			settings[n] = joined(variable, &c->list[i]);
		else if (!c->text[i] || asprintf(&settings[n], "%s=%s", variable, c->text[i]) < 0)
			continue;
		if (settings[n])
			n++;
	}
	return settings;
}
