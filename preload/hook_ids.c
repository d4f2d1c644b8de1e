/* SPDX-License-Identifier: MIT */
/*
 * Who the program is. libc changes all threads of the process, by a signal that they
 * handle without entering a hook; afterwards /proc/self may be closed to us: names of
 * descriptors and /proc/self/io are then not told (docs/limits.md).
 */
#include "hook_io.h"

HOOK_PATH(int, setuid, (uid_t user), (user))
HOOK_PATH(int, setgid, (gid_t group), (group))
HOOK_PATH(int, seteuid, (uid_t user), (user))
HOOK_PATH(int, setegid, (gid_t group), (group))
HOOK_PATH(int, setreuid, (uid_t real, uid_t effective), (real, effective))
HOOK_PATH(int, setregid, (gid_t real, gid_t effective), (real, effective))
HOOK_PATH(int, setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))
HOOK_PATH(int, setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved))
HOOK_PATH(int, setgroups, (size_t n, const gid_t *groups), (n, groups))
HOOK_PATH(int, initgroups, (const char *user, gid_t group), (user, group))

/* These return the id that was, and say nothing of failure. */
#define HOOK_ID_BEFORE(name, type)                                                                 \
	int name(type id)                                                                          \
	{                                                                                          \
		struct io_call c;                                                                  \
		int before;                                                                        \
                                                                                                   \
		if (!io_begin(&c))                                                                 \
			return real_##name(id);                                                    \
		before = real_##name(id);                                                          \
		path_end(&c, CALL_##name, 0);                                                      \
		return before;                                                                     \
	}
HOOK_ID_BEFORE(setfsuid, uid_t)
HOOK_ID_BEFORE(setfsgid, gid_t)
