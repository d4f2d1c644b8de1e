/* SPDX-License-Identifier: MIT */
/*
 * Which parts of a function's code are in loops: from its branches, as they are met,
 * to blocks and the cycles among them. A branch backwards alone says little: compilers move
 * what seldom runs behind the rest, and it jumps back from there.
 */
#ifndef TPPROBE_CODE_FLOW_H
#define TPPROBE_CODE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_NOWHERE UINT32_MAX /* a target that is not known, or not in the function */

struct flow_branch {
	uint32_t end; /* behind the instruction */
	uint32_t target;
	bool goes_on;	  /* with the next instruction, perhaps */
	bool is_indirect; /* to where nobody else goes */
};

struct flow_block {
	uint32_t begin;
	uint32_t next[2]; /* blocks; FLOW_NOWHERE */
	bool is_reached, in_loop;
};

/* Offsets are those in the function's code. */
struct code_flow {
	uint8_t *is_leader; /* per offset */
	struct flow_branch *branch;
	struct flow_block *block;
	size_t size, leader_room;
	uint32_t branches, branch_room, blocks, block_room;
	bool has_loop;
};

/* For code of `size` bytes; the flow was zeroed once, what it held is forgotten. 0 or -ENOMEM, as
 * the others. */
int flow_begin(struct code_flow *f, size_t size);
/* The branches by rising offset. */
int flow_add(struct code_flow *f, struct flow_branch branch);
int flow_end(struct code_flow *f);
bool flow_in_loop(const struct code_flow *f, uint32_t offset);
void flow_fini(struct code_flow *f);

#endif
