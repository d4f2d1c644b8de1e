/* SPDX-License-Identifier: MIT */
/*
 * micro WHAT COUNT [BURST]: does one thing COUNT times, prints nanoseconds for
 * each. `micro` alone names what there is. A tenth as much is done beforehand, unmeasured.
 *
 * BURST: so many at a time with a pause behind them; what is printed is the median
 * burst. That is the cost of the hook alone; without, a collector that is slower
 * than the program has its say.
 *
 * Rows that need two threads start both, warm up, and meet at a barrier; each
 * thread then does COUNT.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "preload/tpprobe.h"

extern char **environ;

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			perror(#x);                                                                \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define KEEP(p) __asm__ volatile("" ::"r"(p) : "memory")

static int null_fd, zero_fd, pair[2];
static FILE *null_file, *lines;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t sem;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void do_malloc(long count)
{
	while (count--) {
		void *block = malloc(64);

		KEEP(block);
		free(block);
	}
}

/* Blocks of random sizes live for a while; a slot that two threads share hands
 * about half of the blocks to the other thread, which frees them. */
#define SLOTS 1024
static _Atomic(void *) slots[SLOTS];

static void do_churn(long count)
{
	static _Atomic unsigned seeds;
	uint32_t random = 2463534242u + 977u * atomic_fetch_add(&seeds, 1);

	while (count--) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		free(atomic_exchange(&slots[random % SLOTS], malloc(16 + (random >> 12) % 1000)));
	}
}

static void do_write(long count)
{
	while (count--)
		CHECK(write(null_fd, "x", 1) == 1);
}

static void do_read(long count)
{
	char bytes[64];

	while (count--)
		CHECK(read(zero_fd, bytes, sizeof(bytes)) == sizeof(bytes));
}

static void do_mutex(long count)
{
	while (count--) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
}

static void do_rwlock(long count)
{
	while (count--) {
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
}

static void do_sem(long count)
{
	while (count--) {
		sem_post(&sem);
		CHECK(!sem_wait(&sem));
	}
}

static void do_signal(long count)
{
	while (count--)
		pthread_cond_signal(&cond);
}

static void *nothing(void *arg)
{
	return arg;
}

static void do_thread(long count)
{
	while (count--) {
		pthread_t thread;

		CHECK(!pthread_create(&thread, NULL, nothing, NULL));
		pthread_join(thread, NULL);
	}
}

static void do_spawn(long count)
{
	char *args[] = { "true", NULL };

	while (count--) {
		pid_t pid;

		CHECK(!posix_spawn(&pid, "/bin/true", NULL, NULL, args, environ));
		CHECK(waitpid(pid, NULL, 0) == pid);
	}
}

static void do_forkexec(long count)
{
	while (count--) {
		pid_t pid = fork();

		if (pid == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}
}

static void do_fork(long count)
{
	while (count--) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	}
}

static void do_putc(long count)
{
	while (count--)
		putc('x', null_file);
}

static void do_fwrite(long count)
{
	static const char record[64];

	while (count--)
		CHECK(fwrite(record, sizeof(record), 1, null_file) == 1);
}

static void do_fgets(long count)
{
	char line[128];

	while (count--)
		if (!fgets(line, sizeof(line), lines))
			rewind(lines);
}

static void do_stat(long count)
{
	struct stat st;

	while (count--)
		CHECK(!stat("/", &st));
}

static void do_open(long count)
{
	while (count--) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		CHECK(fd >= 0);
		close(fd);
	}
}

static void do_socket(long count)
{
	char bytes[64] = "";

	while (count--) {
		CHECK(send(pair[0], bytes, sizeof(bytes), 0) == sizeof(bytes));
		CHECK(recv(pair[1], bytes, sizeof(bytes), 0) == sizeof(bytes));
	}
}

static void do_poll(long count)
{
	struct pollfd fd = { .fd = pair[1], .events = POLLIN };

	while (count--)
		CHECK(poll(&fd, 1, 0) == 0);
}

static void do_mmap(long count)
{
	while (count--) {
		void *pages = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		CHECK(pages != MAP_FAILED);
		munmap(pages, 65536);
	}
}

static void do_mark(long count)
{
	while (count--)
		tpprobe_task_end(tpprobe_task_begin("load_chunk"));
}

