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

/* How much of it can be written as it is. */
static size_t plain_length(const unsigned char *s)
{
	size_t n = 0;

	while (s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

static void put_string(FILE *file, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc_unlocked('"', file);
	for (;;) {
		size_t plain = plain_length(s);
		unsigned n;

		fwrite_unlocked(s, 1, plain, file);
		s += plain;
		if (!*s)
			break;
		n = utf8_length(s, strnlen((const char *)s, 4));
		if (n == 0) {
			fputs("\xef\xbf\xbd", file);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(file, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(file, "\\u%04x", *s);
		} else {
			fwrite_unlocked(s, 1, n, file);
		}
		s += n;
	}
	putc_unlocked('"', file);
}

static void indent(struct json_out *j)
{
	if (j->flat_from && j->depth >= j->flat_from)
		return;
	putc_unlocked('\n', j->file);
	for (unsigned i = 0; i < j->depth; i++)
		fputs_unlocked("  ", j->file);
}

static void begin(struct json_out *j, const char *key)
{
	if (j->depth) {
		bool is_flat = j->flat_from && j->depth >= j->flat_from;

		if (j->has_members[j->depth - 1])
			fputs_unlocked(is_flat ? ", " : ",", j->file);
		indent(j);
		j->has_members[j->depth - 1] = true;
	}
	if (key) {
		put_string(j->file, key);
		fwrite_unlocked(": ", 1, 2, j->file);
	}
}

static void put_int(FILE *file, int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char text[24], *at = text + sizeof(text);

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	fwrite_unlocked(at, 1, (size_t)(text + sizeof(text) - at), file);
}

#define DIGITS 9
#define SMALLEST_EXPONENT -15

/* Nine digits of a number from 1e-15 up to 1e9, by one multiplication, which is exact to
 * 64 bits. False: too near the middle between two. *exponent: of the first digit. */
static bool nine_digits(double size, char digits[DIGITS], int *exponent)
{
	static const long double power[] = {
		1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,	 1e7L,	1e8L,
		1e9L,  1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L,
		1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L,
	};
	long double scaled, rest;
	uint64_t nine;
	int e = DIGITS - 1;

	while (e > SMALLEST_EXPONENT && size * power[DIGITS - 1 - e] < 1e8L)
		e--;
	scaled = size * power[DIGITS - 1 - e];
	nine = (uint64_t)scaled;
	rest = scaled - (long double)nine;
	if (rest > 0.499L && rest < 0.501L)
		return false;
	nine += rest > 0.5L;
	if (nine < 100000000 || nine > 999999999)
		return false;
	for (int i = DIGITS; i-- > 0; nine /= 10)
		digits[i] = (char)('0' + nine % 10);
	*exponent = e;
	return true;
}

/* As %.9g, in a tenth of its time. False: not done. */
static bool put_quickly(FILE *file, double number)
{
	char text[32], digits[DIGITS];
	int e, kept = DIGITS, n = 0, point;

	if (!(fabs(number) >= 1e-15 && fabs(number) < 1e9) ||
	    !nine_digits(fabs(number), digits, &e))
		return false;
	point = e < -4 ? 1 : e + 1; /* digits before it */
	while (kept > 1 && kept > point && digits[kept - 1] == '0')
		kept--;
	if (number < 0)
		text[n++] = '-';
	for (int i = point; i <= 0; i++) {
		text[n++] = '0';
		if (i == point)
			text[n++] = '.';
	}
	for (int i = 0; i < kept; i++) {
		if (i && i == point)
			text[n++] = '.';
		text[n++] = digits[i];
	}
	if (e < -4) {
		text[n++] = 'e';
		text[n++] = '-';
		text[n++] = (char)('0' + -e / 10);
		text[n++] = (char)('0' + -e % 10);
	}
	fwrite_unlocked(text, 1, (size_t)n, file);
	return true;
}

static void put_real(FILE *file, double number)
{
	if (number > -1e9 && number < 1e9 && number == (double)(int64_t)number &&
	    (number != 0 || !signbit(number)))
		put_int(file, (int64_t)number);
	else if (!put_quickly(file, number))
		fprintf(file, "%.9g", number);
}

void jout_open(struct json_out *j, const char *key, char bracket)
{
	begin(j, key);
	putc_unlocked(bracket, j->file);
	if (j->depth < JSON_DEPTH_MAX)
		j->has_members[j->depth] = false;
	j->depth++;
}

void jout_close(struct json_out *j, char bracket)
{
	bool had_members = j->has_members[--j->depth];

	if (had_members && !(j->flat_from && j->depth + 1 >= j->flat_from))
		indent(j);
	putc_unlocked(bracket, j->file);
	if (!j->depth)
		putc_unlocked('\n', j->file);
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
	put_int(j->file, number);
}

void jout_real(struct json_out *j, const char *key, double number)
{
	if (!isfinite(number)) {
		jout_null(j, key);
		return;
	}
	begin(j, key);
	put_real(j->file, number);
}

void jout_null(struct json_out *j, const char *key)
{
	begin(j, key);
	fwrite_unlocked("null", 1, 4, j->file);
}

void jout_raw(struct json_out *j, const char *key, const char *json)
{
	begin(j, key);
	fputs(json, j->file);
}
