/* SPDX-License-Identifier: MIT */
/* Reads SPECs; each thing that can be wrong with one has its sentence. */
#include "spec_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int spec_wrong(struct spec_reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->why, SPEC_WHY, format, args);
	va_end(args);
	return -EINVAL;
}

/* The `!` behind the library's name: not that of a set `[!…]` or of `operator!`. */
static char *bang_of(char *text)
{
	bool in_set = false;

	for (char *at = text; *at; at++) {
		if (*at == '[')
			in_set = true;
		else if (*at == ']')
			in_set = false;
		else if (*at == '!' && !in_set && (at < text + 8 || strncmp(at - 8, "operator", 8)))
			return at;
	}
	return NULL;
}

/* A colon that is not half of `::` stands before an option that is written wrongly. */
static const char *stray_colon(const char *pattern)
{
	int depth = 0;

	for (const char *at = pattern; *at; at++) {
		depth += (*at == '[') - (*at == ']');
		if (*at != ':' || depth > 0)
			continue;
		if (at[1] != ':')
			return at;
		at++;
	}
	return NULL;
}

static int read_function(struct spec_reader *r, char *text)
{
	struct spec *s = r->spec;
	const char *stray;
	char *bang;
	int err;

	if (!strncmp(text, "py:", 3)) {
		s->is_python = true;
		return spec_wrong(
			r,
			"\"%.80s\": Python functions cannot be named as tasks yet; native "
			"functions of the interpreter can",
			text);
	}
	err = spec_read_options(r, text);
	if (err)
		return err;
	bang = bang_of(text);
	if (bang) {
		*bang = '\0';
		if (bang == text)
			return spec_wrong(
				r, "the library before \"!\" has no name; write libfoo.so!%.80s",
				bang + 1);
		if (strchr(text, '/'))
			return spec_wrong(r,
					  "\"%.80s\": a library is named by its file name without "
					  "directories, as in libfoo.so!f",
					  text);
		s->library = strdup(text);
		text = bang + 1;
	}
	if (!*text)
		return spec_wrong(
			r, "there is no function named; write a name or a pattern such as parse_*");
	stray = stray_colon(text);
	if (stray)
		return spec_wrong(
			r,
			"\"%.80s\": \"%.40s\" is no option; options look like :args=8 and "
			":fail=ret<0",
			text, stray);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < 0x20)
			return spec_wrong(r, "a function's name has no control characters");
	s->pattern = strdup(text);
	return s->pattern && (!bang || s->library) ? 0 : -ENOMEM;
}

static bool read_type(const char *text, enum plan_type *out)
{
	static const struct {
		char name[4];
		enum plan_type type;
	} types[] = {
		{ "i8", PLAN_i8 },   { "i16", PLAN_i16 }, { "i32", PLAN_i32 }, { "i64", PLAN_i64 },
		{ "u8", PLAN_u8 },   { "u16", PLAN_u16 }, { "u32", PLAN_u32 }, { "u64", PLAN_u64 },
		{ "f32", PLAN_f32 }, { "f64", PLAN_f64 }, { "s", PLAN_text },
	};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, text)) {
			*out = types[i].type;
			return true;
		}
	return false;
}

/* `argN`, `ret`, with a type or without. */
static int read_source(struct spec_reader *r, char *source)
{
	char *type = strchr(source, '/');
	int64_t n;

	if (type) {
		*type++ = '\0';
		if (!read_type(type, &r->spec->type))
			return spec_wrong(
				r,
				"there is no type \"%.20s\"; a value is i8 i16 i32 i64 u8 u16 "
				"u32 u64 f32 f64, or s for a string",
				type);
	}
	if (!strcmp(source, "ret"))
		return 0;
	if (strncmp(source, "arg", 3) || !isdigit((unsigned char)source[3]) ||
	    !spec_read_number(source + 3, &n))
		return spec_wrong(
			r,
			"\"%.40s\" is no value of a call; write arg1, arg2 … or ret, as in "
			"rows=arg2(load)",
			source);
	if (n < 1 || n > SPEC_ARGUMENT_MAX)
		return spec_wrong(r, "%.20s: arguments count from arg1 to arg%d", source,
				  SPEC_ARGUMENT_MAX);
	r->spec->argument = (unsigned)n;
	return 0;
}

