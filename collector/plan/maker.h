/* SPDX-License-Identifier: MIT */
/* Makes the plan of one object: names, code, metrics, and tells of all that in the outbox. */
#ifndef TPPROBE_PLAN_MAKER_H
#define TPPROBE_PLAN_MAKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "../arena_view.h"
#include "inlined.h"
#include "outbox.h"
#include "results.h"
#include "spec.h"

struct maker {
	const struct arena_view *arena;
	const struct specs *specs;
	struct results *results;
	struct outbox *outbox;
	int dir;		   /* of the session: where plans are written */
	uint32_t *metric_id;	   /* one for each SPEC, 0: none yet */
	struct inlined inlined;	   /* objects to look into later */
	const _Atomic bool *stops; /* leave it half done: nobody waits any more */
};

/* 0 or -ENOMEM. */
int maker_init(struct maker *m);
void maker_fini(struct maker *m);

/* Sees to it that the file of the plan is there. 0 or -errno: it cannot be written. An
 * object that cannot be read has a plan without functions, and a note. */
int maker_make(struct maker *m, const struct plan_request *r);

#endif
