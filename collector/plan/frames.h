/* SPDX-License-Identifier: MIT */
/*
 * Unwind information (.eh_frame, .debug_frame): which ranges of code there are, and
 * where in each the caller's frame lies (the CFA: the address of the first word
 * behind the return address, so [CFA] is the first argument on the stack).
 *
 * A reader of our own: the files are not trusted, and a walk through a function
 * runs its unwind program once, not once for each instruction.
 */
#ifndef TPPROBE_PLAN_FRAMES_H
#define TPPROBE_PLAN_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "object.h"

struct frame_entry { /* an FDE */
	uint64_t begin, end;
	uint64_t cie; /* where its CIE lies in the section */
	uint64_t program, program_end;
	uint8_t section;
};

struct frame_section {
	struct object_bytes bytes; /* borrowed */
	uint64_t address;
	bool is_debug; /* .debug_frame: other CIE pointers, plain addresses */
};

struct frames {
	struct frame_section sections[2]; /* .eh_frame, .debug_frame; the first one wins */
	struct frame_entry *entries;	  /* by rising `begin` */
	uint32_t count, room;
};

/* Takes in the FDEs of a section, up to the first one that is broken. 0 or -ENOMEM. */
int frames_add(struct frames *f, unsigned section, struct object_bytes bytes, uint64_t address);
void frames_sort(struct frames *f);
void frames_fini(struct frames *f);
/* -1: none covers the address */
int64_t frames_find(const struct frames *f, uint64_t address);
/* The first that begins at the address or behind it; -1: none */
int64_t frames_after(const struct frames *f, uint64_t address);

enum { FRAME_rbp = 6, FRAME_rsp = 7, FRAME_REGISTERS = 16 }; /* as DWARF numbers them */

/* CFA = register + offset, where it is known. */
struct frame_cfa {
	bool is_known;
	uint8_t reg; /* DWARF's number, below FRAME_REGISTERS */
	int64_t offset;
};

#define FRAME_REMEMBERED 8

struct frame_walk {
	const struct frame_section *section;
	uint64_t at, end; /* of the program that is being run */
	uint64_t place;	  /* address that the rows are at */
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding;
	unsigned remembered_n;
	struct frame_cfa now, remembered[FRAME_REMEMBERED];
};

void frame_walk_begin(struct frame_walk *w, const struct frames *f, uint32_t entry);
/* The CFA before the instruction at `address`; addresses must not fall. */
struct frame_cfa frame_walk_at(struct frame_walk *w, uint64_t address);

#endif
