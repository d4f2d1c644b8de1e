/* SPDX-License-Identifier: MIT */
/*
 * Who calls whom directly.
 *
 * A call of an import leads to the function of that symbol, wherever in the catalog it
 * is. What std::thread runs is called by an _M_run() of its own, so that one's callees
 * count as started by it.
 */
#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "code_scan.h"

struct building {
	const struct catalog *catalog;
	struct call_graph *graph;
	uint32_t *by_symbol;   /* functions by symbol, for imports */
	uint32_t *last;	       /* per function: the caller that has it already, + 1 */
	bool *is_last;	       /* per function: it never returns */
	uint32_t room, module; /* that is being read */
};

static int by_symbol(const void *a, const void *b, void *catalog)
{
	const struct catalog_function *f = ((const struct catalog *)catalog)->function;

	return strcmp(f[*(const uint32_t *)a].symbol, f[*(const uint32_t *)b].symbol);
}

static uint32_t find_symbol(const struct building *b, const char *symbol)
{
	uint32_t low = 0, high = b->catalog->functions;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2, i = b->by_symbol[middle];
		int order = strcmp(b->catalog->function[i].symbol, symbol);

		if (!order)
			return i;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return CALLS_NOBODY;
}

static uint32_t find_address(const struct building *b, uint32_t module, uint64_t address)
{
	const struct catalog_module *m = &b->catalog->module[module];
	uint32_t low = m->first, high = m->first + m->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct catalog_function *f = &b->catalog->function[middle];

		if (f->address == address)
			return middle;
		if (f->address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return CALLS_NOBODY;
}

static int link_call(struct building *b, uint32_t from, const struct code_call *call)
{
	struct call_graph *g = b->graph;
	uint32_t to = call->import
			      ? find_symbol(b, call->import)
			      : find_address(b, b->catalog->function[from].module, call->target);
	uint32_t *more;

	if (to == CALLS_NOBODY || to == from)
		return 0;
	if (call->through) {
		g->node[to].starts_thread = call->through;
		return 0;
	}
	if (call->in_loop && g->node[to].loop_in == CALLS_NOBODY)
		g->node[to].loop_in = from;
	if (b->last[to] == from + 1)
		return 0;
	b->last[to] = from + 1;
	more = array_grown(g->callee, g->callees, &b->room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	g->callee = more;
	more[g->callees++] = to;
	g->node[from].callees++;
	g->node[to].callers++;
	return 0;
}

static void mark_cxx_threads(struct call_graph *g, const struct catalog *c)
{
	for (uint32_t i = 0; i < c->functions; i++) {
		const struct call_node *n = &g->node[i];

		if (strncmp(c->function[i].name, "std::thread::_State_impl<", 25) ||
		    !strstr(c->function[i].name, "::_M_run"))
			continue;
		for (uint32_t j = 0; j < n->callees; j++)
			g->node[g->callee[n->first + j]].starts_thread = "std::thread";
	}
}

static bool is_last(const void *building, uint64_t address)
{
	const struct building *b = building;
	uint32_t function = find_address(b, b->module, address);

	return function != CALLS_NOBODY && b->is_last[function];
}

static int read_function(struct building *b, struct code_scan *scan, const struct imports *imports,
			 uint32_t i)
{
	int err = code_scan_read(scan, &b->catalog->function[i], imports);

	b->graph->node[i].first = b->graph->callees;
	b->graph->node[i].has_loop = scan->flow.has_loop;
	for (uint32_t n = 0; n < scan->count && !err; n++)
		err = link_call(b, i, &scan->call[n]);
	return err;
}

/* Twice: what follows a call can only be told when it is known which functions return. */
static int read_module(struct building *b, struct code_scan *scan, const struct imports *imports)
{
	const struct catalog *c = b->catalog;
	uint32_t first = c->module[b->module].first, end = first + c->module[b->module].count;
	int err = 0;

	scan->is_last = NULL;
	for (uint32_t i = first; i < end && !err; i++) {
		err = code_scan_read(scan, &c->function[i], imports);
		b->is_last[i] = c->function[i].code_bytes && !scan->returns;
	}
	scan->is_last = is_last;
	scan->of = b;
	for (uint32_t i = first; i < end && !err; i++)
		err = read_function(b, scan, imports, i);
	return err;
}

static int read_all(struct building *b)
{
	const struct catalog *c = b->catalog;
	struct code_scan scan = { .call = NULL };
	struct imports imports;
	int err = 0;

	for (b->module = 0; b->module < c->modules && !err; b->module++) {
		err = imports_init(&imports, c->module[b->module].object);
		if (!err)
			err = read_module(b, &scan, &imports);
		imports_fini(&imports);
	}
	code_scan_fini(&scan);
	return err;
}

int calls_init(struct call_graph *g, const struct catalog *c)
{
	struct building b = { .catalog = c, .graph = g };
	int err = -ENOMEM;

	*g = (struct call_graph){ .node = calloc(c->functions + 1, sizeof(*g->node)),
				  .nodes = c->functions };
	b.by_symbol = calloc(c->functions + 1, sizeof(*b.by_symbol));
	b.last = calloc(c->functions + 1, sizeof(*b.last));
	b.is_last = calloc(c->functions + 1, sizeof(*b.is_last));
	if (g->node && b.by_symbol && b.last && b.is_last) {
		for (uint32_t i = 0; i < c->functions; i++) {
			b.by_symbol[i] = i;
			g->node[i].loop_in = CALLS_NOBODY;
		}
		qsort_r(b.by_symbol, c->functions, sizeof(*b.by_symbol), by_symbol,
			(void *)(uintptr_t)c);
		err = read_all(&b);
	}
	if (!err)
		mark_cxx_threads(g, c);
	else
		calls_fini(g);
	free(b.by_symbol);
	free(b.last);
	free(b.is_last);
	return err;
}

void calls_fini(struct call_graph *g)
{
	free(g->node);
	free(g->callee);
	*g = (struct call_graph){ .node = NULL };
}
