/* SPDX-License-Identifier: MIT */
/*
 * Where arguments and results of a function are: by the types that the debug information
 * tells, or where it says that an argument is at the entry. Without debug information argN
 * is the N-th integer register (then words on the stack), and of type f32 or f64 the N-th
 * vector register. `this` of a method is arg1.
 */
#ifndef TPPROBE_PLAN_ARGUMENTS_H
#define TPPROBE_PLAN_ARGUMENTS_H

#include <stdbool.h>

#include "../../preload/plan.h"
#include "object.h"

struct arguments;

/* Looks for debug information of the object that was opened from `fd`: in the file, else in
 * its debug file (symbols.h). That there is none is no error. 0 or -ENOMEM. */
int arguments_open(int fd, struct object *o, const char *path, int root_fd, struct arguments **out);
void arguments_close(struct arguments *a); /* NULL is fine */

/* In what follows NULL for `a` means that nothing is known.
 *
 * Where argument 1 … (0: what it returns) of the function at this address is found, and what
 * it is; `type` PLAN_auto: as it was declared. `symbol` is its name. NULL, or the reason why
 * it cannot be had. The name of the metric is not filled. */
const char *arguments_metric(struct arguments *a, uint64_t function, const char *symbol,
			     unsigned argument, enum plan_type type, struct plan_metric *out);

/* The integer that the function returns, for `fail=`. NULL, or why there is none. */
const char *arguments_fail_type(struct arguments *a, uint64_t function, const char *symbol,
				enum plan_type *type);

/* The words on the stack that its declared parameters take; 0: not known. */
unsigned arguments_stack_words(struct arguments *a, uint64_t function);

static inline bool arguments_is_float(const struct plan_metric *m)
{
	return m->source == PLAN_float_argument || m->source == PLAN_float_return;
}

#endif
