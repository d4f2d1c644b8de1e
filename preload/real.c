/* SPDX-License-Identifier: MIT */
/*
 * Finds the functions behind ours, next in the search order after this library,
 * so that other preloaded libraries keep seeing the calls (fakeroot, jemalloc).
 */
#include "real.h"

#include <dlfcn.h>

#include "symbol.h"

void *bootstrap_malloc(size_t size);
void *bootstrap_calloc(size_t count, size_t size);
void *bootstrap_reallocarray(void *block, size_t count, size_t size);
void *bootstrap_aligned(size_t alignment, size_t size);
int bootstrap_posix_memalign(void **block, size_t alignment, size_t size);
void *bootstrap_page_aligned(size_t size);
void bootstrap_free(void *block);

#define HOOK(id, group, does, version, ret, name, params, args) ret(*real_##name) params;
#include "hooks.def"
#undef HOOK

void *(*real_malloc)(size_t) = bootstrap_malloc;
void (*real_free)(void *) = bootstrap_free;
void *(*real_calloc)(size_t, size_t) = bootstrap_calloc;
void *(*real_realloc)(void *, size_t) = bootstrap_realloc;
void *(*real_reallocarray)(void *, size_t, size_t) = bootstrap_reallocarray;
int (*real_posix_memalign)(void **, size_t, size_t) = bootstrap_posix_memalign;
void *(*real_aligned_alloc)(size_t, size_t) = bootstrap_aligned;
void *(*real_memalign)(size_t, size_t) = bootstrap_aligned;
void *(*real_valloc)(size_t) = bootstrap_page_aligned;
void *(*real_pvalloc)(size_t) = bootstrap_page_aligned;

static void *find(const char *name, const char *version)
{
	/* Not a tail call: RTLD_NEXT looks at the return address to know who asks.
	 * Without a version where that finds one: other preloaded libraries have none,
	 * and their wrappers must not be passed over (TSan's pthread_create). */
	enum symbol_there there = version[0] ? symbol_is_there(name) : SYMBOL_default;
	void *symbol = there == SYMBOL_default	? dlsym(RTLD_NEXT, name)
		       : there == SYMBOL_hidden ? dlvsym(RTLD_NEXT, name, version)
						: NULL;
	__asm__ volatile("" ::: "memory");
	return symbol;
}

void real_resolve(void)
{
	/* dlsym may allocate, so the heap's pointers change together, at the end. */
	static const struct {
		const char *name, *version;
		void **pointer;
	} rows[] = {
#define HOOK(id, group, does, version, ret, name, params, args)                                    \
	{ #name, version, (void **)&real_##name },
#include "hooks.def"
#undef HOOK
	};
	void *found[sizeof(rows) / sizeof(rows[0])];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		found[i] = find(rows[i].name, rows[i].version);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (found[i])
			*rows[i].pointer = found[i];
}
