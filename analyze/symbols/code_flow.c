/* SPDX-License-Identifier: MIT */
/*
 * Which parts of a function's code are in loops: cycles of blocks, found as strongly
 * connected components (Tarjan), without recursion. Where an indirect jump goes is not
 * known: it is taken to lead to all blocks that nothing else leads to, the cases of
 * a switch.
 */
#include "code_flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

int flow_begin(struct code_flow *f, size_t size)
{
	if (size + 1 > f->leader_room) {
		free(f->is_leader);
		f->is_leader = malloc(size + 1);
		f->leader_room = f->is_leader ? size + 1 : 0;
	}
	if (!f->is_leader)
		return -ENOMEM;
	memset(f->is_leader, 0, size + 1);
	f->is_leader[0] = 1;
	f->size = size;
	f->branches = f->blocks = 0;
	f->has_loop = false;
	return 0;
}

int flow_add(struct code_flow *f, struct flow_branch branch)
{
	struct flow_branch *more =
		array_grown(f->branch, f->branches, &f->branch_room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	f->branch = more;
	more[f->branches++] = branch;
	f->is_leader[branch.end] = 1;
	if (branch.target != FLOW_NOWHERE)
		f->is_leader[branch.target] = 1;
	return 0;
}

/* The block that this offset lies in. */
static uint32_t block_at(const struct code_flow *f, uint32_t offset)
{
	uint32_t low = 0, high = f->blocks;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (f->block[middle].begin <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int make_blocks(struct code_flow *f)
{
	for (size_t at = 0; at < f->size; at++) {
		struct flow_block *more;

		if (!f->is_leader[at])
			continue;
		more = array_grown(f->block, f->blocks, &f->block_room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		f->block = more;
		more[f->blocks++] = (struct flow_block){ .begin = (uint32_t)at,
							 .next = { FLOW_NOWHERE, FLOW_NOWHERE } };
	}
	/* One more stands for where indirect jumps go. */
	if (f->blocks == f->block_room) {
		struct flow_block *more =
			array_grown(f->block, f->blocks, &f->block_room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		f->block = more;
	}
	f->block[f->blocks] = (struct flow_block){ .begin = (uint32_t)f->size,
						   .next = { FLOW_NOWHERE, FLOW_NOWHERE } };
	return 0;
}

static void link_blocks(struct code_flow *f)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < f->blocks; i++) {
		struct flow_block *b = &f->block[i];
		uint32_t end = f->block[i + 1].begin;
		const struct flow_branch *last = NULL;

		while (at < f->branches && f->branch[at].end <= end)
			last = &f->branch[at++];
		if (last && last->end != end)
			last = NULL;
		if ((!last || last->goes_on) && i + 1 < f->blocks)
			b->next[0] = i + 1;
		if (last && last->target != FLOW_NOWHERE)
			b->next[1] = block_at(f, last->target);
		else if (last && last->is_indirect)
			b->next[1] = f->blocks;
	}
	for (uint32_t i = 0; i < f->blocks; i++)
		for (int n = 0; n < 2; n++)
			if (f->block[i].next[n] != FLOW_NOWHERE)
				f->block[f->block[i].next[n]].is_reached = true;
}

/* The n-th successor at or behind *n that there is; FLOW_NOWHERE: no more. */
static uint32_t successor(const struct code_flow *f, uint32_t block, uint32_t *n)
{
	if (block == f->blocks) {
		while (*n < f->blocks && (f->block[*n].is_reached || !*n))
			++*n;
		return *n < f->blocks ? (*n)++ : FLOW_NOWHERE;
	}
	while (*n < 2 && f->block[block].next[*n] == FLOW_NOWHERE)
		++*n;
	return *n < 2 ? f->block[block].next[(*n)++] : FLOW_NOWHERE;
}

struct visit {
	uint32_t order, low, next, parent; /* order 0: not seen yet */
	bool is_open;
};

/* A component is complete: all that lie above `root` on the stack. */
static void close_component(struct code_flow *f, struct visit *visit, uint32_t *stack,
			    uint32_t *depth, uint32_t root)
{
	uint32_t first = *depth, block;
	bool is_loop;

	while (stack[first - 1] != root)
		first--;
	first--;
	block = stack[first];
	is_loop = *depth - first > 1 || f->block[block].next[0] == block ||
		  f->block[block].next[1] == block;
	for (uint32_t i = first; i < *depth; i++) {
		visit[stack[i]].is_open = false;
		f->block[stack[i]].in_loop = is_loop;
	}
	f->has_loop = f->has_loop || is_loop;
	*depth = first;
}

static void find_loops(struct code_flow *f, struct visit *visit, uint32_t *stack)
{
	uint32_t order = 0, depth = 0;

	for (uint32_t start = 0; start <= f->blocks; start++) {
		uint32_t at = start;

		if (visit[start].order)
			continue;
		order++;
		visit[at] = (struct visit){ order, order, 0, FLOW_NOWHERE, true };
		stack[depth++] = at;
		while (at != FLOW_NOWHERE) {
			uint32_t to = successor(f, at, &visit[at].next);

			if (to == FLOW_NOWHERE) {
				uint32_t up = visit[at].parent;

				if (visit[at].low == visit[at].order)
					close_component(f, visit, stack, &depth, at);
				if (up != FLOW_NOWHERE && visit[at].low < visit[up].low)
					visit[up].low = visit[at].low;
				at = up;
			} else if (!visit[to].order) {
				order++;
				visit[to] = (struct visit){ order, order, 0, at, true };
				stack[depth++] = to;
				at = to;
			} else if (visit[to].is_open && visit[to].order < visit[at].low) {
				visit[at].low = visit[to].order;
			}
		}
	}
}

int flow_end(struct code_flow *f)
{
	struct visit *visit;
	uint32_t *stack;
	int err = make_blocks(f);

	if (err)
		return err;
	link_blocks(f);
	visit = calloc(f->blocks + 1, sizeof(*visit));
	stack = calloc(f->blocks + 1, sizeof(*stack));
	if (visit && stack)
		find_loops(f, visit, stack);
	else
		err = -ENOMEM;
	free(visit);
	free(stack);
	return err;
}

bool flow_in_loop(const struct code_flow *f, uint32_t offset)
{
	return f->blocks && f->block[block_at(f, offset)].in_loop;
}

void flow_fini(struct code_flow *f)
{
	free(f->is_leader);
	free(f->branch);
	free(f->block);
	*f = (struct code_flow){ .branch = NULL };
}
