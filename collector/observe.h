/* SPDX-License-Identifier: MIT */
/* What the collector itself wants to know of the records that pass by. */
#ifndef TPPROBE_OBSERVE_H
#define TPPROBE_OBSERVE_H

#include "account.h"
#include "modules.h"

#define OBSERVED_COMMAND_BYTES (16u << 10)

struct observe {
	struct account *account;
	struct modules *modules;
	/* of the first program of the session */
	uint64_t first_image;
	char cwd[4096];
	char program[4096];
	char command[OBSERVED_COMMAND_BYTES]; /* arguments, each closed by NUL */
	uint32_t command_bytes;
};

/* A struct drain's observe(); the context is a struct observe. */
void observe_record(void *context, struct drain_slot *s, unsigned type, const uint64_t *v,
		    const char *text);

#endif
