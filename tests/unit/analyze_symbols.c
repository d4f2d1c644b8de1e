/* SPDX-License-Identifier: MIT */
/*
 * What `tpprobe symbols --suggest` reads out of code: loops, who is above whom, words. Graphs
 * are compared with what trying out says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/symbols/code_flow.h"
#include "analyze/symbols/dominators.h"
#include "analyze/symbols/words.h"

/* --- loops ---------------------------------------------------------------------- */

#define BLOCKS 12 /* of 4 bytes */

struct edges {
	bool to[BLOCKS][BLOCKS];
};

/* A block is in a loop if a way leads from it back to it. */
static void close_over(struct edges *e)
{
	for (int k = 0; k < BLOCKS; k++)
		for (int i = 0; i < BLOCKS; i++)
			for (int j = 0; j < BLOCKS; j++)
				e->to[i][j] = e->to[i][j] || (e->to[i][k] && e->to[k][j]);
}

static void test_loops_of_any_code(void **state)
{
	struct code_flow flow = { .branch = NULL };
	unsigned in = 0, out = 0;

	(void)state;
	srandom(4);
	for (int round = 0; round < 2000; round++) {
		struct edges e = { { { false } } };

		assert_int_equal(flow_begin(&flow, 4 * BLOCKS), 0);
		for (uint32_t i = 0; i < BLOCKS; i++) {
			long kind = random() % 4; /* plain, conditional, jump, end */
			uint32_t to = (uint32_t)random() % BLOCKS;

			if (kind == 0) {
				if (i + 1 < BLOCKS)
					e.to[i][i + 1] = true;
				continue;
			}
			if (kind == 1 && i + 1 < BLOCKS)
				e.to[i][i + 1] = true;
			if (kind != 3)
				e.to[i][to] = true;
			assert_int_equal(
				flow_add(&flow,
					 (struct flow_branch){ .end = 4 * i + 4,
							       .target = kind == 3 ? FLOW_NOWHERE
										   : 4 * to,
							       .goes_on = kind == 1 }),
				0);
		}
		assert_int_equal(flow_end(&flow), 0);
		close_over(&e);
		for (uint32_t i = 0; i < BLOCKS; i++) {
			if (flow_in_loop(&flow, 4 * i + 1) != e.to[i][i])
				fail_msg("round %d, block %u", round, i);
			in += e.to[i][i];
			out += !e.to[i][i];
		}
	}
	assert_true(in > 1000 && out > 1000);
	flow_fini(&flow);
}

/* while (1) switch (x): the cases are reached by an indirect jump alone. */
static void test_cases_of_a_switch(void **state)
{
	struct code_flow flow = { .branch = NULL };

	(void)state;
	assert_int_equal(flow_begin(&flow, 24), 0);
	flow_add(&flow, (struct flow_branch){ 8, FLOW_NOWHERE, false, true }); /* 4: jmp *table */
	flow_add(&flow, (struct flow_branch){ 12, 4, false, false });	       /* 8: case, back */
	flow_add(&flow, (struct flow_branch){ 16, 4, false, false });	       /* 12: case, back */
	flow_add(&flow, (struct flow_branch){ 20, FLOW_NOWHERE, false, false }); /* 16: case, ret */
	assert_int_equal(flow_end(&flow), 0);
	assert_false(flow_in_loop(&flow, 0));
	assert_true(flow_in_loop(&flow, 4));
	assert_true(flow_in_loop(&flow, 8));
	assert_true(flow_in_loop(&flow, 12));
	assert_false(flow_in_loop(&flow, 16));
	flow_fini(&flow);
}

/* --- who is called through whom alone ------------------------------------------- */

#define FUNCTIONS 14

struct graph {
	struct call_graph g;
	struct call_node node[FUNCTIONS];
	uint32_t callee[FUNCTIONS * FUNCTIONS];
};

static void reach(const struct call_graph *g, uint32_t from, uint32_t without, bool *seen)
{
	if (from == without || seen[from])
		return;
	seen[from] = true;
	for (uint32_t i = 0; i < g->node[from].callees; i++)
		reach(g, g->callee[g->node[from].first + i], without, seen);
}

