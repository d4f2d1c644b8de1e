/* SPDX-License-Identifier: MIT */
/* SPECs times symbols. */
#include "candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

#define OTHERS_MAX 64 /* names of one address that are kept */

/* A SPEC that means this object. */
struct seeker {
	struct match match;
	uint32_t spec;
};

struct search {
	struct candidates *out;
	struct seeker *seekers;
	uint32_t seeker_count;
	uint32_t limit;
	struct match_name name, other; /* large */
};

bool candidates_means(const struct spec *s, const struct candidates_where *where)
{
	if (s->problem || !s->pattern)
		return false;
	if (s->library)
		return match_library(s->library, where->path);
	return where->is_main || where->is_asked || !match_is_system(where->path);
}

static int make_seekers(struct search *s, const struct specs *specs,
			const struct candidates_where *where)
{
	s->seekers = calloc(specs->count + 1, sizeof(*s->seekers));
	s->out->of_spec = calloc(specs->count + 1, sizeof(*s->out->of_spec));
	if (!s->seekers || !s->out->of_spec)
		return -ENOMEM;
	for (uint32_t i = 0; i < specs->count; i++) {
		s->out->of_spec[i].in_scope = candidates_means(&specs->all[i], where);
		if (!s->out->of_spec[i].in_scope)
			continue;
		match_init(&s->seekers[s->seeker_count].match, specs->all[i].pattern);
		s->seekers[s->seeker_count++].spec = i;
	}
	return 0;
}

/* Thunks, and what the compiler makes for variables, are no functions that anybody wrote. */
static bool is_made(const char *name)
{
	return !strncmp(name, "_ZT", 3) || !strncmp(name, "_ZGV", 4);
}

static int note_match(struct candidates *c, uint32_t spec)
{
	if (c->match_count == c->match_room) {
		uint32_t room = c->match_room ? c->match_room * 2 : 64;
		uint32_t *more = realloc(c->matches, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->matches = more;
		c->match_room = room;
	}
	c->matches[c->match_count++] = spec;
	return 0;
}

static struct candidate *add(struct candidates *c)
{
	if (c->count == c->room) {
		uint32_t room = c->room ? c->room * 2 : 64;
		struct candidate *more = realloc(c->all, room * sizeof(*more));

		if (!more)
			return NULL;
		c->all = more;
		c->room = room;
	}
	c->all[c->count] = (struct candidate){ .first_match = c->match_count };
	return &c->all[c->count++];
}

static bool has_name(const struct candidate *c, const char *name)
{
	for (uint32_t i = 0; i < c->other_count; i++)
		if (!strcmp(c->others[i], name))
			return true;
	return !strcmp(c->name, name);
}

/* The other names of its address. */
static int add_others(struct search *s, struct candidate *c, const struct symbol *at, uint32_t n)
{
	for (uint32_t i = 0; i < n && c->other_count < OTHERS_MAX; i++) {
		const char *name;

		if (at[i].name == c->symbol || is_made(at[i].name))
			continue;
		match_name_init(&s->other, at[i].name);
		name = match_name_get(&s->other)->brief;
		if (has_name(c, name))
			continue;
		if (!c->others)
			c->others = calloc(OTHERS_MAX < n ? OTHERS_MAX : n, sizeof(*c->others));
		if (!c->others || !(c->others[c->other_count] = strdup(name)))
			return -ENOMEM;
		c->other_count++;
	}
	return 0;
}

static int describe(struct search *s, struct candidate *c, const struct symbol *at, uint32_t n,
		    uint32_t which)
{
	const struct demangled *names;

	c->address = at[which].address;
	c->symbol = at[which].name;
	for (uint32_t i = 0; i < n; i++) {
		if (at[i].size > c->size)
			c->size = at[i].size;
		if (at[i].is_ifunc)
			c->why = "chosen at run time (IFUNC): name the function that is chosen";
	}
	match_name_init(&s->name, c->symbol);
	names = match_name_get(&s->name);
	c->name = strdup(names->brief);
	c->full = strdup(names->full);
	return c->name && c->full ? add_others(s, c, at, n) : -ENOMEM;
}

/* All names of one address against all SPECs. */
static int look_at(struct search *s, const struct symbol *at, uint32_t n)
{
	struct candidates *out = s->out;
	uint32_t first = out->match_count, best = n;
	struct candidate *c;
	int err;

	for (uint32_t k = 0; k < n; k++) {
		match_name_init(&s->name, at[k].name);
		if (is_made(at[k].name))
			continue;
		for (uint32_t i = 0; i < s->seeker_count; i++) {
			uint32_t spec = s->seekers[i].spec, seen = first;

			while (seen < out->match_count && out->matches[seen] != spec)
				seen++;
			if (seen < out->match_count ||
			    !match_function(&s->seekers[i].match, &s->name))
				continue;
			out->of_spec[spec].matched++;
			if (s->limit && out->of_spec[spec].matched > s->limit)
				out->of_spec[spec].too_many = true;
			if (out->of_spec[spec].too_many)
				continue;
			if (best == n)
				best = k;
			err = note_match(out, spec);
			if (err)
				return err;
		}
	}
	if (best == n)
		return 0;
	c = add(out);
	if (!c)
		return -ENOMEM;
	c->first_match = first;
	c->match_count = out->match_count - first;
	return describe(s, c, at, n, best);
}

static void forget(struct candidate *c)
{
	for (uint32_t i = 0; i < c->other_count; i++)
		free(c->others[i]);
	free(c->others);
	free(c->name);
	free(c->full);
}

/* Takes SPECs that matched too much out of the list again. */
static void drop_too_many(struct candidates *c)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		struct candidate *one = &c->all[i];
		uint32_t n = 0, *matches = c->matches + one->first_match;

		for (uint32_t k = 0; k < one->match_count; k++)
			if (!c->of_spec[matches[k]].too_many)
				matches[n++] = matches[k];
		one->match_count = n;
		if (n)
			c->all[kept++] = *one;
		else
			forget(one);
	}
	c->count = kept;
}

int candidates_find(const struct symbols *symbols, const struct specs *specs,
		    const struct candidates_where *where, struct candidates *out)
{
	struct search *s = calloc(1, sizeof(*s));
	int err;

	*out = (struct candidates){ 0 };
	if (!s)
		return -ENOMEM;
	s->out = out;
	s->limit = where->limit;
	err = make_seekers(s, specs, where);
	for (uint32_t i = 0, n; !err && s->seeker_count && i < symbols->count; i += n) {
		const struct symbol *at = symbols->all + i;

		for (n = 1; i + n < symbols->count && at[n].address == at->address; n++)
			;
		err = look_at(s, at, n);
	}
	free(s->seekers);
	free(s);
	if (err)
		candidates_fini(out);
	else
		drop_too_many(out);
	return err;
}

void candidates_fini(struct candidates *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		forget(&c->all[i]);
	free(c->all);
	free(c->matches);
	free(c->of_spec);
	*c = (struct candidates){ 0 };
}
