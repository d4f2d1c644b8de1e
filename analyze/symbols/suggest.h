/* SPDX-License-Identifier: MIT */
/*
 * Which functions of a program are likely to be good tasks: work of some size that is
 * done again and again, seen from its names and from who calls whom.
 */
#ifndef TPPROBE_SUGGEST_H
#define TPPROBE_SUGGEST_H

#include "calls.h"

#define SUGGESTIONS_MAX 20
#define SUGGEST_WHY 160

struct suggestion {
	uint32_t function; /* in the catalog */
	int score;
	char why[SUGGEST_WHY]; /* what it got its points for */
};

/* The best of those that the pattern means and that can be tasks, best first. Their
 * number, or -ENOMEM. */
int suggest(const struct catalog *catalog, struct suggestion best[SUGGESTIONS_MAX]);

#endif
