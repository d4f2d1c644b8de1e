/* SPDX-License-Identifier: MIT */
/*
 * The calls in one function's code, read instruction by instruction.
 */
#ifndef TPPROBE_CODE_SCAN_H
#define TPPROBE_CODE_SCAN_H

#include "catalog.h"
#include "code_flow.h"
#include "imports.h"

struct code_call {
	uint64_t target;     /* address in the same object, when `import` is NULL */
	const char *import;  /* a function of another object, or one that may be replaced */
	const char *through; /* not called, but handed to this function that runs it: a thread */
	uint32_t at;	     /* offset in the function */
	bool in_loop;
};

struct code_scan {
	struct code_call *call;
	uint32_t count, room;
	struct code_flow flow;
	bool returns; /* or leaves to another function */
	/* Set by the caller: does the function at this address of the object never return? NULL: all
	 * return. */
	bool (*is_last)(const void *of, uint64_t address);
	const void *of;
};

/* Reads `f` into s->call, in the place of what it held; s was zeroed once. 0 or -ENOMEM. */
int code_scan_read(struct code_scan *s, const struct catalog_function *f,
		   const struct imports *imports);
void code_scan_fini(struct code_scan *s);

#endif