static void do_getenv(long count)
{
	while (count--)
		KEEP(getenv("PATH"));
}

/* What --task and --event are pointed at. */
__attribute__((noinline)) long bench_task(long n);
long bench_task(long n)
{
	__asm__ volatile("" : "+r"(n) : : "rbx", "r12"); /* a prologue that all can patch */
	return n * 3 + 1;
}

static void do_task(long count)
{
	long n = 0;

	while (count--)
		n = bench_task(n);
	KEEP(n);
}

static const struct row {
	const char *name;
	void (*run)(long count);
	int threads;
} rows[] = {
	{ "malloc", do_malloc, 1 },	{ "churn", do_churn, 1 },   { "churn2", do_churn, 2 },
	{ "flood2", do_malloc, 2 },	{ "write", do_write, 1 },   { "read", do_read, 1 },
	{ "mutex", do_mutex, 1 },	{ "rwlock", do_rwlock, 1 }, { "sem", do_sem, 1 },
	{ "signal", do_signal, 1 },	{ "thread", do_thread, 1 }, { "fork", do_fork, 1 },
	{ "forkexec", do_forkexec, 1 }, { "spawn", do_spawn, 1 },   { "putc", do_putc, 1 },
	{ "fwrite", do_fwrite, 1 },	{ "fgets", do_fgets, 1 },   { "stat", do_stat, 1 },
	{ "open", do_open, 1 },		{ "socket", do_socket, 1 }, { "poll", do_poll, 1 },
	{ "mmap", do_mmap, 1 },		{ "mark", do_mark, 1 },	    { "getenv", do_getenv, 1 },
	{ "task", do_task, 1 },		{ "event", do_task, 1 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *row;
static long count;
static pthread_barrier_t barrier;

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_burst(long burst)
{
	long bursts = count / burst + 1;
	double *took = calloc((size_t)bursts, sizeof(*took)), begin, median;

	CHECK(took);
	for (long i = 0; i < bursts; i++) {
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
		row->run(burst / 10 + 1); /* awake again */
		begin = now_ns();
		row->run(burst);
		took[i] = (now_ns() - begin) / (double)burst;
	}
	qsort(took, (size_t)bursts, sizeof(*took), compare);
	median = took[bursts / 2];
	free(took);
	return median;
}

struct span {
	double begin, end;
};

static void *work(void *arg)
{
	struct span *span = arg;

	row->run(count / 10 + 1);
	pthread_barrier_wait(&barrier);
	span->begin = now_ns();
	row->run(count);
	span->end = now_ns();
	return NULL;
}

static void prepare(void)
{
	CHECK((null_fd = open("/dev/null", O_WRONLY)) >= 0);
	CHECK((zero_fd = open("/dev/zero", O_RDONLY)) >= 0);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CHECK((null_file = fopen("/dev/null", "w")));
	CHECK((lines = tmpfile()));
	for (int i = 0; i < 1000; i++)
		fprintf(lines, "line %d of the file that fgets reads again and again\n", i);
	rewind(lines);
	sem_init(&sem, 0, 0);
}

int main(int argc, char **argv)
{
	pthread_t other;
	struct span span, others;

	for (unsigned i = 0; argc > 1 && i < ROWS; i++)
		if (!strcmp(argv[1], rows[i].name))
			row = &rows[i];
	if (!row || argc < 3) {
		for (unsigned i = 0; i < ROWS; i++)
			puts(rows[i].name);
		return argc > 1 ? 2 : 0;
	}
	count = atol(argv[2]);
	prepare();
	if (argc > 3) {
		row->run(count / 10 + 1);
		printf("%.2f\n", median_burst(atol(argv[3])));
		return 0;
	}
	pthread_barrier_init(&barrier, NULL, (unsigned)row->threads);
	/* One thread is the main one: a second, even idle, would make stdio and I/O dearer. */
	if (row->threads == 2)
		CHECK(!pthread_create(&other, NULL, work, &others));
	work(&span);
	if (row->threads == 2) {
		pthread_join(other, NULL);
		/* from the first to the last: they may have run one after the other */
		span.begin = others.begin < span.begin ? others.begin : span.begin;
		span.end = others.end > span.end ? others.end : span.end;
	}
	printf("%.2f\n", (span.end - span.begin) / count);
	return 0;
}