static int read_metric(struct spec_reader *r, char *text)
{
	char *equals = strchr(text, '='), *open, *close;
	int err;

	if (!equals)
		return spec_wrong(
			r,
			"\"%.80s\": a metric is NAME=argN(FUNCTION) or NAME=ret(FUNCTION), as "
			"in rows=arg2(load)",
			text);
	*equals = '\0';
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_.-", *at))
			return spec_wrong(r,
					  "a metric's name has letters, digits and _ . - alone; "
					  "\"%.64s\" has more",
					  text);
	if (!*text || strlen(text) > SPEC_METRIC_MAX)
		return spec_wrong(r,
				  "a metric's name has 1 to %d characters, as in rows=arg2(load)",
				  SPEC_METRIC_MAX);
	r->spec->metric = strdup(text);
	if (!r->spec->metric)
		return -ENOMEM;
	text = equals + 1;
	open = strchr(text, '(');
	close = text + strlen(text) - 1;
	if (!open || close <= open || *close != ')')
		return spec_wrong(
			r,
			"\"%.80s\": the function stands in brackets behind the value, as in "
			"rows=arg2(load)",
			text);
	*open = *close = '\0';
	err = read_source(r, text);
	return err ? err : read_function(r, open + 1);
}

int spec_parse(enum spec_kind kind, const char *text, struct spec *out, char why[SPEC_WHY])
{
	struct spec_reader r = { .spec = out, .why = why };
	char *copy;
	int err;

	why[0] = '\0';
	*out = (struct spec){ .kind = kind, .args = -1 };
	if (strlen(text) > SPEC_TEXT_MAX)
		return spec_wrong(&r, "it has more than %d characters", SPEC_TEXT_MAX);
	out->text = strdup(text);
	copy = strdup(text);
	if (!out->text || !copy)
		err = -ENOMEM;
	else
		err = kind == SPEC_metric ? read_metric(&r, copy) : read_function(&r, copy);
	if (err == -ENOMEM)
		snprintf(why, SPEC_WHY, "out of memory");
	free(copy);
	return err;
}

void spec_fini(struct spec *s)
{
	free(s->text);
	free(s->library);
	free(s->pattern);
	free(s->metric);
	free(s->problem);
	*s = (struct spec){ .args = -1 };
}

static int add_one(struct specs *s, enum spec_kind kind, const char *text)
{
	char why[SPEC_WHY];
	struct spec spec;
	int err;

	if (s->count == s->room) {
		uint32_t room = s->room ? s->room * 2 : 8;
		struct spec *more = realloc(s->all, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		s->all = more;
		s->room = room;
	}
	err = spec_parse(kind, text, &spec, why);
	if (err == -EINVAL) {
		spec.problem = strdup(why);
		if (!spec.text) /* too long to be kept */
			spec.text = strndup(text, 80);
	}
	if (err == -ENOMEM || !spec.text || (err && !spec.problem)) {
		spec_fini(&spec);
		return -ENOMEM;
	}
	s->all[s->count++] = spec;
	return 0;
}

int specs_add(struct specs *s, enum spec_kind kind, const char *list)
{
	int err = 0;

	while (list && *list && !err) {
		size_t n = strcspn(list, ";"), used = n;
		char *text;

		for (; used && isspace((unsigned char)*list); used--, n--)
			list++;
		for (; used && isspace((unsigned char)list[used - 1]); used--)
			;
		text = used ? strndup(list, used) : NULL;
		if (used)
			err = text ? add_one(s, kind, text) : -ENOMEM;
		free(text);
		list += n + (list[n] == ';');
	}
	return err;
}

void specs_fini(struct specs *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		spec_fini(&s->all[i]);
	free(s->all);
	*s = (struct specs){ 0 };
}

const char *spec_kind_name(enum spec_kind kind)
{
	return kind == SPEC_task ? "task" : kind == SPEC_event ? "event" : "metric";
}
