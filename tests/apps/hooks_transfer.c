/* SPDX-License-Identifier: MIT */
/*
 * hooks_transfer: what moves bytes by name of a place, from descriptor to
 * descriptor and over sockets; the same by syscall(). Each with its ledger.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "hooks_tally.h"

/* Names that headers keep for themselves, or for old programs. */
ssize_t __send(int fd, const void *buf, size_t n, int flags);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags, struct sockaddr *from,
		       socklen_t *length);
off_t __lseek(int fd, off_t at, int whence);

static char buffer[8192];
static struct iovec iov[2] = { { buffer, 10 }, { buffer + 10, 10 } };
static int file, other;
static void *volatile bad = (void *)8; /* for the kernel to refuse */

static void at_places(void)
{
	file = open("transfer.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	other = open("transfer.2.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(file >= 0 && other >= 0);
	CHECK(MOVED(pwrite, file, buffer, 5000, 100) == 5000);
	CHECK(MOVED(pwritev, file, iov, 2, 0) == 20 && MOVED(pwritev64, file, iov, 2, 20) == 20);
	CHECK(MOVED(pwritev2, file, iov, 2, 40, 0) == 20);
	CHECK(MOVED(pwritev64v2, file, iov, 2, 60, 0) == 20);
	CHECK(MOVED(preadv, file, iov, 2, 0) == 20 && MOVED(preadv64, file, iov, 2, 5090) == 10);
	CHECK(MOVED(preadv2, file, iov, 2, 0, 0) == 20);
	CHECK(MOVED(preadv64v2, file, iov, 2, 0, 0) == 20);
	errno = 0;
	CHECK(MOVED(preadv, -1, iov, 2, 0) == -1 && errno == EBADF);
	errno = 0;
	CHECK(MOVED(preadv, file, bad, 2, 0) == -1 && errno == EFAULT);
}

static void seeks(void)
{
	CHECK(DID(lseek, file, 7, SEEK_SET) == 7 && DID(lseek64, file, 1, SEEK_CUR) == 8);
	CHECK(DID(__lseek, file, 0, SEEK_END) == 5100 && DID(lseek64, file, 0, SEEK_SET) == 0);
	errno = 0;
	CHECK(DID(lseek, file, -1, SEEK_SET) == -1 && errno == EINVAL);
}

/* The reading side is a `read`. */
#define BETWEEN(name, ...) tally_moved("read", MOVED(name, __VA_ARGS__))

static void between(void)
{
	int a[2], b[2];
	off_t at = 0;

	CHECK(!pipe(a) && !pipe(b));
	CHECK(BETWEEN(sendfile, other, file, &at, 1000) == 1000 && at == 1000);
	CHECK(BETWEEN(sendfile64, other, file, NULL, 100) == 100);
	CHECK(BETWEEN(copy_file_range, file, NULL, other, NULL, 200, 0) == 200);
	CHECK(BETWEEN(splice, file, NULL, a[1], NULL, 300, 0) == 300);
	CHECK(BETWEEN(tee, a[0], b[1], 300, 0) == 300);
	CHECK(BETWEEN(splice, a[0], NULL, other, NULL, 300, 0) == 300);
	CHECK(MOVED(vmsplice, a[1], iov, 2, 0) == 20);
	CHECK(tally_moved("read", vmsplice(b[0], iov, 2, 0)) == 20);
	errno = 0;
	CHECK(BETWEEN(splice, file, NULL, other, NULL, 1, 0) == -1 && errno == EINVAL);
	errno = 0;
	CHECK(BETWEEN(sendfile, other, -1, NULL, 1) == -1 && errno == EBADF);
}

/* The messages return their number; the record has their bytes. */
static int messages(int many, int from, int to)
{
	struct mmsghdr m[2] = { { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 2 } },
				{ .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } } };

	CHECK(sendmmsg(from, m, (unsigned)many, 0) == many);
	tally_moved("sendmmsg", many == 2 ? 30 : 20);
	CHECK(recvmmsg(to, m, (unsigned)many, 0, NULL) == many);
	tally_moved("recvmmsg", many == 2 ? 30 : 20);
	return m[0].msg_len == 20;
}

