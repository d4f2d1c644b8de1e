/* SPDX-License-Identifier: MIT */
/* Looks names up in never.def, and refusals in refusals.def. */
#include "function.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct never {
	const char *pattern, *why;
	bool is_object;
} nevers[] = {
#define NEVER(pattern, why) { pattern, why, false },
#define NEVER_OBJECT(pattern, why) { pattern, why, true },
#include "never.def"
#undef NEVER
#undef NEVER_OBJECT
};

/* Most names fail at their first letters: programs have many. */
static bool matches(const char *pattern, const char *name)
{
	while (*pattern && !strchr("*?[", *pattern))
		if (*pattern++ != *name++)
			return false;
	return !fnmatch(pattern, name, 0);
}

static const char *find(const char *name, bool is_object)
{
	for (size_t i = 0; i < sizeof(nevers) / sizeof(nevers[0]); i++)
		if (nevers[i].is_object == is_object && matches(nevers[i].pattern, name))
			return nevers[i].why;
	return NULL;
}

const char *function_never(const char *symbol)
{
	return find(symbol, false);
}

const char *function_never_object(const char *name)
{
	return find(name, true);
}

const char *refusal_text(enum refusal r)
{
	static const char *const texts[REFUSALS] = {
		[REFUSAL_none] = "",
#define REFUSAL(id, text) [REFUSAL_##id] = text,
#include "refusals.def"
#undef REFUSAL
	};

	return r < REFUSALS ? texts[r] : "";
}
