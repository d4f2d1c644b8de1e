/* SPDX-License-Identifier: MIT */
#ifndef TPPROBE_SYMBOL_H
#define TPPROBE_SYMBOL_H

enum symbol_there {
	SYMBOL_none,	/* nobody behind us defines it */
	SYMBOL_hidden,	/* in an old version only, which dlsym does not find */
	SYMBOL_default, /* dlsym(RTLD_NEXT) finds it */
};

/* Only for the constructor: the loader's list is walked without its lock. */
__attribute__((visibility("hidden"))) enum symbol_there symbol_is_there(const char *name);

struct link_map;
/* The address of a function that this object defines itself; NULL none. */
__attribute__((visibility("hidden"))) void *symbol_in(const struct link_map *map, const char *name);

#endif
