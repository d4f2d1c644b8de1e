/* SPDX-License-Identifier: MIT */
/*
 * hooks_walk: walks through directories, names made whole, nodes, times, attributes
 * and file systems. What an unprivileged program or this file system may not do is
 * called all the same: the ledger counts calls.
 */
#include <dirent.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#include "hooks_tally.h"

/* Names that headers keep for themselves, or for old programs. */
char *__realpath_chk(const char *path, char *into, size_t room);
char *__getcwd_chk(char *into, size_t n, size_t room);
int __statfs(const char *path, struct statfs *st);
int __xmknod(int version, const char *path, mode_t mode, dev_t *device);
int __xmknodat(int version, int dir, const char *path, mode_t mode, dev_t *device);
int pivot_root(const char *path, const char *old);
off64_t llseek(int fd, off64_t offset, int whence);
__asm__(".symver llseek, llseek@GLIBC_2.2.5");

static const char *const file = "walk.tmp/file", *const node = "walk.tmp/node";
static const int here = AT_FDCWD;
static int fd, visits;

static void names(void)
{
	char whole[PATH_MAX], directory[PATH_MAX], *made;

	CHECK(DID(getcwd, directory, sizeof(directory)) == directory);
	CHECK(DID(__getcwd_chk, whole, PATH_MAX, PATH_MAX) && !strcmp(whole, directory));
	CHECK((made = DID(get_current_dir_name)));
	free(made);
	CHECK(DID(realpath, "walk.tmp/../walk.tmp", whole) &&
	      !strncmp(whole, directory, strlen(directory)));
	/* the realpath of 2.3: the first one gives no memory */
	CHECK((made = DID(realpath, file, NULL)) && strstr(made, "/walk.tmp/file"));
	free(made);
	CHECK(DID(__realpath_chk, file, whole, PATH_MAX) == whole);
	CHECK((made = DID(canonicalize_file_name, file)));
	free(made);
	errno = 0;
	CHECK(!DID(realpath, "nowhere/at/all", whole) && errno == ENOENT);
	errno = 0;
	CHECK(!DID(getcwd, whole, 1) && errno == ERANGE);
}

static void nodes(void)
{
	dev_t none = 0;

#define MADE(call) CHECK(!(call) && !unlink(node))
	MADE(DID(mknod, node, S_IFREG | 0600, none));
	MADE(DID(mknodat, here, node, S_IFIFO | 0600, none));
	MADE(DID(__xmknod, 0, node, S_IFREG | 0600, &none));
	MADE(DID(__xmknodat, 0, here, node, S_IFREG | 0600, &none));
	MADE(DID(mkfifo, node, 0600));
	MADE(DID(mkfifoat, here, node, 0600));
	errno = 0;
	CHECK(DID(mkfifo, file, 0600) == -1 && errno == EEXIST);
}

static void times(void)
{
	struct utimbuf old = { 100, 200 };
	struct timeval newer[2] = { { 300, 0 }, { 400, 0 } };
	struct stat st;

	CHECK(!DID(utime, file, &old) && !stat(file, &st) && st.st_mtime == 200);
	CHECK(!DID(utimes, file, newer) && !stat(file, &st) && st.st_mtime == 400);
	CHECK(!utime(file, &old) && !DID(lutimes, file, newer) && !stat(file, &st) &&
	      st.st_mtime == 400);
	CHECK(!utime(file, &old) && !DID(futimes, fd, newer) && !stat(file, &st) &&
	      st.st_mtime == 400);
	CHECK(!utime(file, &old) && !DID(futimesat, here, file, newer) && !stat(file, &st) &&
	      st.st_mtime == 400);
	tally_of("utime")->calls += 3;
	CHECK(!DID(euidaccess, file, R_OK) && !DID(eaccess, file, R_OK));
	errno = 0;
	CHECK(DID(eaccess, "nowhere", R_OK) == -1 && errno == ENOENT);
	errno = 0;
	CHECK(DID(chroot, "nowhere") == -1 && errno);
	errno = 0;
	CHECK(DID(pivot_root, "nowhere", "nowhere") == -1 && errno);
}

/* Not every file system has them: what they say need not be success. */
static void attributes(void)
{
	static const char name[] = "user.tpprobe";
	char value[256];
	int has = !DID(setxattr, file, name, "abc", 3, 0);

	CHECK(!has ||
	      (DID(getxattr, file, name, value, sizeof(value)) == 3 && !memcmp(value, "abc", 3)));
	DID(getxattr, file, "user.none", value, sizeof(value));
	DID(listxattr, file, value, sizeof(value));
	DID(removexattr, file, name);
	DID(lsetxattr, file, name, "abc", 3, 0);
	DID(lgetxattr, file, name, value, sizeof(value));
	DID(llistxattr, file, value, sizeof(value));
	DID(lremovexattr, file, name);
	CHECK(DID(fsetxattr, fd, name, "abcd", 4, 0) == (has ? 0 : -1));
	CHECK(DID(fgetxattr, fd, name, value, sizeof(value)) == (has ? 4 : -1));
	DID(flistxattr, fd, value, sizeof(value));
	CHECK(DID(fremovexattr, fd, name) == (has ? 0 : -1));
	errno = 0;
	CHECK(DID(fgetxattr, -1, name, value, sizeof(value)) == -1 && errno == EBADF);
}

