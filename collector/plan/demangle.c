/* SPDX-License-Identifier: MIT */
/*
 * libiberty's demanglers, kept within bounds: names come from files that nobody has
 * checked, and a short one can stand for gigabytes. The output is taken piece by piece
 * and left by a jump when it is too long; the demanglers hold no memory of the heap then
 * but for some bytes of Rust names in punycode.
 */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

struct output {
	char *at;
	size_t used;
	jmp_buf too_long;
};

static void take(const char *text, size_t bytes, void *context)
{
	struct output *out = context;

	if (bytes >= DEMANGLE_MAX - out->used)
		longjmp(out->too_long, 1);
	if (bytes)
		memcpy(out->at + out->used, text, bytes);
	out->used += bytes;
}

typedef int demangler(const char *, int, demangle_callbackref, void *);

static bool run(demangler *with, const char *name, int options, char *into)
{
	struct output out = { .at = into };

	if (setjmp(out.too_long) || !with(name, options, take, &out))
		return false;
	into[out.used] = '\0';
	return out.used > 0;
}

static const char *const clone_words[] = {
	"constprop", "isra", "part", "cold", "lto_priv", "llvm", "localalias", "clone", "__uniq",
};

static bool is_word(const char *at, size_t n)
{
	for (unsigned i = 0; i < sizeof(clone_words) / sizeof(clone_words[0]); i++)
		if (strlen(clone_words[i]) == n && !memcmp(clone_words[i], at, n))
			return true;
	return false;
}

/* Where `.word` or `.word.123` begins, the last of name[0 … n), or a lone `.123` (nested
 * functions, names that LTO found twice); 0: there is none. */
static size_t clone_suffix(const char *name, size_t n)
{
	const char *dot = n ? memrchr(name, '.', n) : NULL;
	size_t end = n;

	if (dot && strspn(dot + 1, "0123456789") >= (size_t)(name + n - dot - 1)) {
		end = (size_t)(dot - name);
		dot = end ? memrchr(name, '.', end) : NULL;
		if (end && end + 1 < n && !dot)
			return end;
	}
	if (!dot || dot == name || !is_word(dot + 1, end - (size_t)(dot + 1 - name)))
		return 0;
	return (size_t)(dot - name);
}

bool demangle_is_cold_part(const char *name)
{
	const char *at = name;

	while ((at = strstr(at + 1, ".cold")))
		if (!at[5] || at[5] == '.')
			return true;
	return false;
}

bool demangle_is_mangled(const char *name)
{
	return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || name[1] == '_');
}

void demangle(const char *name, struct demangled *out)
{
	size_t n = strnlen(name, DEMANGLE_MAX - 1), cut;

	while ((cut = clone_suffix(name, n)))
		n = cut;
	memcpy(out->clone_of, name, n);
	out->clone_of[n] = '\0';
	if (demangle_is_mangled(name) && !name[strnlen(name, DEMANGLE_MAX - 1)]) {
		if (run(rust_demangle_callback, out->clone_of, 0, out->full)) {
			strcpy(out->brief, out->full);
			return;
		}
		if (run(cplus_demangle_v3_callback, out->clone_of, DMGL_PARAMS | DMGL_ANSI,
			out->full) &&
		    run(cplus_demangle_v3_callback, out->clone_of, DMGL_ANSI, out->brief))
			return;
	}
	strcpy(out->full, out->clone_of);
	strcpy(out->brief, out->clone_of);
}
