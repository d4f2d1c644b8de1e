/* SPDX-License-Identifier: MIT */
/*
 * How much of a program is done on behalf of one function alone: the size of its subtree
 * in the tree of dominators (Cooper, Harvey and Kennedy: "A simple, fast dominance
 * algorithm"). Functions that nobody calls directly hang on a root of their own; so does
 * the first of a circle that is not entered from elsewhere.
 */
#include "dominators.h"

#include <stdlib.h>
#include <string.h>

#define ROOT 0 /* a function's number is its place in the order, from 1 on */
#define UNKNOWN UINT32_MAX

struct work {
	const struct call_graph *g;
	uint32_t *number, *order; /* function to number, and back */
	uint32_t *above;	  /* by number: the immediate dominator's number */
	uint32_t *first, *caller; /* who calls a function: caller[first[i]] … */
	uint32_t *stack, *next;
	bool *is_seen, *is_root;
};

static void list_callers(struct work *w)
{
	const struct call_graph *g = w->g;

	for (uint32_t i = 0; i < g->callees; i++)
		w->first[g->callee[i] + 1]++;
	for (uint32_t i = 0; i < g->nodes; i++)
		w->first[i + 1] += w->first[i];
	memcpy(w->next, w->first, g->nodes * sizeof(*w->next));
	for (uint32_t i = 0; i < g->nodes; i++)
		for (uint32_t n = 0; n < g->node[i].callees; n++)
			w->caller[w->next[g->callee[g->node[i].first + n]]++] = i;
}

/* Numbers what can be reached from `start`, callers before callees but for circles. *last: the
 * lowest number given so far. */
static void number_from(struct work *w, uint32_t start, uint32_t *last)
{
	uint32_t depth = 0;

	w->is_seen[start] = w->is_root[start] = true;
	w->stack[depth++] = start;
	while (depth) {
		uint32_t at = w->stack[depth - 1];
		const struct call_node *n = &w->g->node[at];
		const uint32_t *callee = w->g->callee + n->first;

		while (w->next[at] < n->callees && w->is_seen[callee[w->next[at]]])
			w->next[at]++;
		if (w->next[at] < n->callees) {
			w->is_seen[callee[w->next[at]]] = true;
			w->stack[depth++] = callee[w->next[at]];
		} else {
			depth--;
			w->number[at] = --*last;
			w->order[*last] = at;
		}
	}
}

static void number_all(struct work *w)
{
	uint32_t last = w->g->nodes + 1;

	memset(w->next, 0, w->g->nodes * sizeof(*w->next));
	for (uint32_t i = 0; i < w->g->nodes; i++)
		if (!w->is_seen[i] && (!w->g->node[i].callers || w->g->node[i].starts_thread))
			number_from(w, i, &last);
	for (uint32_t i = 0; i < w->g->nodes; i++)
		if (!w->is_seen[i])
			number_from(w, i, &last);
}

/* The nearest function that is above both. */
static uint32_t meet(const uint32_t *above, uint32_t a, uint32_t b)
{
	while (a != b) {
		while (a > b)
			a = above[a];
		while (b > a)
			b = above[b];
	}
	return a;
}

static void find_above(struct work *w)
{
	bool has_changed = true;

	for (uint32_t n = 1; n <= w->g->nodes; n++)
		w->above[n] = UNKNOWN;
	while (has_changed) {
		has_changed = false;
		for (uint32_t n = 1; n <= w->g->nodes; n++) {
			uint32_t i = w->order[n], found = w->is_root[i] ? ROOT : UNKNOWN;

			for (uint32_t c = w->first[i]; c < w->first[i + 1]; c++) {
				uint32_t caller = w->number[w->caller[c]];

				if (w->above[caller] == UNKNOWN)
					continue;
				found = found == UNKNOWN ? caller : meet(w->above, found, caller);
			}
			has_changed = has_changed || w->above[n] != found;
			w->above[n] = found;
		}
	}
}

uint32_t *dominators_count(const struct call_graph *g)
{
	size_t room = (size_t)g->nodes + 2;
	struct work w = { .g = g };
	uint32_t *numbers = calloc(room, 6 * sizeof(*numbers));
	uint32_t *count = calloc(room, sizeof(*count));
	bool *marks = calloc(room, 2 * sizeof(*marks));

	w.caller = calloc((size_t)g->callees + 1, sizeof(*w.caller));
	if (numbers && count && marks && w.caller) {
		w.number = numbers;
		w.order = numbers + room;
		w.above = numbers + 2 * room;
		w.first = numbers + 3 * room;
		w.stack = numbers + 4 * room;
		w.next = numbers + 5 * room;
		w.is_seen = marks;
		w.is_root = marks + room;
		list_callers(&w);
		number_all(&w);
		find_above(&w);
		for (uint32_t n = g->nodes; n; n--)
			if (w.above[n] != ROOT)
				count[w.order[w.above[n]]] += count[w.order[n]] + 1;
	} else {
		free(count);
		count = NULL;
	}
	free(numbers);
	free(marks);
	free(w.caller);
	return count;
}
