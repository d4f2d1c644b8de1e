/* SPDX-License-Identifier: MIT */
/*
 * AddressSanitizer as a shared library (gcc's default) refuses to start when it
 * is not the first library, which would break the program for our sake. Order
 * does not matter to it with us: our hooks pass every call on to its own. It
 * asks dl_iterate_phdr for the first name and overlooks "linux-…" (the vdso), so
 * that is what we are called while it starts, which we make it do here and now.
 */
#include "sanitizer.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

#include "probe.h"
#include "real.h"

void sanitizer_start(void)
{
	struct link_map *own = _r_debug.r_map, *map;
	void (*init)(void);
	char *name;

	for (map = _r_debug.r_map; map; map = map->l_next)
		if (strstr(map->l_name, "/libasan.so") || strstr(map->l_name, "/liblsan.so"))
			break;
	while (own && own->l_ld != _DYNAMIC)
		own = own->l_next;
	if (!map || !own)
		return;
	probe.heap_counts = 1;
	name = own->l_name;
	own->l_name = (char *)"linux-tpprobe";
	/* A lookup may start it already, by an allocation; what it calls from there
	 * must find the real functions. */
	real_resolve();
	*(void **)&init = dlsym(RTLD_DEFAULT, "__asan_init");
	if (!init)
		*(void **)&init = dlsym(RTLD_DEFAULT, "__lsan_init");
	if (init)
		init();
	own->l_name = name;
}
