/* SPDX-License-Identifier: MIT */
/*
 * What a kernel keeps account of, in known amounts.
 *
 *	spend user MS        CPU time in user mode
 *	spend system MS      in the kernel
 *	spend mixed MS       half of each
 *	spend threads MS     three threads, `mixed` each
 *	spend children MS    three children, `mixed` each
 *	spend sleep MS       no CPU time
 *	spend rss MIB [N]    touches that much, on N threads, and gives it back
 *	spend switches N     N sleeps
 *	spend faults FILE    reads it through a mapping after it was dropped from memory
 *
 * The ledger has its rusage, children included: user_us, system_us.
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger.h"

static char *buffer;
static pthread_barrier_t all_touched;
static long amount; /* of each part */

static long thread_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void user(long ms)
{
	uint64_t seed = 1;

	for (long end = thread_ms() + ms; thread_ms() < end;)
		for (int i = 0; i < 300000; i++)
			(void)next_random(&seed);
}

static void system_(long ms)
{
	int fd = ledger_syscall(SYS_open, (long)"/dev/zero", O_RDONLY, 0);

	for (long end = thread_ms() + ms; thread_ms() < end;)
		for (int i = 0; i < 20; i++)
			ledger_syscall(SYS_read, fd, (long)buffer, 64 << 10);
	ledger_syscall(SYS_close, fd, 0, 0);
}

static void *mixed(void *ms)
{
	user((long)ms / 2);
	system_((long)ms / 2);
	return NULL;
}

static void *touch(void *bytes)
{
	char *block = malloc((size_t)bytes);

	CHECK(block);
	memset(block, 1, (size_t)bytes);
	__asm__ volatile("" ::"r"(block) : "memory");
	pthread_barrier_wait(&all_touched);
	free(block);
	return NULL;
}

static void on_threads(long count, void *(*work)(void *), void *arg)
{
	pthread_t thread[16];

	CHECK(count <= 16);
	for (long i = 0; i < count; i++)
		CHECK(!pthread_create(&thread[i], NULL, work, arg));
	for (long i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
}

static void children(long count)
{
	int status;

	for (long i = 0; i < count; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			mixed((void *)amount);
			_exit(0);
		}
	}
	while (count--)
		CHECK(wait(&status) > 0 && status == 0);
}

static void switches(long count)
{
	struct timespec t = { 0, 100000 };

	while (count--)
		nanosleep(&t, NULL);
}

static void faults(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	const volatile unsigned char *map;
	long sum = 0;

	CHECK(fd >= 0 && !fstat(fd, &st) && !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	map = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && !madvise((void *)map, st.st_size, MADV_RANDOM));
	for (long i = 0; i < st.st_size; i += 4096)
		sum += map[i];
	CHECK(sum >= 0);
}

static uint64_t us_of(struct timeval t)
{
	return t.tv_sec * UINT64_C(1000000) + t.tv_usec;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	long parts = argument(argc, argv, 3, 1);
	struct rusage own, others;

	amount = argument(argc, argv, 2, 10);
	buffer = malloc(64 << 10);
	CHECK(buffer);
	if (!strcmp(mode, "user"))
		user(amount);
	else if (!strcmp(mode, "system"))
		system_(amount);
	else if (!strcmp(mode, "mixed"))
		mixed((void *)amount);
	else if (!strcmp(mode, "threads"))
		on_threads(3, mixed, (void *)amount);
	else if (!strcmp(mode, "children"))
		children(3);
	else if (!strcmp(mode, "sleep"))
		nanosleep(&(struct timespec){ amount / 1000, amount % 1000 * 1000000 }, NULL);
	else if (!strcmp(mode, "switches"))
		switches(amount);
	else if (!strcmp(mode, "faults"))
		faults(argv[2]);
	else if (!strcmp(mode, "rss")) {
		CHECK(!pthread_barrier_init(&all_touched, NULL, parts));
		if (parts > 1)
			on_threads(parts, touch, (void *)((amount << 20) / parts));
		else
			touch((void *)(amount << 20));
	}
	free(buffer);
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &others);
	ledger_add("user_us", us_of(own.ru_utime) + us_of(others.ru_utime));
	ledger_add("system_us", us_of(own.ru_stime) + us_of(others.ru_stime));
	ledger_close();
	return 0;
}