static void random_graph(struct graph *r)
{
	memset(r, 0, sizeof(*r));
	r->g = (struct call_graph){ .node = r->node, .callee = r->callee, .nodes = FUNCTIONS };
	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		r->node[i].first = r->g.callees;
		for (uint32_t to = 0; to < FUNCTIONS; to++) {
			/* Forward mostly, so that there are functions that nobody calls. */
			if (to == i || random() % (to > i ? 5 : 40))
				continue;
			r->callee[r->g.callees++] = to;
			r->node[i].callees++;
			r->node[to].callers++;
		}
	}
}

/* From all that nobody calls; false: something is only in a circle, whose first is the root. */
static bool reach_all(const struct graph *r, uint32_t without, bool *seen)
{
	memset(seen, 0, FUNCTIONS * sizeof(*seen));
	for (uint32_t i = 0; i < FUNCTIONS; i++)
		if (!r->node[i].callers)
			reach(&r->g, i, without, seen);
	for (uint32_t i = 0; i < FUNCTIONS; i++)
		if (!seen[i])
			return false;
	return true;
}

static void test_dominators(void **state)
{
	unsigned graphs = 0, above = 0;

	(void)state;
	srandom(9);
	for (int round = 0; round < 3000; round++) {
		bool seen[FUNCTIONS];
		uint32_t *count;
		struct graph r;

		random_graph(&r);
		if (!reach_all(&r, FUNCTIONS, seen))
			continue;
		graphs++;
		count = dominators_count(&r.g);
		assert_non_null(count);
		for (uint32_t i = 0; i < FUNCTIONS; i++) {
			uint32_t lost = 0;

			reach_all(&r, i, seen);
			for (uint32_t j = 0; j < FUNCTIONS; j++)
				lost += !seen[j] && j != i;
			if (count[i] != lost)
				fail_msg("round %d, function %u: %u, not %u", round, i, count[i],
					 lost);
			above += lost;
		}
		free(count);
	}
	assert_true(graphs > 100 && above > 1000);
}

static void test_circles_without_entry(void **state)
{
	/* 0 and 1 call each other, 1 calls 2; nobody calls them. */
	struct call_node node[] = { { .first = 0, .callees = 1, .callers = 1 },
				    { .first = 1, .callees = 2, .callers = 1 },
				    { .first = 3, .callers = 1 } };
	uint32_t callee[] = { 1, 0, 2 };
	struct call_graph g = { .node = node, .callee = callee, .nodes = 3, .callees = 3 };
	uint32_t *count = dominators_count(&g);

	(void)state;
	assert_non_null(count);
	assert_int_equal(count[0], 2);
	assert_int_equal(count[1], 1);
	assert_int_equal(count[2], 0);
	free(count);
}

/* --- words ------------------------------------------------------------------------ */

static void test_words(void **state)
{
	static const struct {
		const char *name, *best;
		int sign; /* of its points */
	} cases[] = {
		{ "process_batch", "process", 1 },
		{ "parseRecord", "parse", 1 },
		{ "HTTPParse", "parse", 1 },
		{ "ns::Parser<std::map<int, get>>::run", "run", 1 },
		{ "worker2_main", "worker", 1 },
		{ "Worker::next", "worker", 1 },
		{ "get_size", "", -1 },
		{ "usage", "", -1 },
		{ "parse_error", "parse", -1 },
		{ "reprocessed", "", 0 },
		{ "x", "", 0 },
		{ "", "", 0 },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "", 0 },
	};
	char best[WORD_ROOM];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int points = words_score(cases[i].name, best);

		if ((points > 0) - (points < 0) != cases[i].sign || strcmp(best, cases[i].best))
			fail_msg("%s: %d for \"%s\"", cases[i].name, points, best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loops_of_any_code),
		cmocka_unit_test(test_cases_of_a_switch),
		cmocka_unit_test(test_dominators),
		cmocka_unit_test(test_circles_without_entry),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
