/* SPDX-License-Identifier: MIT */
/*
 * Writes a plan in the format of preload/plan.h.
 *
 * A plan is put together in memory and becomes a file at once: it is complete when it has
 * its name, and nobody's file is overwritten while they read it.
 */
#ifndef TPPROBE_PLAN_PLAN_FILE_H
#define TPPROBE_PLAN_PLAN_FILE_H

#include <stdint.h>

#include "../../preload/plan.h"
#include "function.h"

struct plan_file;

/* What is to be done with a function, beside where and how. */
struct plan_purpose {
	uint32_t function; /* id of its TEXT_FUNCTION, below 2^24 */
	uint8_t flags;	   /* PLAN_task … */
	uint8_t fail, fail_type;
	int64_t fail_value;
	int16_t stack_words; /* -1: as its code says */
	uint16_t metrics_n;
	const struct plan_metric *metrics;
};

struct plan_file *plan_file_new(void); /* NULL: no memory */
void plan_file_free(struct plan_file *p);

/* -EEXIST: there is a function at this entry already (names that are aliases are one function);
 * -EINVAL: the purpose breaks the format; -E2BIG: the plan is full; -ENOMEM. */
int plan_file_add(struct plan_file *p, const struct function_code *code,
		  const struct plan_purpose *purpose);
uint32_t plan_file_functions(const struct plan_file *p);

/* Writes PLAN_FILE_PREFIX and the key in 16 digits into the directory; one that is there is
 * replaced. `text` is the id of the TEXT_PLAN. 0 or -errno; nothing is left behind then. */
int plan_file_write(struct plan_file *p, int dir, uint64_t key, uint32_t text);

#endif
