/* SPDX-License-Identifier: MIT */
/*
 * Every text once: many tasks bear the same name.
 */
#ifndef TPPROBE_NAMES_H
#define TPPROBE_NAMES_H

#include "idmap.h"
#include "pool.h"

struct names {
	struct idmap by_hash;
	struct pool pool;
};

/* The one copy of this text, up to its first NUL; lives until names_fini(). NULL: out
 * of memory. */
const char *names_get(struct names *names, const char *text, size_t bytes);
void names_fini(struct names *names);

#endif
