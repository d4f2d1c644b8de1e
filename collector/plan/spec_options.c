/* SPDX-License-Identifier: MIT */
/* The options behind a pattern: args=N and fail=ret<N. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec_parts.h"

bool spec_read_number(const char *text, int64_t *out)
{
	bool minus = *text == '-', hex;
	unsigned long long value;
	char *end;

	text += *text == '-' || *text == '+';
	hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	if (!isxdigit((unsigned char)text[hex ? 2 : 0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, hex ? 16 : 10);
	if (*end || end == text || errno || (minus && value > UINT64_C(1) << 63))
		return false;
	*out = (int64_t)(minus ? -value : value);
	return true;
}

static int read_args(struct spec_reader *r, const char *value)
{
	int64_t n;

	if (!spec_read_number(value, &n) || n < 0 || n > PLAN_STACK_WORDS_MAX)
		return spec_wrong(
			r,
			"args=%.40s: it is the number of 8-byte words of arguments on the "
			"stack, 0 to %d, as in f:args=8",
			value, PLAN_STACK_WORDS_MAX);
	r->spec->args = (int)n;
	return 0;
}

static int read_fail(struct spec_reader *r, const char *value)
{
	static const struct {
		char text[3];
		enum plan_compare compare;
	} operators[] = {
		{ "==", PLAN_eq }, { "!=", PLAN_ne }, { "<", PLAN_lt }, { ">", PLAN_gt }
	};
	const char *number = NULL;

	if (r->spec->kind != SPEC_task)
		return spec_wrong(
			r, "fail= says when a task has failed: it belongs to --task, not to --%s",
			spec_kind_name(r->spec->kind));
	if (strncmp(value, "ret", 3))
		return spec_wrong(
			r, "fail=%.40s: it compares what the function returns, as in fail=ret<0",
			value);
	for (unsigned i = 0; i < sizeof(operators) / sizeof(operators[0]) && !number; i++) {
		size_t n = strlen(operators[i].text);

		if (strncmp(value + 3, operators[i].text, n))
			continue;
		number = value + 3 + n;
		r->spec->fail = operators[i].compare;
	}
	if (!number || *number == '=')
		return spec_wrong(r, "fail=%.40s: compare with <, >, == or !=, as in fail=ret<0",
				  value);
	if (!spec_read_number(number, &r->spec->fail_value))
		return spec_wrong(
			r,
			"fail=%.40s: \"%.30s\" is no integer of 64 bits, as in fail=ret<0 or "
			"fail=ret==-1",
			value, number);
	return 0;
}

static int read_option(struct spec_reader *r, const char *key, const char *value)
{
	if (!strcmp(key, "args"))
		return read_args(r, value);
	if (!strcmp(key, "fail"))
		return read_fail(r, value);
	return spec_wrong(r, "there is no option \"%.40s=\"; a function has args=N and fail=ret<0",
			  key);
}

/* Where the option begins that ends at `end`: its colon; NULL: what stands there is none. */
static char *option_before(char *text, const char *end)
{
	char *at = text, *colon = NULL, *key;

	for (; at < end; at++)
		if (*at == ':')
			colon = at;
	if (!colon || colon == text || colon[-1] == ':')
		return NULL;
	for (key = colon + 1; islower((unsigned char)*key) || *key == '_'; key++)
		;
	return key > colon + 1 && *key == '=' ? colon : NULL;
}

int spec_read_options(struct spec_reader *r, char *text)
{
	char *end = text + strlen(text), *colon;
	int err = 0;

	while (!err && (colon = option_before(text, end))) {
		char *value = strchr(colon, '=');

		*end = *colon = *value = '\0';
		end = colon;
		err = read_option(r, colon + 1, value + 1);
	}
	return err;
}
