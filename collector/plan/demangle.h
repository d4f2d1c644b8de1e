/* SPDX-License-Identifier: MIT */
/*
 * From names of the linker to names that people use, for C, C++ and Rust.
 *
 *	_ZN2ns1C3runEi.constprop.0	full   ns::C::run(int)
 *					short  ns::C::run
 *	parse.isra.0			both   parse
 *	_ZN4demo4work17h0123456789abcdefE	both   demo::work
 *
 * Compiler clones have the name of what they are clones of.
 */
#ifndef TPPROBE_PLAN_DEMANGLE_H
#define TPPROBE_PLAN_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#define DEMANGLE_MAX 8192 /* bytes of a demangled name with its NUL; longer ones stay mangled */

struct demangled {
	char full[DEMANGLE_MAX];     /* with parameters */
	char brief[DEMANGLE_MAX];    /* without parameters and return type */
	char clone_of[DEMANGLE_MAX]; /* the linker's name without the suffixes of clones */
};

/* Never fails: what cannot be demangled is called by its name without suffixes. */
void demangle(const char *name, struct demangled *out);

/* Could a demangled name of this one differ from it? */
bool demangle_is_mangled(const char *name);
/* The part of a function that seldom runs, moved elsewhere: no function of its own. */
bool demangle_is_cold_part(const char *name);

#endif
