/* SPDX-License-Identifier: MIT */
/*
 * JSON, written as it comes.
 */
#include "json_out.h"

#include <math.h>
#include <string.h>

unsigned utf8_length(const unsigned char *s, size_t bytes)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t code;

	if (n <= 1 || s[0] > 0xf4 || n > bytes)
		return n == 1 && bytes ? 1 : 0;
	code = s[0] & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return n;
}

static void put_string(FILE *file, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = strlen(text);

	putc('"', file);
	while (left) {
		unsigned n = utf8_length(s, left);

		if (n == 0) {
			fputs("\xef\xbf\xbd", file);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(file, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(file, "\\u%04x", *s);
		} else {
			fwrite(s, 1, n, file);
		}
		s += n;
		left -= n;
	}
	putc('"', file);
}

static void indent(struct json_out *j)
{
	if (j->flat_from && j->depth >= j->flat_from)
		return;
	putc('\n', j->file);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->file);
}

static void begin(struct json_out *j, const char *key)
{
	if (j->depth) {
		bool is_flat = j->flat_from && j->depth >= j->flat_from;

		if (j->has_members[j->depth - 1])
			fputs(is_flat ? ", " : ",", j->file);
		indent(j);
		j->has_members[j->depth - 1] = true;
	}
	if (key) {
		put_string(j->file, key);
		fputs(": ", j->file);
	}
}

void jout_open(struct json_out *j, const char *key, char bracket)
{
	begin(j, key);
	putc(bracket, j->file);
	if (j->depth < JSON_DEPTH_MAX)
		j->has_members[j->depth] = false;
	j->depth++;
}

void jout_close(struct json_out *j, char bracket)
{
	bool had_members = j->has_members[--j->depth];

	if (had_members && !(j->flat_from && j->depth + 1 >= j->flat_from))
		indent(j);
	putc(bracket, j->file);
	if (!j->depth)
		putc('\n', j->file);
}

void jout_text(struct json_out *j, const char *key, const char *text)
{
	if (!text) {
		jout_null(j, key);
		return;
	}
	begin(j, key);
	put_string(j->file, text);
}

void jout_int(struct json_out *j, const char *key, int64_t number)
{
	begin(j, key);
	fprintf(j->file, "%lld", (long long)number);
}

void jout_real(struct json_out *j, const char *key, double number)
{
	if (!isfinite(number)) {
		jout_null(j, key);
		return;
	}
	begin(j, key);
	fprintf(j->file, "%.9g", number);
}

void jout_null(struct json_out *j, const char *key)
{
	begin(j, key);
	fputs("null", j->file);
}

void jout_raw(struct json_out *j, const char *key, const char *json)
{
	begin(j, key);
	fputs(json, j->file);
}
