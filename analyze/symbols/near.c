/* SPDX-License-Identifier: MIT */
/*
 * The name that was perhaps meant by a pattern which no function matches: one that has the
 * pattern's words in it (another case, a namespace before it), else one that is spelled
 * nearly so.
 */
#include "near.h"

#include <stdio.h>
#include <string.h>

#include "../command.h"
#include "collector/plan/spec.h"

/* The longest piece without `*`, `?`, `[…]`, `::` at its ends. */
static void longest_piece(char *out, size_t room, const char *pattern)
{
	size_t best = 0;

	*out = '\0';
	while (*pattern) {
		size_t n = strcspn(pattern, "*?[]");

		if (n > best && n < room) {
			best = n;
			memcpy(out, pattern, n);
			out[n] = '\0';
		}
		pattern += n + (pattern[n] != '\0');
	}
}

static const char *last_part(const char *name)
{
	const char *part = name;

	for (const char *at = name; *at && *at != '<' && *at != '('; at++)
		if (at[0] == ':' && at[1] == ':')
			part = at + 2;
	return part;
}

bool near_name(const struct catalog *c, const char *pattern, char *out, size_t room)
{
	char piece[64], why[SPEC_WHY];
	const char *nearest = NULL;
	unsigned best = 64;
	struct spec spec;

	if (!spec_parse(SPEC_task, pattern, &spec, why))
		longest_piece(piece, sizeof(piece), spec.pattern);
	else
		*piece = '\0';
	spec_fini(&spec);
	for (uint32_t i = 0; *piece && i < c->functions; i++) {
		const char *name = c->function[i].name, *part = last_part(name);
		unsigned away = strcasestr(name, piece) ? 0 : command_distance(part, piece);

		/* Of two that are as near, the shorter. */
		if (away < best || (away == best && nearest && strlen(name) < strlen(nearest))) {
			best = away;
			nearest = name;
		}
	}
	if (!nearest || best > 1 + strlen(piece) / 4)
		return false;
	snprintf(out, room, "%s", nearest);
	return true;
}
