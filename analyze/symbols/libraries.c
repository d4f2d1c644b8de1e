/* SPDX-License-Identifier: MIT */
/*
 * The libraries that a program is linked with.
 */
#include "libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dynamic.h"
#include "loader_cache.h"

#define CACHE "/etc/ld.so.cache"
#define SYSTEM_DIRS                                                                                \
	"/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib"

/* What one object says about its libraries. */
struct wants {
	struct dynamic dynamic;
	char origin[PATH_MAX];
	const char *rpath, *runpath; /* "": none */
};

static bool is_loadable(const char *path)
{
	unsigned char ident[20] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool is;

	if (fd < 0)
		return false;
	is = pread(fd, ident, sizeof(ident), 0) == sizeof(ident) &&
	     !memcmp(ident, ELFMAG, SELFMAG) && ident[EI_CLASS] == ELFCLASS64 &&
	     ident[18] == EM_X86_64 && !ident[19];
	close(fd);
	return is;
}

/* A directory of a search path with $ORIGIN, $LIB and $PLATFORM filled in, and the name. */
static bool fill(char *out, size_t room, const char *dir, size_t bytes, const char *origin,
		 const char *name)
{
	static const struct {
		const char *token, *value;
	} tokens[] = { { "$ORIGIN", NULL },
		       { "${ORIGIN}", NULL },
		       { "$LIB", "lib/x86_64-linux-gnu" },
		       { "${LIB}", "lib/x86_64-linux-gnu" },
		       { "$PLATFORM", "x86_64" },
		       { "${PLATFORM}", "x86_64" } };
	FILE *to = fmemopen(out, room, "w");
	const char *end = dir + bytes;
	long n;

	if (!to)
		return false;
	while (dir < end) {
		size_t skip = 0;

		for (unsigned i = 0; i < sizeof(tokens) / sizeof(tokens[0]) && !skip; i++) {
			size_t length = strlen(tokens[i].token);

			if ((size_t)(end - dir) < length || memcmp(dir, tokens[i].token, length))
				continue;
			fputs(tokens[i].value ? tokens[i].value : origin, to);
			skip = length;
		}
		if (!skip)
			fputc(*dir, to);
		dir += skip ? skip : 1;
	}
	fprintf(to, "%s%s", bytes ? "/" : "./", name);
	n = ftell(to);
	return !fclose(to) && n > 0 && (size_t)n < room - 1;
}

static bool find_below(char *out, const char *dirs, const char *origin, const char *name)
{
	for (const char *end; dirs && *dirs; dirs = *end ? end + 1 : end) {
		end = dirs + strcspn(dirs, ":;");
		if (fill(out, PATH_MAX, dirs, (size_t)(end - dirs), origin, name) &&
		    is_loadable(out))
			return true;
	}
	return false;
}

/* In the loader's order. The program's RPATH is inherited by all that have no RUNPATH. */
static bool find_library(const struct wants *w, const struct wants *program,
			 const struct loader_cache *cache, const char *name, char *out)
{
	const char *cached;

	if (strchr(name, '/'))
		return snprintf(out, PATH_MAX, "%s", name) < PATH_MAX && is_loadable(out);
	if (!*w->runpath && find_below(out, w->rpath, w->origin, name))
		return true;
	if (!*w->runpath && !*program->runpath &&
	    find_below(out, program->rpath, program->origin, name))
		return true;
	if (find_below(out, getenv("LD_LIBRARY_PATH"), w->origin, name) ||
	    find_below(out, w->runpath, w->origin, name))
		return true;
	cached = loader_cache_find(cache, name);
	if (cached && is_loadable(cached))
		return snprintf(out, PATH_MAX, "%s", cached) < PATH_MAX;
	return find_below(out, SYSTEM_DIRS, w->origin, name);
}

static bool is_listed(const struct libraries *l, const char *name)
{
	for (unsigned i = 0; i < l->count; i++)
		if (!strcmp(l->library[i].name, name))
			return true;
	return false;
}

static int add(struct libraries *l, const char *name, const char *path)
{
	struct library *more = realloc(l->library, (l->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	l->library = more;
	more[l->count].name = strdup(name);
	more[l->count].path = path ? strdup(path) : NULL;
	if (!more[l->count].name || (path && !more[l->count].path)) {
		free(more[l->count].name);
		free(more[l->count].path);
		return -ENOMEM;
	}
	l->count++;
	return 0;
}

static int wants_open(struct wants *w, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;
	char *real = realpath(path, NULL);

	*w = (struct wants){ .rpath = "", .runpath = "" };
	snprintf(w->origin, sizeof(w->origin), "%s", real ? real : path);
	free(real);
	*(strrchr(w->origin, '/') ? strrchr(w->origin, '/') : w->origin) = '\0';
	if (fd < 0)
		return -errno;
	err = dynamic_init(&w->dynamic, fd);
	close(fd);
	if (err)
		return err;
	if (dynamic_value(&w->dynamic, DT_RPATH))
		w->rpath = dynamic_string(&w->dynamic, dynamic_value(&w->dynamic, DT_RPATH));
	if (dynamic_value(&w->dynamic, DT_RUNPATH))
		w->runpath = dynamic_string(&w->dynamic, dynamic_value(&w->dynamic, DT_RUNPATH));
	return 0;
}

/* Those that one object needs and that are not in the list yet. */
static int add_needed(struct libraries *l, const struct wants *of, const struct wants *program,
		      const struct loader_cache *cache)
{
	int err = 0;

	for (size_t i = 0; !err && i < of->dynamic.entries; i++) {
		const Elf64_Dyn *d = &of->dynamic.entry[i];
		const char *name = dynamic_string(&of->dynamic, d->d_un.d_val);
		char path[PATH_MAX];

		if (d->d_tag != DT_NEEDED || !*name || is_listed(l, name) ||
		    l->count == LIBRARIES_MAX)
			continue;
		err = add(l, name, find_library(of, program, cache, name, path) ? path : NULL);
	}
	return err;
}

int libraries_init(struct libraries *l, const char *path, struct fault *fault)
{
	struct loader_cache cache;
	struct wants program;
	int err = wants_open(&program, path);

	*l = (struct libraries){ NULL, 0 };
	if (err)
		return fault_set(fault, err, "%s: its libraries cannot be read: %s", path,
				 strerror(-err));
	loader_cache_open(&cache, CACHE);
	err = add_needed(l, &program, &program, &cache);
	for (unsigned i = 0; !err && i < l->count; i++) {
		struct wants of;

		if (!l->library[i].path || wants_open(&of, l->library[i].path))
			continue;
		err = add_needed(l, &of, &program, &cache);
		dynamic_fini(&of.dynamic);
	}
	dynamic_fini(&program.dynamic);
	loader_cache_close(&cache);
	if (!err)
		return 0;
	libraries_fini(l);
	return fault_set(fault, err, "out of memory");
}

void libraries_fini(struct libraries *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		free(l->library[i].name);
		free(l->library[i].path);
	}
	free(l->library);
	*l = (struct libraries){ NULL, 0 };
}
