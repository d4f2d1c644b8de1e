/* SPDX-License-Identifier: MIT */
/*
 * The environment that the program sees is its own: what we added is taken out
 * of envp in place before main, and put back into what its children get.
 */
#ifndef TPPROBE_ENVIRONMENT_H
#define TPPROBE_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Value of NAME in envp, or NULL; borrowed. */
const char *environment_get(char **envp, const char *name);

/* Is this line of an environment LD_PRELOAD's? */
bool environment_is_preload(const char *line);

/* Takes TPPROBE_SESSION out, and our entry of LD_PRELOAD when `preload_added`.
 * Needs no session. */
void environment_hide(char **envp, bool preload_added);

/*
 * An environment for a child program, in one private mapping.
 */
struct environment {
	size_t bytes; /* of the mapping */
	char *parent; /* its 16 digits in TPPROBE_SESSION */
	char *envp[];
};

/* envp with LD_PRELOAD and TPPROBE_SESSION. NULL when memory is short: the child
 * then gets what the program said, and is not captured. */
struct environment *environment_make(char *const *envp, uint64_t parent_task);

/* Writes another parent into it. */
void environment_set_parent(struct environment *e, uint64_t parent_task);

/* The same without anything of ours, for a program that cannot load the probe.
 * NULL when nothing has to be taken out. */
struct environment *environment_strip(char *const *envp);

/* Gives the mapping back (an exec that failed; after a spawn); NULL is fine. */
void environment_free(struct environment *e);

#endif
