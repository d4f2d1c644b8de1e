/* SPDX-License-Identifier: MIT */
/*
 * Objects of a program image.
 */
#include "modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tasks.h"

static struct module *mapped_at(struct image *image, uint64_t base)
{
	for (uint32_t i = 0; i < image->modules; i++)
		if (image->module[i].base == base && image->module[i].gone == STAMP_NEVER)
			return &image->module[i];
	return NULL;
}

static void on_module(struct thread *thread, const struct record *r)
{
	struct image *image = thread->image;
	const char *name = thread->text.module, *slash;
	struct module *more;

	if (!name || thread->text.module_id != event_MODULE_text(r->v) ||
	    mapped_at(image, event_MODULE_base(r->v)))
		return;
	more = realloc(image->module, (image->modules + 1) * sizeof(*more));
	if (!more)
		return;
	image->module = more;
	slash = strrchr(name, '/');
	more[image->modules] = (struct module){ .base = event_MODULE_base(r->v),
						.size = event_MODULE_size(r->v),
						.told = r->stamp,
						.gone = STAMP_NEVER,
						.name = strdup(slash ? slash + 1 : name) };
	if (more[image->modules].name)
		image->modules++;
}

void modules_on_event(struct thread *thread, const struct record *r)
{
	struct module *module;

	if (!thread->image)
		return;
	if (r->type == EVENT_MODULE) {
		on_module(thread, r);
	} else if (r->type == EVENT_MODULE_GONE) {
		module = mapped_at(thread->image, event_MODULE_GONE_base(r->v));
		if (module)
			module->gone = r->stamp;
	}
}

const struct module *modules_find(const struct image *image, uint64_t addr, uint64_t stamp)
{
	for (const struct image *i = image; i; i = i->origin) {
		const struct module *later = NULL;

		for (uint32_t m = 0; m < i->modules; m++) {
			const struct module *module = &i->module[m];

			if (addr - module->base >= module->size || module->gone <= stamp)
				continue;
			if (module->told <= stamp)
				return module;
			if (!later || module->told < later->told)
				later = module;
		}
		if (later)
			return later;
	}
	return NULL;
}

bool modules_place(const struct image *image, uint64_t addr, uint64_t stamp, char *text,
		   size_t room)
{
	const struct module *module = modules_find(image, addr, stamp);

	if (!module)
		return false;
	snprintf(text, room, "%.200s+0x%llx", module->name,
		 (unsigned long long)(addr - module->base));
	return true;
}
