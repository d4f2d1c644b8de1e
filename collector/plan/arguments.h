/* SPDX-License-Identifier: MIT */
/*
 * Where arguments and results of a function are, by the System V ABI and the types that
 * the debug information tells. Without it argN is the N-th integer register (or word on
 * the stack), and of type f32 or f64 the N-th vector register.
 */
#ifndef TPPROBE_PLAN_ARGUMENTS_H
#define TPPROBE_PLAN_ARGUMENTS_H

#include <stdbool.h>

#include "../../preload/plan.h"
#include "symbols.h"

struct arguments;

/* Looks for debug information: in the file, else in its debug file. That there is none is
 * no error. 0 or -ENOMEM. */
int arguments_open(struct object *o, const struct symbols *symbols, const char *path, int root_fd,
		   struct arguments **out);
void arguments_close(struct arguments *a); /* NULL is fine */

/* Where argument 1 … (0: what it returns) of the function at this address is found, and what
 * it is; `type` PLAN_auto: as it was declared. NULL, or the reason why it cannot be had. The
 * name of the metric is not filled. */
const char *arguments_metric(struct arguments *a, uint64_t function, unsigned argument,
			     enum plan_type type, struct plan_metric *out);

/* What the function returns, an integer. PLAN_auto when it is not known. */
enum plan_type arguments_fail_type(struct arguments *a, uint64_t function);

static inline bool arguments_is_float(const struct plan_metric *m)
{
	return m->source == PLAN_float_argument || m->source == PLAN_float_return;
}

#endif
