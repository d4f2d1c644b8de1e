/* SPDX-License-Identifier: MIT */
/*
 * Functions that have names in a program and its libraries.
 */
#include "catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../grow.h"
#include "collector/plan/candidates.h"
#include "collector/plan/object.h"
#include "libraries.h"
#include "patchable.h"

/* What the texts and bytes of a module's functions lie in. */
struct catalog_source {
	struct symbols symbols;
	struct candidates candidates;
};

/* What is looked for: the pattern, and, for CATALOG_all, `*` in the same scope. */
struct looking {
	struct spec spec[2];
	struct specs specs;
	const struct target *target;
};

static int out_of_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

static int looking_init(struct looking *l, const char *pattern, enum catalog_extent extent,
			struct fault *fault)
{
	char why[SPEC_WHY], *all = NULL;
	int err = spec_parse(SPEC_task, pattern ? pattern : "*", &l->spec[0], why);

	if (err)
		return fault_set(fault, err, "%s", why);
	l->specs = (struct specs){ l->spec, 1, 2 };
	if (extent == CATALOG_matches)
		return 0;
	if (asprintf(&all, "%s%s*", l->spec[0].library ? l->spec[0].library : "",
		     l->spec[0].library ? "!" : "") < 0)
		return out_of_memory(fault);
	err = spec_parse(SPEC_task, all, &l->spec[1], why);
	free(all);
	l->specs.count = 2;
	return err ? fault_set(fault, err, "%s", why) : 0;
}

static void looking_fini(struct looking *l)
{
	spec_fini(&l->spec[0]);
	spec_fini(&l->spec[1]);
}

static bool is_meant(const struct candidates *found, const struct candidate *c)
{
	for (uint32_t i = 0; i < c->match_count; i++)
		if (!found->matches[c->first_match + i])
			return true;
	return false;
}

static int add_function(struct catalog *c, const struct catalog_module *m,
			const struct candidate *one)
{
	struct object_bytes code = object_code(m->object, one->address);
	struct catalog_function *more =
		array_grown(c->function, c->functions, &c->room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	c->function = more;
	more += c->functions++;
	*more = (struct catalog_function){
		.name = one->name,
		.full = one->full,
		.symbol = one->symbol,
		.aliases = one->others,
		.alias_count = one->other_count,
		.why_not = one->why,
		.bytes = code.at,
		.code_bytes = one->size < code.bytes ? one->size : code.bytes,
		.address = one->address,
		.size = one->size,
		.module = c->modules - 1,
		.is_match = is_meant(&m->source->candidates, one),
	};
	return 0;
}

static int read_module(struct catalog *c, struct catalog_module *m, const struct looking *l, int fd)
{
	struct catalog_source *s = m->source;
	struct candidates_where where = {
		.path = m->path,
		.is_main = c->modules == 1 && !l->target->is_library,
		.is_asked = c->modules == 1,
	};
	int err = object_open(fd, &m->object);

	if (!err)
		err = symbols_open(m->object, m->path, -1, &s->symbols);
	if (err)
		return err;
	m->is_stripped = symbols_are_stripped(&s->symbols);
	err = candidates_find(&s->symbols, &l->specs, &where, &s->candidates);
	for (uint32_t i = 0; !err && i < s->candidates.count; i++)
		err = add_function(c, m, &s->candidates.all[i]);
	m->count = c->functions - m->first;
	if (!err)
		err = patchable_check(m->object, &s->symbols, m, c->function + m->first,
				      l->target->is_static);
	return err;
}

static const char *problem_text(int err)
{
	return err == -ENOEXEC	 ? "not a program or library for x86-64"
	       : err == -EBADMSG ? "a damaged ELF file"
	       : err == -EFBIG	 ? "too large to be read"
				 : strerror(-err);
}

static int add_module(struct catalog *c, const char *path, const struct looking *l)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err = 0;
	struct catalog_module *more =
		array_grown(c->module, c->modules, &c->module_room, sizeof(*more));

	if (!more) {
		err = -ENOMEM;
		goto out;
	}
	c->module = more;
	more += c->modules++;
	*more = (struct catalog_module){ .path = strdup(path),
					 .first = c->functions,
					 .source = calloc(1, sizeof(*more->source)) };
	if (!more->path || !more->source) {
		err = -ENOMEM;
		goto out;
	}
	more->name = strrchr(more->path, '/') ? strrchr(more->path, '/') + 1 : more->path;
	err = fd < 0 ? -errno : read_module(c, more, l, fd);
	if (err && err != -ENOMEM) {
		snprintf(more->problem, sizeof(more->problem), "%s", problem_text(err));
		err = 0;
	}
out:
	if (fd >= 0)
		close(fd);
	return err;
}

static int note_missing(struct catalog *c, const char *name)
{
	char *text;

	if (asprintf(&text, "%s%s%s", c->missing ? c->missing : "", c->missing ? " " : "", name) <
	    0)
		return -ENOMEM;
	free(c->missing);
	c->missing = text;
	return 0;
}

static int add_libraries(struct catalog *c, const struct looking *l, struct fault *fault)
{
	struct libraries libraries;
	int err = libraries_init(&libraries, l->target->path, fault);

	if (err)
		return err;
	for (unsigned i = 0; i < libraries.count && !err; i++) {
		const struct library *library = &libraries.library[i];

		struct candidates_where where = {
			.path = library->path ? library->path : library->name,
		};

		if (!candidates_means(&l->spec[0], &where))
			continue;
		err = library->path ? add_module(c, library->path, l)
				    : note_missing(c, library->name);
	}
	libraries_fini(&libraries);
	return err ? out_of_memory(fault) : 0;
}

int catalog_init(struct catalog *c, const struct target *target, const char *pattern,
		 enum catalog_extent extent, struct fault *fault)
{
	struct looking l = { .target = target };
	int err = looking_init(&l, pattern, extent, fault);

	*c = (struct catalog){ .function = NULL };
	if (!err && add_module(c, target->path, &l))
		err = out_of_memory(fault);
	if (!err && *c->module[0].problem)
		err = fault_set(fault, -EBADMSG, "%s: %s", target->path, c->module[0].problem);
	if (!err)
		err = add_libraries(c, &l, fault);
	looking_fini(&l);
	if (err) {
		catalog_fini(c);
		return err;
	}
	for (uint32_t i = 0; i < c->functions; i++) {
		c->matches += c->function[i].is_match;
		c->tasks += c->function[i].is_match && !c->function[i].why_not;
	}
	return 0;
}

void catalog_fini(struct catalog *c)
{
	for (uint32_t i = 0; i < c->modules; i++) {
		struct catalog_source *s = c->module[i].source;

		if (s) {
			candidates_fini(&s->candidates);
			symbols_close(&s->symbols);
			object_close(c->module[i].object);
			free(s);
		}
		free(c->module[i].path);
	}
	free(c->module);
	free(c->function);
	free(c->missing);
	*c = (struct catalog){ .function = NULL };
}
