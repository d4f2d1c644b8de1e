/* SPDX-License-Identifier: MIT */
/* One object being planned: what maker.c and purpose.c share. */
#ifndef TPPROBE_PLAN_MAKING_H
#define TPPROBE_PLAN_MAKING_H

#include "arguments.h"
#include "candidates.h"
#include "function.h"
#include "maker.h"
#include "plan_file.h"

#define MAKING_METRICS_MAX 16 /* of one function */

struct making {
	struct maker *m;
	const struct plan_request *r;
	struct object *object;
	struct symbols symbols;
	struct candidates candidates;
	struct arguments *arguments; /* NULL: not looked for yet */
	struct plan_file *file;
	int fd, root_fd;
	bool *in_vain; /* for each SPEC: nothing came of it with this function */
	uint32_t refused;
};

/* A new id for a name. */
uint32_t making_text_id(struct maker *m);
/* Tells the name, in the outbox. 0 or -ENOMEM. */
int making_tell_text(struct maker *m, uint32_t kind, uint32_t id, const void *text, size_t bytes);

/* Debug information, opened when the first function needs it. NULL: no memory. */
struct arguments *making_arguments(struct making *k);

/* What all SPECs that name the function want together: purpose.c. */
void making_purpose(struct making *k, const struct candidate *c, struct plan_metric *metrics,
		    struct plan_purpose *purpose);

#endif
