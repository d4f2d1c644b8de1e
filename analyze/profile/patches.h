/* SPDX-License-Identifier: MIT */
/*
 * Objects whose functions were to be made tasks, and why they were not.
 */
#ifndef TPPROBE_PATCHES_H
#define TPPROBE_PATCHES_H

#include <stdbool.h>
#include <stdint.h>

#define PATCH_ROWS_MAX 256 /* the rest is left out */

struct profile;
struct record;

struct patch_row {
	uint32_t text, why; /* id of the TEXT_PLAN; enum patch_why */
	uint64_t processes; /* that told so; an object that is loaded again counts again */
	uint64_t done, left;
};

struct patches {
	struct patch_row *rows;
	uint32_t count, room;
};

/* A PATCHED record. */
void patches_on_event(struct patches *patches, const struct record *r);
/* Was there an --event that events can be counted of? */
bool patches_want_events(const struct profile *p);
void patches_fini(struct patches *patches);

#endif
