/* SPDX-License-Identifier: MIT */
/* Functions that only the debug information knows. */
#include "inlined_functions.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/plan/debug_info.h"
#include "collector/plan/inlined.h"
#include "collector/plan/match.h"
#include "collector/plan/spec.h"

struct looking {
	struct match match;
	struct match_name name;
	char *out;
	size_t room;
};

static int look_at(void *context, Dwarf_Die *function)
{
	const char *name = inlined_name(function);
	struct looking *l = context;

	if (!name)
		return 0;
	match_name_init(&l->name, name);
	if (!match_function(&l->match, &l->name))
		return 0;
	snprintf(l->out, l->room, "%s", match_name_get(&l->name)->brief);
	return 1;
}

static bool look_into(const struct catalog_module *m, struct looking *l)
{
	int fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), found = 0;
	struct debug_info *info = NULL;

	if (fd < 0)
		return false;
	if (m->object && !debug_info_open(fd, m->object, m->path, -1, &info))
		found = debug_info_each(info, look_at, l);
	debug_info_close(info);
	close(fd);
	return found > 0;
}

bool inlined_function(const struct catalog *c, const char *pattern, char *out, size_t room)
{
	struct looking *l = malloc(sizeof(*l));
	char why[SPEC_WHY];
	struct spec spec;
	bool found = false;

	if (!spec_parse(SPEC_task, pattern, &spec, why) && l) {
		l->out = out;
		l->room = room;
		match_init(&l->match, spec.pattern);
		for (uint32_t i = 0; i < c->modules && !found; i++)
			found = look_into(&c->module[i], l);
	}
	spec_fini(&spec);
	free(l);
	return found;
}
