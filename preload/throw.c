/* SPDX-License-Identifier: MIT */
/*
 * A C program that loads a C++ library (an extension of python, a plugin) has no
 * C++ runtime in the global search order: it came with the library, for the library
 * alone. Yet the library finds our __cxa_throw, which is global. So what a throw
 * means depends on who throws: it is looked up where its own module would have
 * found it.
 */
#include "throw.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>

#include "real.h"

#define MODULES 64

/* What the modules that throw mean. An entry is good when its generation is the
 * current one and the function is there; it is filled in an order that keeps that
 * true at every moment, so nobody needs a lock. */
static struct module_throws {
	_Atomic uintptr_t module; /* where it is mapped */
	_Atomic uint32_t generation;
	_Atomic uintptr_t function[THROW_FUNCTIONS];
} modules[MODULES];
static _Atomic uint32_t generation = 1;

static const char *const names[THROW_FUNCTIONS] = { "__cxa_throw", "_Unwind_RaiseException" };

static void *lookup(void *handle, enum throw_function which)
{
	void *const own[THROW_FUNCTIONS] = { (void *)__cxa_throw, (void *)_Unwind_RaiseException };
	void *symbol = dlsym(handle, names[which]);

	__asm__ volatile("" ::: "memory"); /* as in real.c: no tail call */
	return symbol == own[which] ? NULL : symbol;
}

/* In a library that is loaded anyway, and in what it depends on. */
static void *lookup_in(const char *path, enum throw_function which)
{
	void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD), *symbol;

	if (!handle)
		return NULL;
	symbol = lookup(handle, which);
	real_dlclose(handle);
	return symbol;
}

static void *resolve(enum throw_function which, const char *caller)
{
	static const char *const runtimes[] = { "libstdc++.so.6", "libc++abi.so.1", "libgcc_s.so.1",
						"libunwind.so.1" };
	void *symbol = lookup(RTLD_NEXT, which); /* loaded since, for all */

	if (!symbol && caller && caller[0])
		symbol = lookup_in(caller, which);
	for (unsigned i = 0; !symbol && i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		symbol = lookup_in(runtimes[i], which);
	dlerror(); /* the program asks for its own errors */
	return symbol;
}

static struct module_throws *entry_of(uintptr_t module)
{
	for (unsigned i = 0; i < MODULES; i++) {
		uintptr_t is = atomic_load(&modules[i].module);

		if (!is && atomic_compare_exchange_strong(&modules[i].module, &is, module))
			return &modules[i];
		if (is == module)
			return &modules[i];
	}
	return NULL;
}

void *throw_find(enum throw_function which, void *site)
{
	uint32_t now = atomic_load(&generation);
	struct dl_find_object object = { 0 };
	struct module_throws *entry = NULL;
	uintptr_t known;
	void *symbol;

	/* The call may be the last instruction of its module. No lock is taken here. */
	if (_dl_find_object((char *)site - 1, &object) == 0)
		entry = entry_of((uintptr_t)object.dlfo_map_start);
	if (entry && atomic_load(&entry->generation) == now &&
	    (known = atomic_load(&entry->function[which])))
		return (void *)known;
	symbol = resolve(which, entry ? object.dlfo_link_map->l_name : NULL);
	if (entry) {
		if (atomic_load(&entry->generation) != now)
			for (unsigned i = 0; i < THROW_FUNCTIONS; i++)
				atomic_store(&entry->function[i], 0);
		atomic_store(&entry->function[which], (uintptr_t)symbol);
		atomic_store(&entry->generation, now);
	}
	return symbol;
}

void throw_forget(void)
{
	atomic_fetch_add(&generation, 1);
}
