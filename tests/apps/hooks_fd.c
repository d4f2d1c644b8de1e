/* SPDX-License-Identifier: MIT */
/*
 * hooks_fd: what makes descriptors by other ways than open, works on open files,
 * locks them, and what maps address space. Each with its ledger.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "hooks_tally.h"

/* Names that headers keep for themselves, or for old programs. */
int __pipe(int fds[2]);
int __fcntl(int fd, int command, ...);
int __fxstat(int version, int fd, struct stat *st);
int __fxstat64(int version, int fd, struct stat64 *st);
void *__sbrk(intptr_t by);

static int file;

static void made(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	sigset_t none;
	int ends[2], poller, signals, timer, count, memory, shared;

	sigemptyset(&none);
	CHECK((poller = DID(epoll_create1, 0)) >= 0 && DID(epoll_create, 1) >= 0);
	CHECK((count = DID(eventfd, 0, 0)) >= 0);
	CHECK(!DID(epoll_ctl, poller, EPOLL_CTL_ADD, count, &event));
	errno = 0;
	CHECK(DID(epoll_ctl, poller, EPOLL_CTL_ADD, count, &event) == -1 && errno == EEXIST);
	CHECK((signals = DID(signalfd, -1, &none, 0)) >= 0);
	CHECK(DID(signalfd, signals, &none, 0) == signals);
	CHECK((timer = DID(timerfd_create, CLOCK_MONOTONIC, 0)) >= 0);
	CHECK(DID(inotify_init, ) >= 0 && DID(inotify_init1, IN_CLOEXEC) >= 0);
	CHECK((memory = DID(memfd_create, "memory", 0)) >= 0 && write(memory, "12345", 5) == 5);
	CHECK(!DID(__pipe, ends));
	CHECK(DID(posix_openpt, O_RDWR | O_NOCTTY) >= 0);
	CHECK((shared = DID(shm_open, "/tpprobe-hooks-fd", O_RDWR | O_CREAT, 0600)) >= 0);
	CHECK(!shm_unlink("/tpprobe-hooks-fd") && write(shared, "123", 3) == 3);
	CHECK(DID(pidfd_open, getpid(), 0) >= 0);
	for (int fd = 3; fd < 40; fd++)
		close(fd);
}

