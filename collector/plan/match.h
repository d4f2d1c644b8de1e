/* SPDX-License-Identifier: MIT */
/* Patterns of SPECs against names of functions and libraries. */
#ifndef TPPROBE_PLAN_MATCH_H
#define TPPROBE_PLAN_MATCH_H

#include <stdbool.h>

#include "demangle.h"

#define MATCH_LITERAL_MAX 64

struct match {
	const char *pattern;
	/* Every mangled name that demangles to what the pattern matches has this in it; "":
	 * nothing is known. Spares demangling all the others. */
	char literal[MATCH_LITERAL_MAX];
};

void match_init(struct match *m, const char *pattern);

/* A name that is demangled when somebody asks. */
struct match_name {
	const char *name;
	bool is_demangled;
	struct demangled demangled;
};

static inline void match_name_init(struct match_name *n, const char *name)
{
	n->name = name;
	n->is_demangled = false;
}

/* Its names, demangled now if they were not. */
const struct demangled *match_name_get(struct match_name *n);

/* Against the linker's name, that without suffixes of clones, and the demangled one with
 * and without parameters. */
bool match_function(const struct match *m, struct match_name *n);

/* `lib` of `lib!` against the file at `path`: libfoo.so.1.2 is also libfoo.so and libfoo. */
bool match_library(const char *pattern, const char *path);

/* Is this file the distribution's (below /lib… or /usr/lib…), whose functions are meant
 * only when `lib!` says so? */
bool match_is_system(const char *path);

#endif
