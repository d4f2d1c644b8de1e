/* SPDX-License-Identifier: MIT */
/* The calling convention without types. */
#include "arguments.h"

#include <errno.h>
#include <stdlib.h>

struct arguments {
	int unused;
};

int arguments_open(struct object *o, const struct symbols *symbols, const char *path, int root_fd,
		   struct arguments **out)
{
	(void)o;
	(void)symbols;
	(void)path;
	(void)root_fd;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void arguments_close(struct arguments *a)
{
	free(a);
}

const char *arguments_metric(struct arguments *a, uint64_t function, unsigned argument,
			     enum plan_type type, struct plan_metric *out)
{
	bool is_float = type == PLAN_f32 || type == PLAN_f64;

	(void)a;
	(void)function;
	*out = (struct plan_metric){ .type = (uint8_t)type };
	if (!argument) {
		out->source = is_float ? PLAN_float_return : PLAN_integer_return;
	} else if (is_float) {
		out->source = PLAN_float_argument;
		out->index = (uint8_t)(argument - 1);
		if (argument > 8)
			return "no register holds that argument: more than 8 floating ones";
	} else {
		out->source = argument <= 6 ? PLAN_integer_argument : PLAN_stack_argument;
		out->index = (uint8_t)(argument <= 6 ? argument - 1 : argument - 7);
	}
	return NULL;
}

enum plan_type arguments_fail_type(struct arguments *a, uint64_t function)
{
	(void)a;
	(void)function;
	return PLAN_auto;
}
