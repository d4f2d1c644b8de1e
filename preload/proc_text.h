/* SPDX-License-Identifier: MIT */
/*
 * Reading numbers out of what /proc says. In place of strtoull and its kin: a forked
 * child has none of libc's pages yet, and a page fault costs as much as all of this.
 */
#ifndef TPPROBE_PROC_TEXT_H
#define TPPROBE_PROC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The number at `at`, behind blanks; 0 when there is none. */
static inline uint64_t proc_number(const char *at)
{
	uint64_t number = 0;

	while (*at == ' ' || *at == '\t')
		at++;
	for (; *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

/* Behind the first `key` in the text; NULL: it is not there. */
static inline const char *proc_find(const char *text, const char *key)
{
	for (; *text; text++) {
		size_t n = 0;

		while (key[n] && text[n] == key[n])
			n++;
		if (!key[n])
			return text + n;
	}
	return NULL;
}

/* The number behind `key` in a file of "key: number" lines. */
static inline uint64_t proc_number_after(const char *text, const char *key)
{
	const char *at = proc_find(text, key);

	return at ? proc_number(at) : 0;
}

/* Field `field` of /proc/PID/stat (from 3; the name in field 2 may hold anything). */
static inline uint64_t proc_stat_field(const char *stat, int field)
{
	const char *at = stat;

	for (const char *c = stat; *c; c++)
		if (*c == ')')
			at = c + 1;
	for (int n = 3; *at; at++)
		if (*at == ' ' && n++ == field)
			return proc_number(at);
	return 0;
}

#endif
