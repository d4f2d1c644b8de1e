/* SPDX-License-Identifier: MIT */
/*
 * Functions that have names in a program and its libraries, as `tpprobe symbols` shows
 * them: which of them a pattern means, and which can be tasks.
 *
 *	catalog
 *	  module 0: the file that was asked for     function, function, … by rising address
 *	  module 1, 2, …: its libraries, those that the pattern is about
 */
#ifndef TPPROBE_CATALOG_H
#define TPPROBE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../fault.h"
#include "target.h"

struct catalog_function {
	const char *name;     /* of its profile: demangled, without parameters */
	const char *full;     /* demangled, with them */
	const char *symbol;   /* as in the file */
	char *const *aliases; /* other names of this address, alias_count of them */
	const char *why_not;  /* it cannot be a task; NULL: it can */
	const uint8_t *bytes; /* its code, `code_bytes` of it; NULL: cannot be read */
	uint64_t address, size;
	size_t code_bytes;
	uint32_t module, alias_count;
	bool is_match; /* the pattern means it */
};

struct catalog_module {
	char *path;
	const char *name;      /* the path's last part */
	uint32_t first, count; /* of its functions */
	bool is_stripped;      /* exported functions only */
	char problem[256];     /* why it has no functions here; "" */
	struct object *object; /* NULL: it cannot be read */
	struct catalog_source *source;
};

struct catalog {
	struct catalog_function *function;
	struct catalog_module *module;
	uint32_t functions, modules;
	uint32_t matches, tasks; /* of the functions: meant; and of these, that can be tasks */
	char *missing;		 /* libraries that are not found, blanks between them; NULL */
	uint32_t room, module_room;
};

enum catalog_extent {
	CATALOG_matches, /* functions that the pattern means */
	CATALOG_all,	 /* all of the modules that it is about */
};

/* `pattern`: a SPEC as --task takes it; NULL: all functions. 0; or -errno with a sentence:
 * malformed, the file itself has no code for this machine. Libraries that cannot be read
 * have a problem. */
int catalog_init(struct catalog *c, const struct target *target, const char *pattern,
		 enum catalog_extent extent, struct fault *fault);
void catalog_fini(struct catalog *c);

#endif
