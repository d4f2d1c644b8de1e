/* SPDX-License-Identifier: MIT */
/* Abstract functions (DW_AT_inline) by their names. */
#include "inlined.h"

#include <dwarf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "candidates.h"
#include "debug_info.h"
#include "match.h"

static const char why[] = "inlined: the compiler has put it into all its callers";

#define FOUND_MAX 1000 /* of one object */

/* A search through one object. */
struct search {
	struct results *results;
	struct match *matches;
	uint32_t *specs, count;
	uint32_t found;
	struct match_name name;
};

static void forget(struct inlined_object *o)
{
	close(o->fd);
	if (o->root_fd >= 0)
		close(o->root_fd);
	free(o);
}

void inlined_fini(struct inlined *q)
{
	while (q->count)
		forget(q->first[--q->count]);
}

void inlined_remember(struct inlined *q, const struct plan_request *r, int fd, int root_fd)
{
	struct inlined_object *o;

	if (q->count == INLINED_OBJECTS || !(o = malloc(sizeof(*o))))
		return;
	o->request = *r;
	o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	o->root_fd = root_fd < 0 ? -1 : fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
	if (o->fd < 0) {
		free(o);
		return;
	}
	q->first[q->count++] = o;
}

static bool is_inlined(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Word how;

	return dwarf_attr(function, DW_AT_inline, &attribute) &&
	       !dwarf_formudata(&attribute, &how) &&
	       (how == DW_INL_inlined || how == DW_INL_declared_inlined);
}

const char *inlined_name(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

	if (!is_inlined(function))
		return NULL;
	if (dwarf_attr_integrate(function, DW_AT_linkage_name, &attribute))
		name = dwarf_formstring(&attribute);
	return name ? name : dwarf_diename(function);
}

static int look_at(void *context, Dwarf_Die *function)
{
	struct search *s = context;
	const char *name = inlined_name(function);

	if (!name)
		return 0;
	match_name_init(&s->name, name);
	for (uint32_t i = 0; i < s->count; i++) {
		if (!match_function(&s->matches[i], &s->name))
			continue;
		results_met(s->results, s->specs[i], 1, false);
		results_refused(s->results, s->specs[i], why, match_name_get(&s->name)->brief);
		s->found++;
	}
	return s->found > FOUND_MAX;
}

/* Those that mean the object and have found nothing so far. */
static bool choose_specs(struct search *s, const struct plan_request *r)
{
	const struct specs *specs = s->results->specs;
	struct candidates_where where = { .path = r->path, .is_main = r->is_main };

	s->matches = calloc(specs->count, sizeof(*s->matches));
	s->specs = calloc(specs->count, sizeof(*s->specs));
	for (uint32_t i = 0; s->matches && s->specs && i < specs->count; i++) {
		if (!candidates_means(&specs->all[i], &where) || results_matched(s->results, i))
			continue;
		match_init(&s->matches[s->count], specs->all[i].pattern);
		s->specs[s->count++] = i;
	}
	return s->count;
}

bool inlined_look(struct inlined *q, struct results *results)
{
	struct search *s = calloc(1, sizeof(*s));
	struct inlined_object *o = q->count ? q->first[--q->count] : NULL;
	struct debug_info *info = NULL;
	struct object *object = NULL;

	if (s && o) {
		s->results = results;
		if (choose_specs(s, &o->request) && !object_open(o->fd, &object) &&
		    !debug_info_open(o->fd, object, o->request.path, o->root_fd, &info))
			debug_info_each(info, look_at, s);
		free(s->matches);
		free(s->specs);
	}
	debug_info_close(info);
	object_close(object);
	free(s);
	if (o)
		forget(o);
	return o != NULL;
}
