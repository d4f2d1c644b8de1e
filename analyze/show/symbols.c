/* SPDX-License-Identifier: MIT */
/*
 * What the formats of `tpprobe symbols` have in common.
 */
#include "symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

const struct symbols_format symbols_formats[] = {
	{ "text", symbols_text },
	{ "json", symbols_json },
	{ "csv", symbols_csv },
	{ NULL, NULL },
};

static int by_count(const void *a, const void *b)
{
	const struct symbols_reason *one = a, *other = b;

	if (one->count != other->count)
		return one->count < other->count ? 1 : -1;
	return strcmp(one->why, other->why);
}

int symbols_reasons(const struct catalog *c, struct symbols_reason **reasons)
{
	struct symbols_reason *r = NULL;
	uint32_t n = 0, room = 0;

	for (uint32_t i = 0; i < c->functions; i++) {
		const struct catalog_function *f = &c->function[i];
		struct symbols_reason *more;
		uint32_t at = 0;

		if (!f->is_match || !f->why_not)
			continue;
		while (at < n && strcmp(r[at].why, f->why_not))
			at++;
		if (at == n) {
			more = array_grown(r, n, &room, sizeof(*r));
			if (!more) {
				free(r);
				return -ENOMEM;
			}
			r = more;
			r[n++] = (struct symbols_reason){ f->why_not, 0 };
		}
		r[at].count++;
	}
	if (n)
		qsort(r, n, sizeof(*r), by_count);
	*reasons = r;
	return (int)n;
}

const char *symbols_spec(char *out, size_t room, const struct symbols_view *v, uint32_t function)
{
	const struct catalog_function *f = &v->catalog->function[function];
	const char *library =
		f->module || v->target->is_library ? v->catalog->module[f->module].name : "";

	/* Without the version: libfoo.so.1.2 is libfoo.so as well. */
	const char *version = strstr(library, ".so.");

	snprintf(out, room, "%.*s%s%s",
		 version ? (int)(version + 3 - library) : (int)strlen(library), library,
		 *library ? "!" : "", f->name);
	for (char *at = out; *at; at++)
		if (strchr("*[];'", *at))
			*at = '?';
	return out;
}
