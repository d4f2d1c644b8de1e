/* SPDX-License-Identifier: MIT */
/* Reads and checks the options; nothing that is wrong with them stops a session. */
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"

enum option_kind {
	KIND_DIR,
	KIND_FLAG,
	KIND_SPECS,
	KIND_TEXT,
	KIND_LABELS,
	KIND_LEVEL,
	KIND_NUMBER,
	KIND_BYTES,
	KIND_SCHED,
	KIND_FULL,
	KIND_FOLLOW,
	KIND_PRESET,
};
enum option_state { STATE_BUILT, STATE_LATER };

static const struct option_row {
	const char *id, *variable, *otherwise;
	enum option_kind kind;
	enum option_state state;
} rows[] = {
#define OPTION(id, name, argument, variable, kind, otherwise, state, help)                         \
	{ #id, variable, otherwise, KIND_##kind, STATE_##state },
#include "../preload/options.def"
#undef OPTION
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct preset_row {
	const char *preset, *option, *value;
} presets[] = {
#define PRESET(preset, option, value, why) { #preset, #option, value },
#include "../preload/presets.def"
#undef PRESET
};
#define PRESETS (sizeof(presets) / sizeof(presets[0]))

/* Variables of ours that are no capture options. */
static const char *const others[] = { "TPPROBE_SESSION", "TPPROBE_COLLECTOR", "TPPROBE_STORE" };

/* The next text behind `at`; NULL at the end. */
static const char *next_text(const struct arena_header *h, uint32_t *at)
{
	while (*at < h->options_bytes) {
		const char *text = h->options + *at;

		*at += (uint32_t)strnlen(text, h->options_bytes - *at) + 1;
		if (*text)
			return text;
	}
	return NULL;
}

const char *options_get(const struct arena_header *h, const char *variable)
{
	size_t n = strlen(variable);
	const char *text;
	uint32_t at = 0;

	while ((text = next_text(h, &at)))
		if (!strncmp(text, variable, n) && text[n] == '=')
			return text + n + 1;
	return NULL;
}

static bool is_one_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return true;
	return false;
}

static bool is_number(const char *value, bool suffix)
{
	size_t digits = strspn(value, "0123456789");

	if (!digits || digits > 18)
		return false;
	return !value[digits] || (suffix && strchr("kKmMgG", value[digits]) && !value[digits + 1]);
}

static bool is_preset(const char *value)
{
	for (size_t i = 0; i < PRESETS; i++)
		if (!strcmp(presets[i].preset, value))
			return true;
	return false;
}

/* What a value must be like; NULL: it is. */
static const char *misfit(enum option_kind kind, const char *value)
{
	switch (kind) {
	case KIND_LEVEL:
		if (!strcmp(value, "stacks"))
			return "stacks are not built yet: trace is used";
		return is_one_of(value, (const char *const[]){ "counters", "trace", NULL })
			       ? NULL
			       : "it must be counters or trace: trace is used";
	case KIND_NUMBER:
		return is_number(value, false) ? NULL : "it must be a number: the default is used";
	case KIND_BYTES:
		return is_number(value, true) ? NULL : "it must be a number of bytes";
	case KIND_SCHED:
		return is_one_of(value, (const char *const[]){ "auto", "on", "off", NULL })
			       ? NULL
			       : "it must be auto, on or off";
	case KIND_FULL:
		return is_one_of(value, (const char *const[]){ "wait", "drop", NULL })
			       ? NULL
			       : "it must be wait or drop: wait is used";
	case KIND_PRESET:
		return is_preset(value) ? NULL : "there is no such preset";
	case KIND_LABELS:
		return !*value || strchr(value, '=') ? NULL : "it must be KEY=VALUE";
	default:
		return NULL;
	}
}

static const struct option_row *row_of(const char *text)
{
	for (size_t i = 0; i < ROWS; i++) {
		size_t n = strlen(rows[i].variable);

		if (!strncmp(text, rows[i].variable, n) && text[n] == '=')
			return &rows[i];
	}
	return NULL;
}

static bool is_other(const char *text)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(text, others[i], strlen(others[i])) && text[strlen(others[i])] == '=')
			return true;
	return false;
}

void options_check(const struct arena_header *h, struct session_log *log)
{
	const char *text;
	uint32_t at = 0;

	while ((text = next_text(h, &at))) {
		const struct option_row *row = row_of(text);
		const char *value = strchr(text, '='), *why;

		if (!row && !strncmp(text, ARENA_LEFT_OUT "=", sizeof(ARENA_LEFT_OUT)))
			session_log_note(log,
					 "%.64s was left out: all TPPROBE_* together have more "
					 "than %u bytes",
					 text + sizeof(ARENA_LEFT_OUT),
					 ARENA_OPTIONS_SIZE - ARENA_LEFT_OUT_ROOM);
		else if (!row && !is_other(text))
			session_log_note(log, "%.*s is not known and was ignored",
					 value ? (int)(value - text) : 64, text);
		if (!row)
			continue;
		value++;
		if (row->state == STATE_LATER)
			session_log_note(log, "%s is not built yet and was ignored", row->variable);
		else if ((why = misfit(row->kind, value)))
			session_log_note(log, "%s=%.64s: %s", row->variable, value, why);
	}
}

