/* SPDX-License-Identifier: MIT */
/*
 * Which functions of a program are likely to be good tasks.
 *
 * Points for what a person would look for: a name that speaks of work, a thread's start
 * routine, a call from a loop, few callers and much below it alone. What is small, called from
 * everywhere, or the language's own is left out. The graph has direct calls only, so
 * a function that nobody calls may be a callback: that costs nothing.
 */
#include "suggest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dominators.h"
#include "words.h"

enum {
	SCORE_LEAST = 5, /* to be suggested at all */
	SIZE_SMALL = 48, /* bytes: below, never */
	SIZE_LEAF = 160, /* of one that calls nothing and has no loop */
	SIZE_MIDDLE = 256,
	SIZE_LARGE = 1024,
	CALLERS_FEW = 3,
	CALLERS_MANY = 10,
	CALLERS_EVERYWHERE = 30,
	CALLEES_MANY = 30,
	DEPTH_NEAR = 3,
	OWN_SOME = 5,
	OWN_MUCH = 20,
	OWN_MOST = 100,
};

struct suggesting {
	const struct catalog *catalog;
	struct call_graph graph;
	uint8_t *seen;	 /* per function */
	uint32_t *depth; /* the same: calls below main or a thread's start; 0 none, or not known */
	uint32_t *own;	 /* the same: functions that are called through it alone */
};

/* Names that no program gave itself a task by. */
static bool is_languages_own(const char *name)
{
	static const char *const prefix[] = { "_",
					      "std::",
					      "core::",
					      "alloc::",
					      "boost::",
					      "operator",
					      "non-virtual thunk",
					      "virtual thunk",
					      "vtable for",
					      "guard variable",
					      "frame_dummy",
					      "register_tm_clones",
					      "deregister_tm_clones",
					      "<" };
	const char *end = name + strcspn(name, "<("), *last = end;

	for (unsigned i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++)
		if (!strncmp(name, prefix[i], strlen(prefix[i])))
			return true;
	while (last > name && last[-1] != ':')
		last--;
	if (*last == '~' || !strncmp(last, "operator", 8))
		return true;
	/* A::A: a constructor */
	for (const char *part = last - 2; part > name; part--)
		if (part == name + 1 || part[-1] == ':')
			return (size_t)(last - 2 - part) == (size_t)(end - last) &&
			       !strncmp(part, last, (size_t)(end - last));
	return last > name + 2 && (size_t)(last - 2 - name) == (size_t)(end - last) &&
	       !strncmp(name, last, (size_t)(end - last));
}

static bool is_main(const struct catalog_function *f)
{
	return !strcmp(f->name, "main");
}

static bool is_candidate(const struct catalog_function *f, const struct call_node *n)
{
	if (!f->is_match || f->why_not || is_main(f) || is_languages_own(f->name))
		return false;
	if (n->starts_thread)
		return true;
	return f->size >= SIZE_SMALL && (n->callees || n->has_loop || f->size >= SIZE_LEAF);
}

