/* SPDX-License-Identifier: MIT */
/*
 * The functions of an object that SPECs name. One for each address: aliases, and bodies
 * that the linker has folded into one, are one function with several names.
 *
 *	candidates_find()            names alone
 *	function_plan()              can its code be patched?  (function.h)
 */
#ifndef TPPROBE_PLAN_CANDIDATES_H
#define TPPROBE_PLAN_CANDIDATES_H

#include "object.h"
#include "spec.h"
#include "symbols.h"

/* A SPEC that names more in one object is taken for a mistake: none of them is patched. */
#define CANDIDATES_MAX 20000

struct candidate {
	uint64_t address, size;
	const char *symbol; /* the linker's name that matched; of the symbols */
	char *name;	    /* what its tasks are called: demangled, without parameters */
	char *full;	    /* with parameters */
	char **others;	    /* demangled: what else it is called */
	uint32_t other_count;
	uint32_t first_match, match_count; /* in candidates.matches: the SPECs that name it */
	const char *why; /* it cannot be patched, for its name alone already; else NULL */
};

struct candidates_of_spec {
	bool in_scope;	  /* this object is among those that it means */
	bool too_many;	  /* more than the limit: they are not in the list */
	uint32_t matched; /* functions */
};

struct candidates {
	struct candidate *all; /* by address */
	uint32_t count, room;
	uint32_t *matches; /* indices into the SPECs */
	uint32_t match_count, match_room;
	struct candidates_of_spec *of_spec; /* one for each SPEC */
};

struct candidates_where {
	const char *path; /* of the object */
	bool is_main;	  /* the executable */
	bool is_asked;	  /* named by the user: SPECs without `lib!` mean it in any case */
	uint32_t limit;	  /* CANDIDATES_MAX, or 0: none */
};

/* Does this SPEC look for functions in there? */
bool candidates_means(const struct spec *s, const struct candidates_where *where);

/* All candidates; malformed SPECs match nothing. Valid as long as the symbols are open.
 * 0 or -ENOMEM. */
int candidates_find(const struct symbols *symbols, const struct specs *specs,
		    const struct candidates_where *where, struct candidates *out);
void candidates_fini(struct candidates *c);

#endif
