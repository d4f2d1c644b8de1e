/* SPDX-License-Identifier: MIT */
/*
 * Whether functions can be tasks, as the collector will decide when it plans.
 */
#ifndef TPPROBE_PATCHABLE_H
#define TPPROBE_PATCHABLE_H

#include "catalog.h"
#include "collector/plan/object.h"
#include "collector/plan/symbols.h"

/* Fills in why_not of those of the module's functions that cannot. 0 or -ENOMEM. */
int patchable_check(struct object *object, const struct symbols *symbols,
		    const struct catalog_module *module, struct catalog_function *functions,
		    bool is_static);

#endif
