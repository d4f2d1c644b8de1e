/* SPDX-License-Identifier: MIT */
/*
 * A preload that stands in front of the same functions as the probe and does
 * nothing: one jump each. What it costs is what standing there costs.
 */
#include <dlfcn.h>
#include <stddef.h>

/* The loader calls malloc's family before any constructor; libc's own names for
 * it are there by then. */
#define HOOK(id, group, does, version, ret, name, params, args)                                    \
	extern char __libc_##name[] __attribute__((weak));
#include "preload/hooks.def"
#undef HOOK

/* A variable for each, next to the row's number, and the jump through it. */
#define HOOK(id, group, does, version, ret, name, params, args)                                    \
	__attribute__((visibility("hidden"))) void *pass_to_##name = __libc_##name;                \
	__asm__(".pushsection .text\n"                                                             \
		".globl " #name "\n"                                                               \
		".type " #name ", @function\n"                                                     \
		".p2align 4\n" #name ":\n"                                                         \
		"	jmp *pass_to_" #name "(%rip)\n"                                            \
		".size " #name ", . - " #name "\n"                                                 \
		".popsection\n");
#include "preload/hooks.def"
#undef HOOK

static const struct {
	const char *name, *version;
	void **to;
} rows[] = {
#define HOOK(id, group, does, version, ret, name, params, args) { #name, version, &pass_to_##name },
#include "preload/hooks.def"
#undef HOOK
};

__attribute__((constructor)) static void resolve(void)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *found = dlsym(RTLD_NEXT, rows[i].name);

		if (!found && rows[i].version[0])
			found = dlvsym(RTLD_NEXT, rows[i].name, rows[i].version);
		*rows[i].to = found;
	}
}
