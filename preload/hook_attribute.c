/* SPDX-License-Identifier: MIT */
/* Extended attributes, and what a file system says of itself. */
#include "hook_io.h"

HOOK_PATH(ssize_t, getxattr, (const char *path, const char *name, void *value, size_t n),
	  (path, name, value, n))
HOOK_PATH(int, setxattr,
	  (const char *path, const char *name, const void *value, size_t n, int flags),
	  (path, name, value, n, flags))
HOOK_PATH(ssize_t, listxattr, (const char *path, char *names, size_t n), (path, names, n))
HOOK_PATH(int, removexattr, (const char *path, const char *name), (path, name))
HOOK_PATH(ssize_t, lgetxattr, (const char *path, const char *name, void *value, size_t n),
	  (path, name, value, n))
HOOK_PATH(int, lsetxattr,
	  (const char *path, const char *name, const void *value, size_t n, int flags),
	  (path, name, value, n, flags))
HOOK_PATH(ssize_t, llistxattr, (const char *path, char *names, size_t n), (path, names, n))
HOOK_PATH(int, lremovexattr, (const char *path, const char *name), (path, name))
HOOK_FD(ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t n), (fd, name, value, n))
HOOK_FD(int, fsetxattr, (int fd, const char *name, const void *value, size_t n, int flags),
	(fd, name, value, n, flags))
HOOK_FD(ssize_t, flistxattr, (int fd, char *names, size_t n), (fd, names, n))
HOOK_FD(int, fremovexattr, (int fd, const char *name), (fd, name))

HOOK_PATH(int, statfs, (const char *path, struct statfs *st), (path, st))
HOOK_PATH(int, statfs64, (const char *path, struct statfs64 *st), (path, st))
HOOK_PATH(int, __statfs, (const char *path, struct statfs *st), (path, st))
HOOK_FD(int, fstatfs, (int fd, struct statfs *st), (fd, st))
HOOK_FD(int, fstatfs64, (int fd, struct statfs64 *st), (fd, st))
HOOK_PATH(int, statvfs, (const char *path, struct statvfs *st), (path, st))
HOOK_PATH(int, statvfs64, (const char *path, struct statvfs64 *st), (path, st))
HOOK_FD(int, fstatvfs, (int fd, struct statvfs *st), (fd, st))
HOOK_FD(int, fstatvfs64, (int fd, struct statvfs64 *st), (fd, st))
