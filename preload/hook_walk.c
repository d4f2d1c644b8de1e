/* SPDX-License-Identifier: MIT */
/* Calls that make many system calls of their own: each is told once, by its whole time. */
#include "hook_io.h"

/* They give a name, or NULL. */
#define HOOK_NAME(name, params, args)                                                              \
	char *name params                                                                          \
	{                                                                                          \
		struct io_call c;                                                                  \
		char *made;                                                                        \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name args;                                                   \
		made = real_##name args;                                                           \
		path_end(&c, CALL_##name, made ? 0 : -1);                                          \
		return made;                                                                       \
	}
HOOK_NAME(realpath, (const char *path, char *into), (path, into))
HOOK_NAME(__realpath_chk, (const char *path, char *into, size_t room), (path, into, room))
HOOK_NAME(canonicalize_file_name, (const char *path), (path))
HOOK_NAME(getcwd, (char *into, size_t n), (into, n))
HOOK_NAME(__getcwd_chk, (char *into, size_t n, size_t room), (into, n, room))
HOOK_NAME(get_current_dir_name, (void), ())

/* Finding nothing is no failure; running out of memory need not set errno. */
static int globbed(struct io_call *c, enum call call, int result)
{
	int saved = errno;

	if (io_still(c))
		path_tell(c, call,
			  result == GLOB_NOSPACE   ? ENOMEM
			  : result == GLOB_ABORTED ? saved
						   : 0);
	errno = saved;
	return result;
}

#define HOOK_GLOB(name, type)                                                                      \
	int name(const char *pattern, int flags, int (*failed)(const char *, int), type *paths)    \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name(pattern, flags, failed, paths);                         \
		return globbed(&c, CALL_##name, real_##name(pattern, flags, failed, paths));       \
	}
HOOK_GLOB(glob, glob_t)
HOOK_GLOB(glob64, glob64_t)

/* Most of the time of a walk is the program's own, in `visit`, and what that calls is
 * told on its own: the walk is counted when it has ended, without a time. */
static int walked(struct io_call *c, enum call call, int result)
{
	int saved = errno;

	if (io_still(c)) {
		c->begun = probe_now();
		path_tell(c, call, result == -1 ? saved : 0); /* or -1 is what `visit` said */
	}
	errno = saved;
	return result;
}

#define HOOK_WALK(name, params, args)                                                              \
	int name params                                                                            \
	{                                                                                          \
		struct io_call c;                                                                  \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name args;                                                   \
		return walked(&c, CALL_##name, real_##name args);                                  \
	}
HOOK_WALK(ftw, (const char *path, __ftw_func_t visit, int fds), (path, visit, fds))
HOOK_WALK(ftw64, (const char *path, __ftw64_func_t visit, int fds), (path, visit, fds))
HOOK_WALK(nftw, (const char *path, __nftw_func_t visit, int fds, int flags),
	  (path, visit, fds, flags))
HOOK_WALK(nftw64, (const char *path, __nftw64_func_t visit, int fds, int flags),
	  (path, visit, fds, flags))