static void systems(void)
{
	struct statfs st;
	struct statfs64 st64;
	struct statvfs v;
	struct statvfs64 v64;

	CHECK(!DID(statfs, file, &st) && !DID(statfs64, file, &st64) && !DID(__statfs, file, &st));
	CHECK(!DID(fstatfs, fd, &st) && !DID(fstatfs64, fd, &st64) && st.f_type == st64.f_type);
	CHECK(!DID(statvfs, file, &v) && !DID(statvfs64, file, &v64));
	CHECK(!DID(fstatvfs, fd, &v) && !DID(fstatvfs64, fd, &v64) && v.f_bsize == v64.f_bsize);
	errno = 0;
	CHECK(DID(statvfs, "nowhere", &v) == -1 && errno == ENOENT);
}

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* readdir_r */
static void entries(void)
{
	DIR *dir = opendir("walk.tmp");
	struct dirent entry, *got;
	struct dirent64 entry64, *got64;
	int n = 0;

	CHECK(dir);
	while (!readdir_r(dir, &entry, &got) && got)
		n++;
	rewinddir(dir);
	while (!readdir64_r(dir, &entry64, &got64) && got64)
		n++;
	CHECK(n == 6 && !DID(closedir, dir));
	/* once for the entries, once to learn that there are no more */
	tally_of("readdir_r")->calls += 2;
	tally_of("readdir64_r")->calls += 2;
}

/* What they do is in the ledger too: walks call back into the program. */
static int visit(const char *path, const struct stat *st, int what)
{
	(void)st, (void)what;
	visits++;
	return DID(access, path, R_OK);
}

static int visit64(const char *path, const struct stat64 *st, int what)
{
	(void)path, (void)st, (void)what;
	visits++;
	return 0;
}

static int visit_n(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)path, (void)st, (void)what;
	visits++;
	return at->level == 1 ? 7 : 0;
}

static int visit_n64(const char *path, const struct stat64 *st, int what, struct FTW *at)
{
	(void)path, (void)st, (void)what, (void)at;
	visits++;
	return 0;
}

static void walks(void)
{
	glob_t found;
	glob64_t found64;

	CHECK(!DID(glob, "walk.tmp/*", 0, NULL, &found) && found.gl_pathc == 1);
	CHECK(!DID(glob64, "walk.tmp/*", 0, NULL, &found64) && found64.gl_pathc == 1);
	globfree(&found);
	globfree64(&found64);
	CHECK(DID(glob, "walk.tmp/none*", 0, NULL, &found) == GLOB_NOMATCH);
	CHECK(!DID(ftw, "walk.tmp", visit, 4) && visits == 2);
	CHECK(!DID(ftw64, "walk.tmp", visit64, 4) && visits == 4);
	CHECK(DID(nftw, "walk.tmp", visit_n, 4, FTW_PHYS) == 7 && visits == 6);
	CHECK(!DID(nftw64, "walk.tmp", visit_n64, 4, FTW_PHYS) && visits == 8);
	errno = 0;
	CHECK(DID(nftw, "nowhere", visit_n, 4, 0) == -1 && errno == ENOENT);
}

static void handles(void)
{
	struct {
		struct file_handle handle;
		char room[128];
	} h = { .handle.handle_bytes = 128 };
	int mount, opened;

	CHECK(DID(name_to_handle_at, here, "nowhere", &h.handle, &mount, 0) == -1);
	DID(name_to_handle_at, here, file, &h.handle, &mount, 0);
	opened = DID(open_by_handle_at, fd, &h.handle, O_RDONLY);
	if (opened >= 0)
		close(opened);
	errno = 0;
	opened = DID(fanotify_init, ~0u, 0);
	CHECK(opened == -1 && errno);
	CHECK(DID(llseek, fd, 3, SEEK_SET) == 3);
}

int main(void)
{
	umask(022);
	CHECK(!mkdir("walk.tmp", 0700));
	CHECK((fd = open(file, O_RDWR | O_CREAT, 0600)) >= 0);
	CHECK(write(fd, "content", 7) == 7);
	names();
	nodes();
	times();
	attributes();
	systems();
	entries();
	walks();
	handles();
	CHECK(!close(fd) && !unlink(file) && !rmdir("walk.tmp"));
	dprintf(1, "all as it should be\n");
	tally_close();
	return 0;
}
