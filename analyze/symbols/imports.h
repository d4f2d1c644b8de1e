/* SPDX-License-Identifier: MIT */
/*
 * What an object calls in others, by name: the slots of its global offset table and
 * the stubs of its procedure linkage table that jump through them.
 */
#ifndef TPPROBE_IMPORTS_H
#define TPPROBE_IMPORTS_H

#include <stdint.h>

#include "collector/plan/object.h"

struct import {
	uint64_t address; /* of the slot or the stub, relative to the object */
	const char *name;
};

struct imports {
	struct import *import; /* by rising address */
	uint32_t count, room;
};

/* The names are the object's, as long as it is open. `o` NULL: there are none. 0 or -ENOMEM. */
int imports_init(struct imports *i, struct object *o);
void imports_fini(struct imports *i);
/* The name behind a slot or a stub; NULL: no import. */
const char *imports_find(const struct imports *i, uint64_t address);

#endif
