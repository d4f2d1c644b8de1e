/* SPDX-License-Identifier: MIT */
/*
 * kill9 FILE [THREADS]: allocates, frees and writes on THREADS threads for ever,
 * to be killed. FILE holds for each thread three counts, each raised when the
 * call has returned: allocations, frees, writes.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "ledger.h"

static struct count {
	_Alignas(64) atomic_ulong allocs;
	atomic_ulong frees, writes;
} * counts;
static int null_fd;

static void raise_by_one(atomic_ulong *n)
{
	atomic_store_explicit(n, *n + 1, memory_order_release);
}

static void *work(void *arg)
{
	struct count *c = arg;
	void *ring[16] = { 0 };

	for (unsigned i = 0;; i++) {
		if (ring[i % 16]) {
			free(ring[i % 16]);
			raise_by_one(&c->frees);
		}
		ring[i % 16] = malloc(32 + i % 1000);
		raise_by_one(&c->allocs);
		if (i % 64 == 0 && write(null_fd, "x", 1) == 1)
			raise_by_one(&c->writes);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long threads = argument(argc, argv, 2, 2);
	pthread_t thread;
	int fd;

	CHECK(argc > 1 && threads <= 64);
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0 && !ftruncate(fd, 4096));
	counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(counts != MAP_FAILED);
	close(fd);
	null_fd = open("/dev/null", O_WRONLY);
	for (long i = 1; i < threads; i++)
		CHECK(!pthread_create(&thread, NULL, work, &counts[i]));
	work(&counts[0]);
	return 0;
}
