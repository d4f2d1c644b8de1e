/* SPDX-License-Identifier: MIT */
/*
 * kernel_io MODE: what the kernel says of the same calls stands in the ledger.
 *
 *	bytes   every way to move bytes; rchar and wchar of /proc/self/io over them
 *	lock    waits 60 ms for a file lock that a child holds, by flock, fcntl, lockf
 *	net     a connection over loopback and a pair; the two addresses
 *	names   descriptors whose number stdio had before
 *	maps    bytes mapped and given back
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger.h"

static char buffer[100000];

/* By system calls of its own; *read_too: what reading it adds to rchar. */
static void kernel_says(uint64_t *rchar, uint64_t *wchar, uint64_t *read_too)
{
	char text[512];
	long fd = ledger_syscall(SYS_open, (long)"/proc/self/io", O_RDONLY, 0);
	long got = ledger_syscall(SYS_read, fd, (long)text, sizeof(text) - 1);

	CHECK(got > 0);
	ledger_syscall(SYS_close, fd, 0, 0);
	text[got] = '\0';
	CHECK(sscanf(text, "rchar: %lu wchar: %lu", rchar, wchar) == 2);
	*read_too = (uint64_t)got;
}

static void move_bytes(int file, int other, int pipes[2], int ends[2])
{
	struct iovec iov = { buffer, 7 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr many = { .msg_hdr = message };
	off_t at = 0;

	CHECK(write(file, buffer, 50001) == 50001 && pwrite(file, buffer, 3, 9) == 3);
	CHECK(pwritev2(file, &iov, 1, 5, 0) == 7 && preadv(file, &iov, 1, 0) == 7);
	CHECK(pread(file, buffer, 11, 0) == 11);
	CHECK(write(ends[0], buffer, 17) == 17 && read(ends[1], buffer, 100) == 17);
	CHECK(send(ends[0], buffer, 101, 0) == 101 && recv(ends[1], buffer, 5, MSG_PEEK) == 5);
	CHECK(recv(ends[1], buffer, 1000, 0) == 101);
	CHECK(sendto(ends[0], buffer, 203, 0, NULL, 0) == 203);
	CHECK(recvfrom(ends[1], buffer, 1000, 0, NULL, NULL) == 203);
	CHECK(sendmsg(ends[0], &message, 0) == 7 && recvmsg(ends[1], &message, 0) == 7);
	CHECK(sendmmsg(ends[0], &many, 1, 0) == 1 && recvmmsg(ends[1], &many, 1, 0, NULL) == 1);
	CHECK(sendfile(other, file, &at, 1009) == 1009);
	at = 0;
	CHECK(sendfile(ends[0], file, &at, 2003) == 2003);
	CHECK(recv(ends[1], buffer, 5000, 0) == 2003);
	CHECK(lseek(file, 0, SEEK_SET) == 0);
	CHECK(copy_file_range(file, NULL, other, NULL, 4001, 0) == 4001);
	CHECK(splice(file, NULL, pipes[1], NULL, 5003, 0) == 5003);
	CHECK(splice(pipes[0], NULL, other, NULL, 5003, 0) == 5003);
	iov.iov_len = 601;
	CHECK(vmsplice(pipes[1], &iov, 1, 0) == 601 && read(pipes[0], buffer, 1000) == 601);
	CHECK(syscall(SYS_write, file, buffer, 19) == 19);
	CHECK(syscall(SYS_sendto, ends[0], buffer, 23, 0L, NULL, 0L) == 23);
	CHECK(syscall(SYS_recvfrom, ends[1], buffer, 100, 0L, NULL, NULL) == 23);
}

static void bytes(void)
{
	uint64_t r[2], w[2], own, ignored;
	int pipes[2], ends[2], file, other;

	file = open("kernel.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	other = open("kernel.2.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(!pipe(pipes) && !socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	for (int i = 0; i < 2; i++) /* the first look of the hooks costs nothing here */
		CHECK(read(pipes[0], buffer, 0) == 0 && write(ends[i], buffer, 0) == 0);
	kernel_says(&r[0], &w[0], &own);
	move_bytes(file, other, pipes, ends);
	kernel_says(&r[1], &w[1], &ignored);
	ledger_add("rchar", r[1] - r[0] - own);
	ledger_add("wchar", w[1] - w[0]);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The child has the lock before it says so, and keeps it for 60 ms. */
static uint64_t wait_for(int way, int file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	struct timespec while_held = { 0, 60000000 };
	int ready[2];
	uint64_t begun;
	pid_t child;
	char byte;

	CHECK(!pipe(ready));
	child = fork();
	if (child == 0) {
		int own = open("kernel.tmp", O_RDWR);

		CHECK(way == 0 ? !flock(own, LOCK_EX | LOCK_NB) : !fcntl(own, F_SETLK, &lock));
		CHECK(write(ready[1], "x", 1) == 1);
		nanosleep(&while_held, NULL);
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	begun = now_us();
	if (way == 0)
		CHECK(!flock(file, LOCK_EX));
	else if (way == 1)
		CHECK(!fcntl(file, F_SETLKW, &lock));
	else
		CHECK(!lockf(file, F_LOCK, 10));
	begun = now_us() - begun;
	lock.l_type = F_UNLCK;
	CHECK(!fcntl(file, F_SETLK, &lock) && waitpid(child, NULL, 0) == child);
	return begun;
}

static void lock(void)
{
	int file = open("kernel.tmp", O_RDWR | O_CREAT, 0600);
	uint64_t all = 0;

	for (int way = 0; way < 3; way++)
		all += wait_for(way, file);
	ledger_add("waited_us", all);
}

static void net(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int ends[2], peer;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!bind(server, (struct sockaddr *)&address, length) && !listen(server, 1));
	CHECK(!getsockname(server, (struct sockaddr *)&address, &length));
	CHECK(!connect(client, (struct sockaddr *)&address, length));
	CHECK((peer = accept(server, NULL, NULL)) >= 0);
	CHECK(send(client, "hello", 5, 0) == 5 && recv(peer, buffer, 10, 0) == 5);
	ledger_add("server_port", ntohs(address.sin_port));
	CHECK(!getsockname(client, (struct sockaddr *)&address, &length));
	ledger_add("client_port", ntohs(address.sin_port));
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	ledger_add("pair_first", (uint64_t)ends[0]);
	ledger_add("pair_second", (uint64_t)ends[1]);
}

/* Three files get one descriptor's number after another. */
static void names(void)
{
	FILE *stream = fopen("kernel.first.tmp", "w");
	DIR *dir;
	long fd;

	CHECK(stream && write(fileno(stream), "1", 1) == 1);
	fd = fileno(stream);
	CHECK(!fclose(stream));
	/* an open that nobody sees */
	CHECK(ledger_syscall(SYS_open, (long)"kernel.second.tmp", O_WRONLY | O_CREAT, 0600) == fd);
	CHECK(write((int)fd, "22", 2) == 2 && !close((int)fd));
	CHECK((dir = opendir(".")) && dirfd(dir) == fd && !closedir(dir));
	CHECK(ledger_syscall(SYS_open, (long)"kernel.third.tmp", O_WRONLY | O_CREAT, 0600) == fd);
	CHECK(write((int)fd, "333", 3) == 3);
}

static void maps(void)
{
	size_t page = 4096;
	void *a = mmap(NULL, 10 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *end;

	CHECK(a != MAP_FAILED);
	a = mremap(a, 10 * page, 13 * page, MREMAP_MAYMOVE);
	CHECK(a != MAP_FAILED && mremap(a, 13 * page, 11 * page, 0) == a);
	CHECK(!munmap(a, 11 * page) && munmap((void *)1, page) == -1);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	end = sbrk(5 * page);
	CHECK(end != (void *)-1 && !brk(end));
	ledger_add("maps", 5);
	ledger_add("map_bytes", 18 * page);
	ledger_add("unmap_bytes", (2 + 11 + 5) * page);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *mode;
		void (*run)(void);
	} modes[] = {
		{ "bytes", bytes }, { "lock", lock }, { "net", net },
		{ "names", names }, { "maps", maps },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].mode)) {
			modes[i].run();
			ledger_close();
			return 0;
		}
	return 2;
}
