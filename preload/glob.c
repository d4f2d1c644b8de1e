/* SPDX-License-Identifier: MIT */
/* One star is remembered at a time: what an earlier one took never has to change. */
#include "glob.h"

#include <stddef.h>

/* Behind the set that begins after `[`, when c is in it; NULL: it is not. *whole is
 * false when there is no end: then the bracket stands for itself. */
static const char *match_set(const char *at, char c, bool *whole)
{
	bool negate = *at == '!' || *at == '^', in = false, first = true;

	for (at += negate; *at && (*at != ']' || first); first = false) {
		unsigned char low = (unsigned char)*at++, high = low;

		if (*at == '-' && at[1] && at[1] != ']') {
			high = (unsigned char)at[1];
			at += 2;
		}
		in |= (unsigned char)c >= low && (unsigned char)c <= high;
	}
	*whole = *at == ']';
	return *whole && in != negate ? at + 1 : NULL;
}

/* The pattern behind what matches c; NULL: it does not. */
static const char *match_one(const char *pattern, char c)
{
	const char *behind;
	bool whole;

	switch (*pattern) {
	case '\0':
		return NULL;
	case '?':
		return pattern + 1;
	case '[':
		behind = match_set(pattern + 1, c, &whole);
		if (whole)
			return behind;
		break;
	case '\\':
		pattern += pattern[1] != '\0';
		break;
	}
	return *pattern == c ? pattern + 1 : NULL;
}

bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *taken = NULL; /* behind the last `*`, and what it took */

	while (*text) {
		const char *behind;

		if (*pattern == '*') {
			star = ++pattern;
			taken = text;
		} else if ((behind = match_one(pattern, *text))) {
			pattern = behind;
			text++;
		} else if (star) {
			pattern = star;
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