uint64_t options_number(const struct arena_header *h, const char *variable, uint64_t otherwise)
{
	const char *value = options_get(h, variable);

	return value && is_number(value, false) ? strtoull(value, NULL, 10) : otherwise;
}

uint64_t options_bytes(const struct arena_header *h, const char *variable)
{
	const char *value = options_get(h, variable);
	unsigned shift = 0;
	uint64_t number;
	char *unit;

	if (!value || !is_number(value, true))
		return 0;
	number = strtoull(value, &unit, 10);
	if (*unit)
		shift = strchr("kK", *unit) ? 10 : strchr("mM", *unit) ? 20 : 30;
	return number > UINT64_MAX >> shift ? UINT64_MAX : number << shift;
}

static json_t *labels_of(const char *text)
{
	json_t *labels = json_object();
	char *copy = text ? strdup(text) : NULL, *rest = copy, *label;

	while (rest && (label = strsep(&rest, ";"))) {
		char *value = strchr(label, '=');
		json_t *key;

		if (!value || value == label)
			continue;
		*value++ = 0;
		key = json_text(label);
		json_object_set_new(labels, json_string_value(key), json_text(value));
		json_decref(key);
	}
	free(copy);
	return labels;
}

void options_tell(const struct arena_header *h, json_t *manifest)
{
	json_t *options = json_object();

	for (size_t i = 0; i < ROWS; i++) {
		const char *value = options_get(h, rows[i].variable);

		if (rows[i].kind == KIND_LABELS) {
			json_object_set_new(manifest, "labels", labels_of(value));
			continue;
		}
		if (!strcmp(rows[i].id, "name") || !strcmp(rows[i].id, "env") ||
		    !strcmp(rows[i].id, "stage")) {
			json_object_set_new(manifest, rows[i].id, json_text(value ? value : ""));
			continue;
		}
		if (rows[i].state == STATE_LATER)
			continue;
		if (!value || misfit(rows[i].kind, value))
			value = rows[i].otherwise;
		if (*value)
			json_object_set_new(options, rows[i].id, json_text(value));
	}
	json_object_set_new(manifest, "options", options);
}

static void add_preset(struct arena_header *h)
{
	const char *preset = options_get(h, "TPPROBE_PRESET");
	char text[128];

	for (size_t i = 0; preset && i < PRESETS; i++)
		for (size_t k = 0; k < ROWS; k++) {
			if (strcmp(presets[i].preset, preset) ||
			    strcmp(presets[i].option, rows[k].id) || rows[k].state == STATE_LATER ||
			    options_get(h, rows[k].variable))
				continue;
			snprintf(text, sizeof(text), "%s=%s", rows[k].variable, presets[i].value);
			options_add(h, text);
		}
}

void options_apply(struct arena_header *h)
{
	const char *value;

	add_preset(h);
	value = options_get(h, "TPPROBE_LEVEL");
	h->level = value && !strcmp(value, "counters") ? LEVEL_counters : LEVEL_trace;
	value = options_get(h, "TPPROBE_WHEN_FULL");
	h->when_drop = value && !strcmp(value, "drop");
	h->wait_ms = (uint32_t)options_number(h, "TPPROBE_WAIT_MS", 5000);
	value = options_get(h, "TPPROBE_FOLLOW");
	h->follow_no = value && !strcmp(value, "no");
	h->wants_plans = options_get(h, "TPPROBE_TASKS") || options_get(h, "TPPROBE_EVENT") ||
			 options_get(h, "TPPROBE_METRICS");
}

int options_add(struct arena_header *h, const char *text)
{
	size_t n = strlen(text) + 1;
	char left_out[128];
	int length;

	if (h->options_bytes + n > ARENA_OPTIONS_SIZE - ARENA_LEFT_OUT_ROOM) {
		length = snprintf(left_out, sizeof(left_out), ARENA_LEFT_OUT "=%.*s",
				  (int)strcspn(text, "="), text);
		n = (size_t)length + 1;
		if (n > sizeof(left_out) || h->options_bytes + n > ARENA_OPTIONS_SIZE)
			return -E2BIG;
		text = left_out;
	}
	memcpy(h->options + h->options_bytes, text, n);
	h->options_bytes += (uint32_t)n;
	return 0;
}