static void sockets(void)
{
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	int ends[2], on = 1;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	CHECK(MOVED(send, ends[0], buffer, 11, 0) == 11);
	CHECK(MOVED(__send, ends[0], buffer, 12, 0) == 12);
	CHECK(MOVED(sendto, ends[0], buffer, 13, 0, NULL, 0) == 13);
	CHECK(MOVED(send, ends[0], buffer, 14, 0) == 14);
	CHECK(MOVED(sendmsg, ends[0], &message, 0) == 20);
	/* a look takes nothing: a call, no bytes */
	CHECK(recv(ends[1], buffer, 100, MSG_PEEK) == 11);
	tally_moved("recv", 0);
	CHECK(MOVED(recv, ends[1], buffer, 100, 0) == 11);
	CHECK(MOVED(__recv_chk, ends[1], buffer, 100, sizeof(buffer), 0) == 12);
	CHECK(MOVED(recvfrom, ends[1], buffer, 100, 0, NULL, NULL) == 13);
	CHECK(MOVED(__recvfrom_chk, ends[1], buffer, 100, sizeof(buffer), 0, NULL, NULL) == 14);
	CHECK(MOVED(recvmsg, ends[1], &message, 0) == 20);
	CHECK(messages(2, ends[0], ends[1]) && messages(1, ends[0], ends[1]));
	errno = 0;
	CHECK(recvmmsg(ends[1], NULL, 1, MSG_DONTWAIT, NULL) == -1 && errno == EFAULT);
	tally_moved("recvmmsg", -1);
	errno = 0;
	CHECK(MOVED(recv, ends[1], buffer, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	CHECK(!DID(setsockopt, ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	CHECK(!DID(shutdown, ends[0], SHUT_WR) && MOVED(recv, ends[1], buffer, 1, 0) == 0);
}

static void servers(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int server = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!DID(bind, server, (struct sockaddr *)&address, sizeof(address)));
	CHECK(!DID(listen, server, 1));
	errno = 0;
	CHECK(DID(bind, server, NULL, 0) == -1 && errno == EINVAL);
}

static void names(void)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *list;
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct hostent entry, *found;
	char host[64];
	int error;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!DID(getaddrinfo, "127.0.0.1", NULL, &hints, &list));
	freeaddrinfo(list);
	CHECK(DID(getaddrinfo, "not a number", NULL, &hints, &list) == EAI_NONAME);
	CHECK(!DID(getnameinfo, (struct sockaddr *)&address, sizeof(address), host, sizeof(host),
		   NULL, 0, NI_NUMERICHOST));
	CHECK(!strcmp(host, "127.0.0.1") && DID(gethostbyname, "127.0.0.1"));
	CHECK(!DID(gethostbyname_r, "127.0.0.1", &entry, buffer, sizeof(buffer), &found, &error));
	CHECK(found == &entry);
}

/* Through syscall(): told under the name of libc's function. */
#define RAW(name, ...) tally_moved(#name, syscall(SYS_##name, __VA_ARGS__))

static void raw(void)
{
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	int ends[2], pipes[2], fd;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) && !pipe(pipes));
	CHECK(RAW(lseek, file, 0, SEEK_SET) == 0);
	CHECK(RAW(write, file, buffer, 33) == 33 && RAW(writev, file, iov, 2) == 20);
	CHECK(RAW(read, file, buffer, 33) == 33 && RAW(readv, file, iov, 2) == 20);
	CHECK(RAW(pread64, file, buffer, 9, 0L) == 9 && RAW(pwrite64, file, buffer, 9, 0L) == 9);
	CHECK(RAW(preadv, file, iov, 2, 0L, 0L) == 20 && RAW(pwritev, file, iov, 2, 0L, 0L) == 20);
	CHECK(RAW(sendto, ends[0], buffer, 5, 0L, NULL, 0L) == 5);
	CHECK(RAW(recvfrom, ends[1], buffer, 50, 0L, NULL, NULL) == 5);
	CHECK(RAW(sendmsg, ends[0], &message, 0) == 20);
	CHECK(RAW(recvmsg, ends[1], &message, 0) == 20);
	CHECK(tally_moved("read", RAW(sendfile, other, file, NULL, 40L)) == 40);
	CHECK(tally_moved("read", RAW(copy_file_range, file, NULL, other, NULL, 40L, 0)) == 40);
	CHECK(tally_moved("read", RAW(splice, file, NULL, pipes[1], NULL, 40L, 0L)) == 40);
	fd = (int)syscall(SYS_openat, AT_FDCWD, "transfer.tmp", O_RDWR, 0);
	CHECK(fd >= 0 && !syscall(SYS_ftruncate, fd, 10L) && !syscall(SYS_fsync, fd));
	CHECK(!syscall(SYS_fdatasync, fd));
	CHECK(syscall(SYS_dup2, fd, 200) == 200 && syscall(SYS_dup3, fd, 201, O_CLOEXEC) == 201);
	CHECK(syscall(SYS_dup, fd) > fd && !syscall(SYS_close, fd));
	CHECK(syscall(SYS_memfd_create, "raw", 0) == fd);
	errno = 0;
	CHECK(RAW(read, 12345, buffer, 1) == -1 && errno == EBADF);
	errno = 0;
	CHECK(syscall(SYS_openat, AT_FDCWD, bad, O_RDWR, 0) == -1 && errno == EFAULT);
	for (const char *const *name =
		     (const char *const[]){ "openat", "openat", "ftruncate", "fsync", "fdatasync",
					    "dup2", "dup3", "dup", "close", "memfd_create", NULL };
	     *name; name++)
		tally_of(*name)->calls++;
}

int main(void)
{
	at_places();
	seeks();
	between();
	sockets();
	servers();
	names();
	raw();
	dprintf(1, "all as it should be\n");
	tally_close();
	unlink("transfer.tmp");
	unlink("transfer.2.tmp");
	return 0;
}
