/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: C++ ones by their type, Rust's panics, other languages' by their class.
 * A throw that nothing but the unwinder sees (its C++ runtime is linked statically)
 * is told there; one that came through __cxa_throw is not told twice.
 *
 * These hooks leave no frame: they tell first and then jump (mk/build.mk lets this
 * file make sibling calls), so the unwinder starts at the program's own throw.
 */
#include "hook_exception.h"

#include <string.h>

#include "hook_io.h"
#include "throw.h"

/* The header that goes before every thrown object (Itanium C++ ABI; <unwind.h>). */
struct unwind_header {
	uint64_t class;
	void (*cleanup)(int, void *);
	uint64_t private_1, private_2;
} __attribute__((aligned(16)));

/* Eight letters, the first one on top. */
#define CLASS(a, b, c, d, e, f, g, h)                                                              \
	((uint64_t)(a) << 56 | (uint64_t)(b) << 48 | (uint64_t)(c) << 40 | (uint64_t)(d) << 32 |   \
	 (uint64_t)(e) << 24 | (uint64_t)(f) << 16 | (uint64_t)(g) << 8 | (uint64_t)(h))
#define CLASS_GNU_CXX CLASS('G', 'N', 'U', 'C', 'C', '+', '+', 0)
#define CLASS_LLVM_CXX CLASS('C', 'L', 'N', 'G', 'C', '+', '+', 0)
#define CLASS_RUST CLASS('M', 'O', 'Z', 0, 'R', 'U', 'S', 'T')

/* What __cxa_exception has before its unwind_header: the same in libstdc++ and
 * libc++abi on 64-bit machines. */
#define TYPE_BEFORE_HEADER 80
#define HANDLERS_BEFORE_HEADER 40 /* how many catch it: not 0 when it is thrown again */

/* In private_1, which the unwinder sets itself when it begins: this one was told. */
#define ALREADY_TOLD UINT64_C(0x7470707468726f77)

#define TYPE_NAME_MAX 4096
#define TYPES 1024

/* Names that were told, by their address (of the type's name) or by their class. The
 * value is good in its generation: memory that was unmapped may come back with
 * another name. A name may be told twice by two threads at once; that harms nobody. */
static struct {
	_Atomic uint64_t key;
	_Atomic uint64_t value; /* generation << 32 | id of the TEXT */
} types[TYPES];
static _Atomic uint32_t generation = 1;

void exception_forget(void)
{
	atomic_fetch_add(&generation, 1);
	throw_forget();
}

static _Atomic uint64_t *type_entry(uint64_t key)
{
	uint64_t at = (key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 54;

	for (unsigned i = 0; i < 16; i++, at = (at + 1) % TYPES) {
		uint64_t is = atomic_load(&types[at].key);

		if (!is && atomic_compare_exchange_strong(&types[at].key, &is, key))
			return &types[at].value;
		if (is == key)
			return &types[at].value;
	}
	return NULL; /* told anew each time */
}

static uint32_t type_text(struct probe_thread *t, uint64_t key, const char *name, size_t bytes)
{
	uint32_t now = atomic_load(&generation), id;
	_Atomic uint64_t *entry = type_entry(key);
	uint64_t value = entry ? atomic_load(entry) : 0;

	if (value >> 32 == now)
		return (uint32_t)value;
	id = atomic_fetch_add(&probe_header()->next_text, 1);
	record_text(t, id, TEXT_TYPE, name, bytes, "", NULL, 0);
	if (entry)
		atomic_store(entry, (uint64_t)now << 32 | id);
	return id;
}

static void tell(enum exception_kind kind, enum call call, uint64_t key, const char *name,
		 size_t bytes, void *site)
{
	struct probe_thread *t = probe_enter();
	uint32_t text;

	if (!t)
		return;
	probe_count(t, COUNTER_exceptions, 1);
	if (probe.level == LEVEL_counters)
		return;
	text = type_text(t, key, name, bytes);
	record_3(t, EVENT_EXCEPTION, text | (uint64_t)kind << 32 | (uint64_t)call << 48,
		 (uintptr_t)site, 0, probe_now());
}

static void tell_cxx(enum call call, const void *type, void *site)
{
	const char *name = type ? ((const char *const *)type)[1] : NULL;

	if (!name)
		return;
	name += name[0] == '*'; /* libstdc++'s mark of a type without linkage */
	tell(EXCEPTION_cxx, call, (uintptr_t)name, name, strnlen(name, TYPE_NAME_MAX), site);
}

static void tell_foreign(uint64_t class, void *site)
{
	char name[8];
	size_t n = 0;

	for (int shift = 56; shift >= 0; shift -= 8) {
		char letter = (char)(class >> shift);

		if (letter >= ' ' && letter <= '~')
			name[n++] = letter;
	}
	tell(EXCEPTION_foreign, CALL__Unwind_RaiseException, class, name, n, site);
}

static __attribute__((noinline)) void tell_raise(struct unwind_header *header, void *site)
{
	if (header->private_1 == ALREADY_TOLD) {
		header->private_1 = 0;
		return;
	}
	switch (header->class) {
	case CLASS_GNU_CXX:
	case CLASS_LLVM_CXX:
		if (*(const int *)((char *)header - HANDLERS_BEFORE_HEADER) == 0)
			tell_cxx(CALL__Unwind_RaiseException,
				 *(void *const *)((char *)header - TYPE_BEFORE_HEADER), site);
		break;
	case CLASS_GNU_CXX | 1: /* thrown again by std::rethrow_exception */
	case CLASS_LLVM_CXX | 1:
		break;
	case CLASS_RUST:
	case __builtin_bswap64(CLASS_RUST): /* by older and newer compilers */
		tell(EXCEPTION_rust, CALL__Unwind_RaiseException, CLASS_RUST, "panic", 5, site);
		break;
	default:
		tell_foreign(header->class, site);
	}
}

static __attribute__((noinline)) void tell_throw(void *thrown, const void *type, void *site)
{
	tell_cxx(CALL___cxa_throw, type, site);
	((struct unwind_header *)thrown - 1)->private_1 = ALREADY_TOLD;
}

void __cxa_throw(void *thrown, void *type, void (*destroy)(void *))
{
	void *site = __builtin_return_address(0);
	void (*real)(void *, void *, void (*)(void *)) = real___cxa_throw;

	if (unlikely(!real))
		*(void **)&real = throw_find(THROW_cxa, site);
	if (unlikely(!real))
		real_abort(); /* nobody who could throw; the program would not have started */
	tell_throw(thrown, type, site);
	real(thrown, type, destroy);
}

int _Unwind_RaiseException(void *exception)
{
	void *site = __builtin_return_address(0);
	int (*real)(void *) = real__Unwind_RaiseException;

	if (unlikely(!real))
		*(void **)&real = throw_find(THROW_raise, site);
	if (unlikely(!real))
		return 3; /* _URC_FATAL_PHASE1_ERROR: the language's runtime ends the program */
	tell_raise(exception, site);
	return real(exception);
}
