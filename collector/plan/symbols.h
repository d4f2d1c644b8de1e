/* SPDX-License-Identifier: MIT */
/*
 * The functions that an ELF file names: .symtab, else that of its separate debug file,
 * else .gnu_debugdata, else .dynsym. Addresses are as the file has them: where a process
 * runs it, its load address is to be added.
 */
#ifndef TPPROBE_PLAN_SYMBOLS_H
#define TPPROBE_PLAN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "object.h"

enum symbols_source {
	SYMBOLS_none,	    /* it names no function */
	SYMBOLS_symtab,	    /* its own table */
	SYMBOLS_debug_file, /* that of its separate debug file */
	SYMBOLS_debug_data, /* .gnu_debugdata and .dynsym */
	SYMBOLS_dynsym,	    /* it is stripped: what other objects may call, no static functions */
};

struct symbol {
	uint64_t address, size; /* size 0: not told */
	const char *name;	/* of the linker: mangled, without a version; see below */
	uint8_t binding;	/* STB_LOCAL, STB_GLOBAL, STB_WEAK … */
	bool is_ifunc;		/* the address is that of a resolver */
};

struct symbols {
	struct symbol *all; /* by address; of one address: the best name first */
	uint32_t count;
	enum symbols_source source;
	struct object *debug; /* the debug file or data, NULL if there is none */
	int debug_fd;	      /* of the separate debug file, when there is one that fits; -1 */
	char *names;	      /* copies of all names */
};

/* Reads them. `path` is where the object lies, as a process whose root directory is
 * `root_fd` (-1: ours) says; its debug file is looked for there. Nothing in the files is
 * trusted. 0 or -errno; a damaged table is left out. */
int symbols_open(struct object *o, const char *path, int root_fd, struct symbols *out);
void symbols_close(struct symbols *s);

/* Where the names come from, in a few words. */
const char *symbols_source_name(enum symbols_source source);

/* Static functions are not named, since the file is stripped and has no debug file. */
static inline bool symbols_are_stripped(const struct symbols *s)
{
	return s->source == SYMBOLS_dynsym || s->source == SYMBOLS_none;
}

#endif
