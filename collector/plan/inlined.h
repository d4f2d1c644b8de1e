/* SPDX-License-Identifier: MIT */
/*
 * SPECs that no symbol matches, against the functions that only the debug information still
 * knows, since the compiler has put them into all their callers. Looking takes long: it is
 * done when nobody waits for a plan.
 */
#ifndef TPPROBE_PLAN_INLINED_H
#define TPPROBE_PLAN_INLINED_H

#include <elfutils/libdw.h>
#include <stdbool.h>

#include "request.h"
#include "results.h"

#define INLINED_OBJECTS 16 /* that are remembered */

struct inlined {
	struct inlined_object {
		struct plan_request request;
		int fd, root_fd;
	} * first[INLINED_OBJECTS];
	unsigned count;
};

void inlined_fini(struct inlined *q);
/* Its linker's name, if it is in the debug information as inlined only; else NULL. */
const char *inlined_name(Dwarf_Die *function);

/* An object in which a SPEC matched nothing. The descriptors stay the caller's. */
void inlined_remember(struct inlined *q, const struct plan_request *r, int fd, int root_fd);
/* Looks into one of them, and tells the results. False: there is none left. */
bool inlined_look(struct inlined *q, struct results *results);

#endif
