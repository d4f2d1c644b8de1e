/* SPDX-License-Identifier: MIT */
/*
 * Whether functions can be tasks.
 */
#include "patchable.h"

#include <errno.h>
#include <stdlib.h>

#include "collector/plan/function.h"

/* By any name of its address; *at: where to look on, as addresses only rise. */
static const char *never(const struct symbols *symbols, uint32_t *at, uint64_t address)
{
	const char *why = NULL;

	while (*at < symbols->count && symbols->all[*at].address < address)
		++*at;
	for (uint32_t i = *at; i < symbols->count && symbols->all[i].address == address && !why;
	     i++)
		why = function_never(symbols->all[i].name);
	return why;
}

static int set_entries(struct object *object, const struct symbols *symbols)
{
	uint64_t *entry = calloc(symbols->count + 1, sizeof(*entry));
	int err = -ENOMEM;

	if (entry) {
		for (uint32_t i = 0; i < symbols->count; i++)
			entry[i] = symbols->all[i].address;
		err = object_set_entries(object, entry, symbols->count);
	}
	free(entry);
	return err;
}

int patchable_check(struct object *object, const struct symbols *symbols,
		    const struct catalog_module *module, struct catalog_function *functions,
		    bool is_static)
{
	const char *all = is_static ? "the probe cannot be loaded into a static program"
				    : function_never_object(module->name);
	int err = all ? 0 : set_entries(object, symbols);
	uint32_t at = 0;

	for (uint32_t i = 0; i < module->count && !err; i++) {
		struct catalog_function *f = &functions[i];
		struct function_code code;
		enum refusal refusal;

		if (!f->why_not)
			f->why_not = all ? all : never(symbols, &at, f->address);
		if (f->why_not)
			continue;
		refusal = function_plan(object, f->address, f->size, &code);
		if (refusal != REFUSAL_none)
			f->why_not = refusal_text(refusal);
	}
	return err;
}
