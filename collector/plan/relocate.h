/* SPDX-License-Identifier: MIT */
/* Moves the first instructions of a function: what a trampoline is made of. */
#ifndef TPPROBE_PLAN_RELOCATE_H
#define TPPROBE_PLAN_RELOCATE_H

#include "function.h"
#include "object.h"

/* Fills entry, original, code and fixups of `out`. */
enum refusal relocate(const struct object *o, uint64_t entry, struct function_code *out);

#endif
