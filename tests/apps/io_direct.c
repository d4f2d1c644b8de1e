/* SPDX-License-Identifier: MIT */
/*
 * io_direct ROUNDS [DIR]: reads and writes files, pipes and sockets by the calls
 * themselves. getppid() marks where its own calls begin, for strace.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include "ledger.h"

static uint64_t file_reads, file_read_bytes, file_writes, file_write_bytes;
static uint64_t net_reads, net_read_bytes, net_writes, net_write_bytes;
static char buffer[65536];

static void moved(uint64_t *calls, uint64_t *bytes, ssize_t got)
{
	CHECK(got >= 0);
	*calls += 1;
	*bytes += got;
}
#define FILE_READ(call) moved(&file_reads, &file_read_bytes, call)
#define FILE_WRITE(call) moved(&file_writes, &file_write_bytes, call)
#define NET_READ(call) moved(&net_reads, &net_read_bytes, call)
#define NET_WRITE(call) moved(&net_writes, &net_write_bytes, call)

static void files(const char *path, long round)
{
	struct iovec iov[3] = { { buffer, 10 },
				{ buffer + 100, 20 },
				{ buffer + 200, 30 + round } };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	int copy;

	CHECK(fd >= 0);
	FILE_WRITE(write(fd, buffer, 1000 + round));
	FILE_WRITE(pwrite(fd, buffer, 777, 5000));
	FILE_WRITE(writev(fd, iov, 3));
	FILE_WRITE(pwrite64(fd, buffer, 1, 60000));
	FILE_WRITE(write(fd, buffer, 0));
	copy = dup(fd);
	CHECK(copy >= 0 && lseek(copy, 0, SEEK_SET) == 0);
	FILE_READ(read(copy, buffer, 100));
	FILE_READ(readv(copy, iov, 2));
	FILE_READ(pread(fd, buffer, 50, 5000));
	FILE_READ(pread64(fd, buffer, sizeof(buffer), 59000));
	FILE_READ(read(fd, buffer, sizeof(buffer)));
	FILE_READ(read(fd, buffer, sizeof(buffer))); /* end of file: a call of 0 bytes */
	close(copy);
	close(fd);
}

static void pipes(void)
{
	int ends[2];

	CHECK(!pipe(ends));
	FILE_WRITE(write(ends[1], buffer, 4096));
	FILE_READ(read(ends[0], buffer, 1000));
	FILE_READ(read(ends[0], buffer, sizeof(buffer)));
	close(ends[1]);
	FILE_READ(read(ends[0], buffer, 1));
	close(ends[0]);
}

static void sockets(void)
{
	struct iovec iov[2] = { { buffer, 300 }, { buffer, 200 } };
	int ends[2];

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	NET_WRITE(write(ends[0], buffer, 5000));
	NET_WRITE(writev(ends[0], iov, 2));
	NET_READ(read(ends[1], buffer, 1234));
	NET_READ(readv(ends[1], iov, 2));
	NET_READ(read(ends[1], buffer, sizeof(buffer)));
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	long rounds = argument(argc, argv, 1, 10);
	char path[512];

	snprintf(path, sizeof(path), "%s/io_direct.tmp", argc > 2 ? argv[2] : ".");
	getppid();
	for (long i = 0; i < rounds; i++) {
		files(path, i % 100);
		pipes();
		sockets();
	}
	unlink(path);
	ledger_add("file_reads", file_reads);
	ledger_add("file_read_bytes", file_read_bytes);
	ledger_add("file_writes", file_writes);
	ledger_add("file_write_bytes", file_write_bytes);
	ledger_add("net_reads", net_reads);
	ledger_add("net_read_bytes", net_read_bytes);
	ledger_add("net_writes", net_writes);
	ledger_add("net_write_bytes", net_write_bytes);
	ledger_close();
	return 0;
}
