/* SPDX-License-Identifier: MIT */
/*
 * scale threads N        N threads, all alive at once; thread i does share(i)
 * scale processes N      N processes, all alive at once, each with two threads
 * scale flood WHAT N     two threads do N of it each, as fast as they can:
 *                        heap (a malloc and a free), io (a write), sync (a poll)
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger.h"

static int null_fd, zero_fd;
static pthread_barrier_t gate;
static _Atomic uint64_t allocs, writes, reads;

static void give_and_take(void)
{
	void *block = malloc(40);

	__asm__ volatile("" ::"r"(block) : "memory");
	free(block);
}

/* The share of work of number i: another one for each of 50 neighbours. */
static void share(long i)
{
	char buffer[16] = "";

	for (long n = 0; n < 10 + i % 50; n++)
		give_and_take();
	for (long n = 0; n < 1 + i % 7; n++)
		CHECK(write(null_fd, buffer, 3) == 3);
	CHECK(read(zero_fd, buffer, 11) == 11);
	allocs += 10 + i % 50;
	writes += 1 + i % 7;
	reads++;
}

static void tell(void)
{
	ledger_add("allocs", allocs);
	ledger_add("writes", writes);
	ledger_add("write_bytes", 3 * writes);
	ledger_add("reads", reads);
	ledger_add("read_bytes", 11 * reads);
	ledger_close();
}

static void *shared_work(void *arg)
{
	pthread_barrier_wait(&gate); /* all are there */
	share((long)arg);
	pthread_barrier_wait(&gate); /* and stay until all have done theirs */
	return NULL;
}

static void run_threads(long count, long first)
{
	pthread_t *thread = calloc(count, sizeof(*thread));
	pthread_attr_t attr;

	allocs++; /* this one, and it stays */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	CHECK(thread && !pthread_barrier_init(&gate, NULL, count));
	for (long i = 0; i < count; i++)
		CHECK(!pthread_create(&thread[i], &attr, shared_work, (void *)(first + i)));
	for (long i = 0; i < count; i++)
		CHECK(!pthread_join(thread[i], NULL));
}

static void run_processes(long count)
{
	atomic_long *there =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec ms = { 0, 1000000 };
	int status;

	CHECK(there != MAP_FAILED);
	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid)
			continue;
		atomic_fetch_add(there, 1);
		while (atomic_load(there) < count)
			ledger_syscall(SYS_nanosleep, (long)&ms, 0, 0);
		run_threads(2, 2 * i);
		tell();
		_exit(0);
	}
	for (long i = 0; i < count; i++)
		CHECK(wait(&status) > 0 && status == 0);
}

static const char *what;
static long times;

static void *flood(void *arg)
{
	for (long i = 0; i < times; i++) {
		if (what[0] == 'h')
			give_and_take();
		else if (what[0] == 'i')
			CHECK(write(null_fd, "x", 1) == 1);
		else
			CHECK(poll(NULL, 0, 0) == 0);
	}
	return arg;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	pthread_t thread[2];

	null_fd = open("/dev/null", O_WRONLY);
	zero_fd = open("/dev/zero", O_RDONLY);
	CHECK(null_fd >= 0 && zero_fd >= 0);
	if (!strcmp(mode, "threads")) {
		run_threads(argument(argc, argv, 2, 100), 0);
		tell();
	} else if (!strcmp(mode, "processes")) {
		run_processes(argument(argc, argv, 2, 10));
	} else {
		what = argc > 2 ? argv[2] : "heap";
		times = argument(argc, argv, 3, 1000);
		for (int i = 0; i < 2; i++)
			CHECK(!pthread_create(&thread[i], NULL, flood, NULL));
		for (int i = 0; i < 2; i++)
			CHECK(!pthread_join(thread[i], NULL));
		ledger_add("events", 2 * times * (what[0] == 'h' ? 2 : 1));
		ledger_add("calls", 2 * times);
		ledger_close();
	}
	return 0;
}
