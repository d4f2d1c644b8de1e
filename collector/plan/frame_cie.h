/* SPDX-License-Identifier: MIT */
/* What the FDEs of a CIE have in common, and how addresses are written in them. */
#ifndef TPPROBE_PLAN_FRAME_CIE_H
#define TPPROBE_PLAN_FRAME_CIE_H

#include "frames.h"
#include "reader.h"

struct frame_cie {
	uint64_t code_align;
	int64_t data_align;
	uint64_t program, program_end;
	uint8_t encoding; /* DW_EH_PE_* of addresses */
	bool has_size;	  /* FDEs have augmentation data with their size before it */
	bool is_signal;	  /* describes no function that is called */
};

/* False: broken, or of a kind that is not known. `at` is where the record begins. */
bool frame_cie_read(const struct frame_section *s, uint64_t at, struct frame_cie *out);
/* An address; the reader fails where the encoding is not known. */
uint64_t frame_pointer_read(const struct frame_section *s, struct reader *r, uint8_t encoding);

#endif
