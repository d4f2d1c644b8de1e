/* SPDX-License-Identifier: MIT */
/* Calls that ask for paths or change them: how long each took and what it said. */
#include "hook_io.h"

void path_tell(struct io_call *c, enum call call, int error)
{
	struct probe_thread *t = c->thread;
	uint64_t end = probe_now(), took = end - c->begun;

	probe_count(t, COUNTER_metadata_calls, 1);
	probe_count(t, COUNTER_metadata_ticks, took);
	if (probe.level == LEVEL_counters)
		return;
	if (took > EVENT_MASK(42))
		took = EVENT_MASK(42);
	record_1(t, EVENT_META,
		 took | (uint64_t)call << 42 | ((uint64_t)error & EVENT_MASK(12)) << 52, end);
}

long path_end(struct io_call *c, enum call call, long result)
{
	int saved = errno;

	if (io_still(c))
		path_tell(c, call, result < 0 ? saved : 0);
	errno = saved;
	return result;
}

HOOK_PATH(int, stat, (const char *path, struct stat *st), (path, st))
HOOK_PATH(int, stat64, (const char *path, struct stat64 *st), (path, st))
HOOK_PATH(int, lstat, (const char *path, struct stat *st), (path, st))
HOOK_PATH(int, lstat64, (const char *path, struct stat64 *st), (path, st))
HOOK_PATH(int, fstatat, (int dir, const char *path, struct stat *st, int flags),
	  (dir, path, st, flags))
HOOK_PATH(int, fstatat64, (int dir, const char *path, struct stat64 *st, int flags),
	  (dir, path, st, flags))
HOOK_PATH(int, statx, (int dir, const char *path, int flags, unsigned mask, struct statx *st),
	  (dir, path, flags, mask, st))
HOOK_PATH(int, __xstat, (int version, const char *path, struct stat *st), (version, path, st))
HOOK_PATH(int, __xstat64, (int version, const char *path, struct stat64 *st), (version, path, st))
HOOK_PATH(int, __lxstat, (int version, const char *path, struct stat *st), (version, path, st))
HOOK_PATH(int, __lxstat64, (int version, const char *path, struct stat64 *st), (version, path, st))
HOOK_PATH(int, __fxstatat, (int version, int dir, const char *path, struct stat *st, int flags),
	  (version, dir, path, st, flags))
HOOK_PATH(int, __fxstatat64, (int version, int dir, const char *path, struct stat64 *st, int flags),
	  (version, dir, path, st, flags))

HOOK_PATH(int, access, (const char *path, int mode), (path, mode))
HOOK_PATH(int, faccessat, (int dir, const char *path, int mode, int flags),
	  (dir, path, mode, flags))
HOOK_PATH(ssize_t, readlink, (const char *path, char *buf, size_t n), (path, buf, n))
HOOK_PATH(ssize_t, readlinkat, (int dir, const char *path, char *buf, size_t n),
	  (dir, path, buf, n))
HOOK_PATH(ssize_t, __readlink_chk, (const char *path, char *buf, size_t n, size_t room),
	  (path, buf, n, room))
HOOK_PATH(ssize_t, __readlinkat_chk, (int dir, const char *path, char *buf, size_t n, size_t room),
	  (dir, path, buf, n, room))

HOOK_PATH(int, unlink, (const char *path), (path))
HOOK_PATH(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
HOOK_PATH(int, remove, (const char *path), (path))
HOOK_PATH(int, rename, (const char *from, const char *to), (from, to))
HOOK_PATH(int, renameat, (int from_dir, const char *from, int to_dir, const char *to),
	  (from_dir, from, to_dir, to))
HOOK_PATH(int, renameat2,
	  (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
	  (from_dir, from, to_dir, to, flags))
HOOK_PATH(int, link, (const char *from, const char *to), (from, to))
HOOK_PATH(int, linkat, (int from_dir, const char *from, int to_dir, const char *to, int flags),
	  (from_dir, from, to_dir, to, flags))
HOOK_PATH(int, symlink, (const char *target, const char *path), (target, path))
HOOK_PATH(int, symlinkat, (const char *target, int dir, const char *path), (target, dir, path))

HOOK_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode))
HOOK_PATH(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
HOOK_PATH(int, rmdir, (const char *path), (path))

HOOK_PATH(int, chmod, (const char *path, mode_t mode), (path, mode))
HOOK_PATH(int, fchmodat, (int dir, const char *path, mode_t mode, int flags),
	  (dir, path, mode, flags))
HOOK_PATH(int, chown, (const char *path, uid_t user, gid_t group), (path, user, group))
HOOK_PATH(int, lchown, (const char *path, uid_t user, gid_t group), (path, user, group))
HOOK_PATH(int, fchownat, (int dir, const char *path, uid_t user, gid_t group, int flags),
	  (dir, path, user, group, flags))
HOOK_PATH(int, utimensat, (int dir, const char *path, const struct timespec times[2], int flags),
	  (dir, path, times, flags))
HOOK_PATH(int, truncate, (const char *path, off_t length), (path, length))
HOOK_PATH(int, truncate64, (const char *path, off64_t length), (path, length))

HOOK_PATH(int, mknod, (const char *path, mode_t mode, dev_t device), (path, mode, device))
HOOK_PATH(int, mknodat, (int dir, const char *path, mode_t mode, dev_t device),
	  (dir, path, mode, device))
HOOK_PATH(int, __xmknod, (int version, const char *path, mode_t mode, dev_t *device),
	  (version, path, mode, device))
HOOK_PATH(int, __xmknodat, (int version, int dir, const char *path, mode_t mode, dev_t *device),
	  (version, dir, path, mode, device))
HOOK_PATH(int, mkfifo, (const char *path, mode_t mode), (path, mode))
HOOK_PATH(int, mkfifoat, (int dir, const char *path, mode_t mode), (dir, path, mode))
HOOK_PATH(int, utime, (const char *path, const struct utimbuf *times), (path, times))
HOOK_PATH(int, utimes, (const char *path, const struct timeval times[2]), (path, times))
HOOK_PATH(int, lutimes, (const char *path, const struct timeval times[2]), (path, times))
HOOK_PATH(int, futimesat, (int dir, const char *path, const struct timeval times[2]),
	  (dir, path, times))
HOOK_PATH(int, euidaccess, (const char *path, int mode), (path, mode))
HOOK_PATH(int, eaccess, (const char *path, int mode), (path, mode))
HOOK_PATH(int, chroot, (const char *path), (path))
HOOK_PATH(int, pivot_root, (const char *path, const char *old), (path, old))
HOOK_PATH(int, name_to_handle_at,
	  (int dir, const char *path, struct file_handle *handle, int *mount, int flags),
	  (dir, path, handle, mount, flags))

/* The name that it made, or NULL. */
char *mkdtemp(char *path)
{
	struct io_call c;
	char *made;

	if (!io_begin(&c))
		return real_mkdtemp(path);
	made = real_mkdtemp(path);
	path_end(&c, CALL_mkdtemp, made ? 0 : -1);
	return made;
}
