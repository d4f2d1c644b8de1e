/* SPDX-License-Identifier: MIT */
/* What the readers of SPECs share; nobody else includes it. */
#ifndef TPPROBE_PLAN_SPEC_PARTS_H
#define TPPROBE_PLAN_SPEC_PARTS_H

#include "spec.h"

struct spec_reader {
	struct spec *spec;
	char *why; /* SPEC_WHY bytes */
};

/* Writes the sentence; -EINVAL. */
__attribute__((format(printf, 2, 3))) int spec_wrong(struct spec_reader *r, const char *format,
						     ...);
/* A decimal or, with 0x, hexadecimal number with a sign; nothing behind it. */
bool spec_read_number(const char *text, int64_t *out);
/* Reads the options at the end of `text` and cuts them off. 0 or -EINVAL. */
int spec_read_options(struct spec_reader *r, char *text);

#endif
