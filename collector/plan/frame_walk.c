/* SPDX-License-Identifier: MIT */
/*
 * Runs the unwind program of a function along its addresses, as far as it tells
 * the CFA; where registers are saved does not matter here.
 */
#include "frames.h"

#include <dwarf.h>

#include "frame_cie.h"
#include "reader.h"

static const struct frame_cfa unknown = { .is_known = false };

static struct frame_cfa cfa_of(uint64_t reg, int64_t offset)
{
	return reg < FRAME_REGISTERS ? (struct frame_cfa){ true, (uint8_t)reg, offset } : unknown;
}

static int64_t scaled(int64_t value, int64_t by)
{
	return (int64_t)((uint64_t)value * (uint64_t)by);
}

/* One instruction; false: unknown or cut off, the rest of the program cannot be read. */
static bool step(struct frame_walk *w, struct reader *r)
{
	uint8_t op = (uint8_t)read_bytes(r, 1);
	uint64_t reg;

	switch (op & 0xc0) {
	case DW_CFA_advance_loc:
		w->place += (op & 0x3f) * w->code_align;
		return !r->failed;
	case DW_CFA_offset:
		read_uleb(r);
		return !r->failed;
	case DW_CFA_restore:
		return !r->failed;
	}
	switch (op) {
	case DW_CFA_nop:
		break;
	case DW_CFA_set_loc:
		w->place = frame_pointer_read(w->section, r, w->encoding);
		break;
	case DW_CFA_advance_loc1:
		w->place += read_bytes(r, 1) * w->code_align;
		break;
	case DW_CFA_advance_loc2:
		w->place += read_bytes(r, 2) * w->code_align;
		break;
	case DW_CFA_advance_loc4:
		w->place += read_bytes(r, 4) * w->code_align;
		break;
	case DW_CFA_offset_extended:
	case DW_CFA_offset_extended_sf: /* a signed number is skipped as an unsigned one is */
	case DW_CFA_val_offset:
	case DW_CFA_val_offset_sf:
	case DW_CFA_register:
	case DW_CFA_GNU_negative_offset_extended:
		read_uleb(r);
		read_uleb(r);
		break;
	case DW_CFA_restore_extended:
	case DW_CFA_undefined:
	case DW_CFA_same_value:
	case DW_CFA_GNU_args_size:
		read_uleb(r);
		break;
	case DW_CFA_remember_state:
		if (w->remembered_n < FRAME_REMEMBERED)
			w->remembered[w->remembered_n] = w->now;
		w->remembered_n++;
		break;
	case DW_CFA_restore_state:
		if (!w->remembered_n)
			return false;
		w->remembered_n--;
		w->now = w->remembered_n < FRAME_REMEMBERED ? w->remembered[w->remembered_n]
							    : unknown;
		break;
	case DW_CFA_def_cfa:
		reg = read_uleb(r);
		w->now = cfa_of(reg, (int64_t)read_uleb(r));
		break;
	case DW_CFA_def_cfa_sf:
		reg = read_uleb(r);
		w->now = cfa_of(reg, scaled(read_sleb(r), w->data_align));
		break;
	case DW_CFA_def_cfa_register:
		reg = read_uleb(r);
		w->now = w->now.is_known ? cfa_of(reg, w->now.offset) : unknown;
		break;
	case DW_CFA_def_cfa_offset:
		w->now.offset = (int64_t)read_uleb(r);
		break;
	case DW_CFA_def_cfa_offset_sf:
		w->now.offset = scaled(read_sleb(r), w->data_align);
		break;
	case DW_CFA_def_cfa_expression:
		read_skip(r, read_uleb(r));
		w->now = unknown;
		break;
	case DW_CFA_expression:
	case DW_CFA_val_expression:
		read_uleb(r);
		read_skip(r, read_uleb(r));
		break;
	default:
		return false;
	}
	return !r->failed;
}

/* Runs until the next row would begin behind `address`. What cannot be read makes the CFA unknown. */
static void run_to(struct frame_walk *w, uint64_t address)
{
	struct reader r = reader_of(w->section->bytes, w->at, w->end);

	while (r.at < r.end) {
		uint64_t place = w->place;

		if (!step(w, &r)) {
			w->now = unknown;
			r.at = r.end;
		} else if (w->place > address) { /* not yet: the same step again next time */
			w->place = place;
			return;
		}
		w->at = r.at;
	}
}

void frame_walk_begin(struct frame_walk *w, const struct frames *f, uint32_t entry)
{
	const struct frame_entry *e = &f->entries[entry];
	const struct frame_section *s = &f->sections[e->section];
	struct frame_cie cie;

	*w = (struct frame_walk){ .section = s, .place = e->begin };
	if (!frame_cie_read(s, e->cie, &cie))
		return;
	w->code_align = cie.code_align;
	w->data_align = cie.data_align;
	w->encoding = cie.encoding;
	w->at = cie.program;
	w->end = cie.program_end;
	run_to(w, UINT64_MAX);
	w->remembered_n = 0;
	w->place = e->begin;
	w->at = e->program;
	w->end = e->program_end;
}

struct frame_cfa frame_walk_at(struct frame_walk *w, uint64_t address)
{
	run_to(w, address);
	return w->now;
}