/* mkstemp and its kin: the name that comes back is a new file's. */
#define TEMPORARY(name, suffix, ...)                                                               \
	do {                                                                                       \
		char path[] = "fd.XXXXXX" suffix;                                                  \
		int fd = DID(name, path, ##__VA_ARGS__);                                           \
		CHECK(fd >= 0 && !strstr(path, "XXX") && !unlink(path) && !close(fd));             \
	} while (0)

static void temporary(void)
{
	char nowhere[] = "nowhere/XXXXXX";

	TEMPORARY(mkstemp, "");
	TEMPORARY(mkstemp64, "");
	TEMPORARY(mkostemp, "", O_CLOEXEC);
	TEMPORARY(mkostemp64, "", O_CLOEXEC);
	TEMPORARY(mkstemps, ".c", 2);
	TEMPORARY(mkstemps64, ".c", 2);
	TEMPORARY(mkostemps, ".c", 2, O_CLOEXEC);
	TEMPORARY(mkostemps64, ".c", 2, O_CLOEXEC);
	errno = 0;
	CHECK(DID(mkstemp, nowhere) == -1 && errno == ENOENT);
}

static void worked_on(void)
{
	struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
	struct stat st;
	struct stat64 st64;

	file = open("fd.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(file >= 0 && !DID(ftruncate, file, 1000) && !DID(ftruncate64, file, 2000));
	CHECK(!DID(fallocate, file, 0, 0, 3000) && !DID(fallocate64, file, 0, 0, 4000));
	CHECK(!DID(posix_fallocate, file, 0, 5000) && !DID(posix_fallocate64, file, 0, 6000));
	errno = 77;
	CHECK(DID(posix_fallocate, -1, 0, 1) == EBADF && errno == 77);
	CHECK(!DID(posix_fadvise, file, 0, 0, POSIX_FADV_SEQUENTIAL));
	CHECK(!DID(posix_fadvise64, file, 0, 0, POSIX_FADV_NORMAL));
	CHECK(!DID(fstat, file, &st) && st.st_size == 6000);
	CHECK(!DID(fstat64, file, &st64) && st64.st_size == 6000);
	CHECK(!DID(__fxstat, 1, file, &st) && st.st_size == 6000);
	CHECK(!DID(__fxstat64, 1, file, &st64) && st64.st_size == 6000);
	CHECK(!DID(fchmod, file, 0644) && !DID(fchown, file, getuid(), getgid()));
	CHECK(!DID(futimens, file, times) && !DID(fstat, file, &st) && st.st_mtime == 2000);
	CHECK(!DID(fsync, file) && !DID(fdatasync, file) && !DID(syncfs, file));
	CHECK(!DID(sync_file_range, file, 0, 0, SYNC_FILE_RANGE_WRITE));
	DID(readahead, file, 0, 4096); /* a file system may not have it */
	errno = 0;
	CHECK(DID(fsync, -1) == -1 && errno == EBADF);
	errno = 0;
	CHECK(DID(fstat, 12345, &st) == -1 && errno == EBADF);
	DID(sync, );
}

static void controlled(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	int on = 1, other;
	char byte;

	/* these are told; what only asks passes */
	CHECK(DID(fcntl, file, F_DUPFD, 100) == 100);
	CHECK(DID(fcntl64, file, F_DUPFD_CLOEXEC, 100) == 101);
	CHECK(DID(__fcntl, file, F_DUPFD, 100) == 102 && DID(fcntl, file, F_SETLKW, &lock) == 0);
	CHECK(fcntl(101, F_GETFD) == FD_CLOEXEC && fcntl(file, F_SETFL, O_APPEND) == 0);
	CHECK(fcntl64(file, F_GETFL) & O_APPEND && __fcntl(file, F_GETFD) == 0);
	errno = 0;
	CHECK(DID(fcntl, -1, F_DUPFD, 0) == -1 && errno == EBADF);
	CHECK(pread(102, &byte, 1, 0) == 1);
	CHECK(!DID(ioctl, file, FIOCLEX) && fcntl(file, F_GETFD) == FD_CLOEXEC);
	CHECK(!DID(ioctl, file, FIONBIO, &on) && fcntl(file, F_GETFL) & O_NONBLOCK);
	CHECK(!ioctl(file, FIONREAD, &on));
	CHECK(!DID(flock, file, LOCK_EX) && !DID(flock, 102, LOCK_SH));
	other = open("fd.tmp", O_RDWR);
	errno = 0;
	CHECK(DID(flock, other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	CHECK(!DID(lockf, file, F_LOCK, 10) && !DID(lockf64, file, F_ULOCK, 10));
	CHECK(!DID(lockf64, file, F_LOCK, 10) && !DID(lockf, file, F_TEST, 10));
}

static void maps(void)
{
	size_t page = 4096;
	char *a, *b, *end = sbrk(0);

	CHECK((a = DID(mmap, NULL, 5 * page, PROT_READ, MAP_SHARED, file, 0)) != MAP_FAILED);
	CHECK(!DID(msync, a, page, MS_SYNC));
	b = DID(mmap64, NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(b != MAP_FAILED && (b = DID(mremap, b, 2 * page, 9 * page, MREMAP_MAYMOVE)));
	b[8 * page] = 1;
	CHECK(DID(mremap, b, 9 * page, 5 * page, MREMAP_MAYMOVE | MREMAP_FIXED, a) == a);
	CHECK(!DID(munmap, a, 5 * page));
	errno = 0;
	CHECK(DID(mmap, NULL, page, PROT_READ, MAP_SHARED, -1, 0) == MAP_FAILED && errno == EBADF);
	errno = 0;
	CHECK(DID(munmap, (void *)1, page) == -1 && errno == EINVAL);
	CHECK(DID(sbrk, 3 * page) == end && DID(__sbrk, -(intptr_t)page) == end + 3 * page);
	CHECK(!DID(brk, end) && sbrk(0) == end);
}

int main(void)
{
	made();
	temporary();
	worked_on();
	controlled();
	maps();
	dprintf(1, "all as it should be\n");
	tally_close();
	unlink("fd.tmp");
	return 0;
}