static void add(struct suggestion *s, int points, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void add(struct suggestion *s, int points, const char *format, ...)
{
	size_t n = strlen(s->why);
	va_list ap;

	s->score += points;
	if (n)
		n += (size_t)snprintf(s->why + n, sizeof(s->why) - n, ", ");
	if (n >= sizeof(s->why))
		return;
	va_start(ap, format);
	vsnprintf(s->why + n, sizeof(s->why) - n, format, ap);
	va_end(ap);
}

static void score(struct suggesting *g, struct suggestion *s)
{
	const struct catalog_function *f = &g->catalog->function[s->function];
	const struct call_node *n = &g->graph.node[s->function];
	uint32_t own = g->own[s->function];
	uint32_t depth = g->depth[s->function];
	char word[WORD_ROOM];
	int points = words_score(f->name, word);

	if (n->starts_thread)
		add(s, 6, "started by %s", n->starts_thread);
	if (*word)
		add(s, points, "named \"%s\"", word);
	else
		s->score += points;
	if (n->loop_in != CALLS_NOBODY)
		add(s, 3, "called in a loop by %.40s", g->catalog->function[n->loop_in].name);
	if (depth == 1)
		add(s, 2, "called at the top");
	else if (depth && depth <= DEPTH_NEAR)
		add(s, 1, "%u calls below the top", depth);
	if (own >= OWN_SOME)
		add(s,
		    own >= OWN_MOST   ? 6
		    : own >= OWN_MUCH ? 4
				      : 2,
		    "%u functions for it alone", own);
	else if (n->has_loop)
		add(s, 0, "has a loop");
	else
		s->score--;
	if (n->callees >= CALLEES_MANY)
		add(s, 2, "calls %u functions", n->callees);
	if (n->callers > CALLERS_EVERYWHERE)
		add(s, -4, "but called by %u functions", n->callers);
	else if (n->callers > CALLERS_MANY)
		add(s, -2, "but called by %u functions", n->callers);
	else if (n->callers && n->callers <= CALLERS_FEW)
		s->score++;
	s->score += f->size >= SIZE_LARGE ? 2 : f->size >= SIZE_MIDDLE;
}

static bool is_better(const struct catalog *c, const struct suggestion *a,
		      const struct suggestion *b)
{
	const struct catalog_function *f = &c->function[a->function],
				      *g = &c->function[b->function];

	if (a->score != b->score)
		return a->score > b->score;
	return f->size != g->size ? f->size > g->size : strcmp(f->name, g->name) < 0;
}

/* Puts `s` where it belongs. Of functions with one name (overloads, clones) only the best
 * stays: the pattern means them all. */
static int insert(const struct catalog *c, struct suggestion *best, int count,
		  const struct suggestion *s)
{
	const char *name = c->function[s->function].name;
	int at, from = count;

	for (int i = 0; i < count; i++)
		if (!strcmp(c->function[best[i].function].name, name))
			from = i;
	if (from < count && !is_better(c, s, &best[from]))
		return count;
	if (from == count && count == SUGGESTIONS_MAX) {
		from = count - 1;
		if (!is_better(c, s, &best[from]))
			return count;
	} else if (from == count) {
		count++;
	}
	for (at = from; at > 0 && is_better(c, s, &best[at - 1]); at--)
		best[at] = best[at - 1];
	best[at] = *s;
	return count;
}

/* How many calls every function is below main or a thread's start; 0: not found so. */
static void measure_depth(struct suggesting *g, uint32_t *queue)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < g->catalog->functions; i++)
		if (is_main(&g->catalog->function[i]) || g->graph.node[i].starts_thread) {
			g->seen[i] = 1;
			queue[count++] = i;
		}
	for (uint32_t at = 0; at < count; at++) {
		const struct call_node *n = &g->graph.node[queue[at]];

		for (uint32_t i = 0; i < n->callees; i++) {
			uint32_t to = g->graph.callee[n->first + i];

			if (g->seen[to])
				continue;
			g->seen[to] = 1;
			g->depth[to] = g->depth[queue[at]] + 1;
			queue[count++] = to;
		}
	}
	memset(g->seen, 0, g->catalog->functions);
}

int suggest(const struct catalog *c, struct suggestion best[SUGGESTIONS_MAX])
{
	struct suggesting *g = calloc(1, sizeof(*g));
	uint32_t *queue = calloc(c->functions + 1, sizeof(*queue));
	int count = -ENOMEM;

	if (!g || !queue)
		goto out;
	g->catalog = c;
	g->seen = calloc(c->functions + 1, 1);
	g->depth = calloc(c->functions + 1, sizeof(*g->depth));
	if (!g->seen || !g->depth || calls_init(&g->graph, c))
		goto out;
	g->own = dominators_count(&g->graph);
	if (!g->own)
		goto out;
	measure_depth(g, queue);
	count = 0;
	for (uint32_t i = 0; i < c->functions; i++) {
		struct suggestion s = { .function = i };

		if (!is_candidate(&c->function[i], &g->graph.node[i]))
			continue;
		score(g, &s);
		if (s.score >= SCORE_LEAST)
			count = insert(c, best, count, &s);
	}
out:
	if (g) {
		calls_fini(&g->graph);
		free(g->seen);
		free(g->depth);
		free(g->own);
	}
	free(g);
	free(queue);
	return count;
}
