/* SPDX-License-Identifier: MIT */
/* Globs on names; mangled ones are demangled only where that can change the answer. */
#include "match.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "../../preload/glob.h"

#define LITERAL_LEAST 3 /* shorter ones are in most names */

/* What demanglers write that is not spelled in the mangled name. */
static const char unspelled[] =
	"std allocator basic_string string basic_istream istream basic_ostream ostream "
	"basic_iostream iostream char_traits operator new delete anonymous namespace virtual thunk "
	"covariant return to non guard variable for transaction clone typeinfo vtable TLS init "
	"function wrapper reference temporary hidden alias unsigned signed short long double float "
	"int __int128 bool char wchar_t char8_t char16_t char32_t void nullptr_t decltype auto "
	"decimal32 decimal64 decimal128 _Float half complex imaginary vector const volatile "
	"restrict noexcept throw requires typename template lambda unnamed type default arg string "
	"literal sizeof alignof sizeof... true false this noexcept static_cast dynamic_cast "
	"reinterpret_cast const_cast co_await initializer_list "
	"i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 str extern unsafe dyn mut "
	"impl "
	"closure shim";

static void consider(struct match *m, const char *at, size_t n)
{
	char piece[MATCH_LITERAL_MAX];

	/* Numbers are written with suffixes and without. */
	if (n < LITERAL_LEAST || n < strlen(m->literal) || isdigit((unsigned char)*at))
		return;
	if (n >= sizeof(piece))
		n = sizeof(piece) - 1;
	memcpy(piece, at, n);
	piece[n] = '\0';
	if (!strstr(unspelled, piece))
		strcpy(m->literal, piece);
}

/* The longest run of an identifier's characters that is spelled as it is. */
void match_init(struct match *m, const char *pattern)
{
	const char *begin = NULL, *at = pattern;

	m->pattern = pattern;
	m->literal[0] = '\0';
	for (;; at++) {
		if (isalnum((unsigned char)*at) || *at == '_') {
			begin = begin ? begin : at;
			continue;
		}
		if (begin)
			consider(m, begin, (size_t)(at - begin));
		begin = NULL;
		/* Parameters and sets may be spelled in other ways. */
		if (!*at || strchr("([\\", *at))
			break;
	}
}

const struct demangled *match_name_get(struct match_name *n)
{
	if (!n->is_demangled)
		demangle(n->name, &n->demangled);
	n->is_demangled = true;
	return &n->demangled;
}

bool match_function(const struct match *m, struct match_name *n)
{
	const struct demangled *d;

	if (glob_match(m->pattern, n->name))
		return true;
	if (!demangle_is_mangled(n->name) && !strchr(n->name, '.'))
		return false;
	if (m->literal[0] && !strstr(n->name, m->literal))
		return false;
	d = match_name_get(n);
	return glob_match(m->pattern, d->clone_of) || glob_match(m->pattern, d->brief) ||
	       glob_match(m->pattern, d->full);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool match_library(const char *pattern, const char *path)
{
	char base[256];
	char *so;

	snprintf(base, sizeof(base), "%s", base_of(path));
	if (glob_match(pattern, base))
		return true;
	so = strstr(base, ".so");
	if (!so || (so[3] && so[3] != '.'))
		return false;
	so[3] = '\0';
	if (glob_match(pattern, base))
		return true;
	*so = '\0';
	return glob_match(pattern, base);
}

bool match_is_system(const char *path)
{
	static const char *const places[] = {
		"/lib/",       "/lib64/",     "/lib32/",      "/libx32/",      "/usr/lib/",
		"/usr/lib64/", "/usr/lib32/", "/usr/libx32/", "/usr/libexec/",
	};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strncmp(path, places[i], strlen(places[i])))
			return true;
	return false;
}
