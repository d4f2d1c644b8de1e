/* SPDX-License-Identifier: MIT */
/* hooks_path: what asks for paths or changes them, and directories. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "hooks_tally.h"

/* Names that headers keep for themselves, or for old programs. */
ssize_t __readlink_chk(const char *path, char *buf, size_t n, size_t room);
ssize_t __readlinkat_chk(int dir, const char *path, char *buf, size_t n, size_t room);
int __xstat(int version, const char *path, struct stat *st);
int __xstat64(int version, const char *path, struct stat64 *st);
int __lxstat(int version, const char *path, struct stat *st);
int __lxstat64(int version, const char *path, struct stat64 *st);
int __fxstatat(int version, int dir, const char *path, struct stat *st, int flags);
int __fxstatat64(int version, int dir, const char *path, struct stat64 *st, int flags);

static const char *const file = "path.tmp/file", *const other = "path.tmp/other";
static void *volatile bad = (void *)8; /* for the kernel to refuse */
static const int here = AT_FDCWD;

static void looks(void)
{
	struct stat st;
	struct stat64 st64;
	struct statx stx;

	CHECK(!DID(stat, file, &st) && st.st_size == 7);
	CHECK(!DID(stat64, file, &st64) && st64.st_size == 7);
	CHECK(!DID(lstat, file, &st) && st.st_size == 7);
	CHECK(!DID(lstat64, file, &st64) && st64.st_size == 7);
	CHECK(!DID(fstatat, here, file, &st, 0) && st.st_size == 7);
	CHECK(!DID(fstatat64, here, file, &st64, 0) && st64.st_size == 7);
	CHECK(!DID(statx, here, file, 0, STATX_SIZE, &stx) && stx.stx_size == 7);
	CHECK(!DID(__xstat, 1, file, &st) && st.st_size == 7);
	CHECK(!DID(__xstat64, 1, file, &st64) && st64.st_size == 7);
	CHECK(!DID(__lxstat, 1, file, &st) && st.st_size == 7);
	CHECK(!DID(__lxstat64, 1, file, &st64) && st64.st_size == 7);
	CHECK(!DID(__fxstatat, 1, here, file, &st, 0) && st.st_size == 7);
	CHECK(!DID(__fxstatat64, 1, here, file, &st64, 0) && st64.st_size == 7);
	CHECK(!DID(access, file, R_OK) && !DID(faccessat, here, file, W_OK, 0));
	errno = 0;
	CHECK(DID(stat, "nowhere", &st) == -1 && errno == ENOENT);
	errno = 0;
	CHECK(DID(stat, bad, &st) == -1 && errno == EFAULT);
}

static void changes(void)
{
	struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;
	uid_t me = getuid();
	gid_t us = getgid();

	CHECK(!DID(truncate, file, 70) && !DID(truncate64, file, 7));
	CHECK(!DID(chmod, file, 0640) && !DID(fchmodat, here, file, 0644, 0));
	CHECK(!DID(chown, file, me, us) && !DID(lchown, file, me, us));
	CHECK(!DID(fchownat, here, file, me, us, 0));
	CHECK(!DID(utimensat, here, file, times, 0) && !DID(stat, file, &st));
	CHECK(st.st_mtime == 2000 && st.st_size == 7 && (st.st_mode & 0777) == 0644);
	errno = 0;
	CHECK(DID(chmod, "nowhere", 0644) == -1 && errno == ENOENT);
}

static void links(void)
{
	char to[64] = "";

	CHECK(!DID(symlink, "file", other));
	CHECK(DID(readlink, other, to, sizeof(to)) == 4 && !memcmp(to, "file", 4));
	CHECK(DID(readlinkat, here, other, to, sizeof(to)) == 4);
	CHECK(DID(__readlink_chk, other, to, 2, sizeof(to)) == 2);
	CHECK(DID(__readlinkat_chk, here, other, to, 2, sizeof(to)) == 2);
	CHECK(!DID(unlink, other) && !DID(symlinkat, "file", here, other));
	CHECK(!DID(unlinkat, here, other, 0) && !DID(link, file, other) && !DID(remove, other));
	CHECK(!DID(linkat, here, file, here, other, 0) && !DID(rename, other, "path.tmp/a"));
	CHECK(!DID(renameat, here, "path.tmp/a", here, "path.tmp/b"));
	CHECK(!DID(renameat2, here, "path.tmp/b", here, "path.tmp/c", RENAME_NOREPLACE));
	CHECK(!DID(unlink, "path.tmp/c"));
	errno = 0;
	CHECK(DID(unlink, "path.tmp/c") == -1 && errno == ENOENT);
}

/* Reads it all: one call enters the kernel for the entries, one to learn that there
 * are no more; those that the buffer answers are not told. */
static int entries(void)
{
	DIR *dir = DID(opendir, "path.tmp");
	int n = 0;

	CHECK(dir);
	errno = 0;
	while (readdir(dir))
		n++;
	CHECK(!errno);
	rewinddir(dir);
	while (readdir64(dir))
		n++;
	CHECK(!DID(closedir, dir));
	tally_of("readdir")->calls += 2;
	tally_of("readdir64")->calls += 2;
	return n;
}

static int all(const struct dirent *entry)
{
	return entry != NULL;
}

static int all64(const struct dirent64 *entry)
{
	return entry != NULL;
}

static void directories(void)
{
	char name[] = "path.tmp/XXXXXX";
	struct dirent **list;
	struct dirent64 **list64;
	DIR *dir;
	int fd;

	CHECK(DID(mkdtemp, name) && !DID(rmdir, name));
	CHECK(!DID(mkdir, name, 0700) && !DID(rmdir, name));
	CHECK(!DID(mkdirat, here, name, 0700) && !DID(rmdir, name));
	CHECK(entries() == 6);
	CHECK((fd = open("path.tmp", O_RDONLY)) >= 0);
	CHECK((dir = DID(fdopendir, fd)) && !DID(closedir, dir));
	CHECK(DID(scandir, "path.tmp", &list, all, alphasort) == 3);
	CHECK(DID(scandir64, "path.tmp", &list64, all64, alphasort64) == 3);
	for (int i = 0; i < 3; i++) {
		free(list[i]);
		free(list64[i]);
	}
	free(list);
	free(list64);
	errno = 0;
	CHECK(!DID(opendir, "nowhere") && errno == ENOENT);
	errno = 0;
	CHECK(!DID(fdopendir, -1) && errno == EBADF);
}

int main(void)
{
	int fd;

	umask(022);
	CHECK(!DID(mkdir, "path.tmp", 0700));
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0 && write(fd, "content", 7) == 7 && !close(fd));
	looks();
	changes();
	links();
	directories();
	CHECK(!DID(unlink, file) && !DID(rmdir, "path.tmp"));
	dprintf(1, "all as it should be\n");
	tally_close();
	return 0;
}
