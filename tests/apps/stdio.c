/* SPDX-License-Identifier: MIT */
/*
 * stdio SCENARIO: what streams do to descriptors in the corners. tests/e2e/stdio.sh
 * asks strace what the kernel moved.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>

#include "ledger.h"

static char block[10000];

static FILE *file(const char *name, const char *mode)
{
	FILE *f = fopen(name, mode);

	CHECK(f);
	return f;
}

/* Streams that hold something when the program ends. */
static void holds(void)
{
	FILE *left = file("stdio.left", "w");

	CHECK(printf("%100s\n", "held") == 101 && fputs("left open", left) >= 0);
	fputs("at once\n", stderr);
}

static void leaves(void)
{
	holds();
	_exit(0); /* and nobody writes it out */
}

static void forks(void)
{
	int status;
	pid_t pid;

	holds();
	if ((pid = fork()) == 0)
		return; /* the child has a copy of what is held */
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void *sleeper(void *arg)
{
	pause();
	return arg;
}

/* Another thread may change libc's list of streams: only stdout is known then. */
static void threads(void)
{
	pthread_t thread;

	printf("%100s\n", "held");
	CHECK(!pthread_create(&thread, NULL, sleeper, NULL));
}

static void flush_all(void)
{
	holds();
	CHECK(!fflush(NULL));
	holds();
	CHECK(!fflush(NULL));
}

static void writes_over(void)
{
	FILE *f = file("stdio.tmp", "w+");

	for (int i = 0; i < 1000; i++) {
		CHECK(fwrite(block, 1, i, f) == (size_t)i && putc('x', f) == 'x');
		CHECK(fprintf(f, "%*d\n", i, i) > 0 && fputs("some text\n", f) >= 0);
		if (i % 100 == 0)
			CHECK(!fseek(f, -i, SEEK_CUR));
	}
	setlinebuf(f);
	for (int i = 0; i < 1000; i++)
		CHECK(fputs(i % 3 ? "no end" : "one\ntwo", f) >= 0 && putc(i % 5 ? ' ' : '\n', f));
	rewind(f);
	for (int i = 0; i < 1000; i++) /* reads and writes in turn */
		CHECK(fread(block, 1, 50, f) == 50 && !fseek(f, 0, SEEK_CUR) &&
		      fwrite(block, 1, 20, f) == 20 && !fflush(f) && !fseek(f, 0, SEEK_CUR));
	f = freopen("stdio.left", "w", f);
	CHECK(f && fputs("short", f) >= 0);
	f = freopen("stdio.tmp", "r", f);
	CHECK(f && fread(block, 1, 5, f) == 5 && !fclose(f));
}

static void reads_about(void)
{
	uint64_t random = 1;
	char *line = NULL;
	size_t room = 0;
	FILE *f = file("stdio.in", "r");
	int n = 0;

	for (int i = 0; i < 500; i++)
		CHECK(!fseek(f, next_random(&random) % 100000, SEEK_SET) &&
		      fread(block, 1, i, f) == (size_t)i);
	rewind(f);
	while (fread(block, 7777, 1, f) == 1) /* the last item is there in part only */
		n++;
	CHECK(n > 10 && !fclose(f));
	f = file("stdio.in", "r");
	for (int i = 0; getline(&line, &room, f) > 0; i++)
		if (i % 7 == 0)
			CHECK(ungetc('x', f) == 'x' && ungetc('y', f) == 'y' && getc(f) == 'y');
	CHECK(!fclose(f));
	f = file("stdio.in", "r");
	while (fgets(block, 20, f))
		;
	CHECK(!fclose(f));
	f = file("stdio.in", "r");
	while (fscanf(f, "%d", &n) == 1)
		;
	CHECK(feof(f) && !fclose(f));
	free(line);
}

static ssize_t cookie_write(void *cookie, const char *text, size_t n)
{
	return write(*(int *)cookie, text, n);
}

static ssize_t cookie_read(void *cookie, char *into, size_t n)
{
	return read(*(int *)cookie, into, n);
}

/* The calls of its functions are hooked: the stream itself must not count. */
static void cookies(void)
{
	cookie_io_functions_t functions = { .read = cookie_read, .write = cookie_write };
	int fd = open("stdio.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	FILE *f = fopencookie(&fd, "w", functions);

	for (int i = 0; i < 1000; i++)
		CHECK(fprintf(f, "line %d\n", i) > 0);
	CHECK(!fclose(f) && lseek(fd, 0, SEEK_SET) == 0);
	f = fopencookie(&fd, "r", functions);
	while (fgets(block, 100, f))
		;
	CHECK(!fclose(f) && !close(fd));
}

static void pipes(void)
{
	FILE *f = popen("cat >stdio.tmp", "w");

	for (int i = 0; i < 1000; i++)
		CHECK(fprintf(f, "line %d\n", i) > 0);
	CHECK(!pclose(f) && (f = popen("cat stdio.tmp", "r")));
	while (fgets(block, 100, f))
		;
	CHECK(!pclose(f));
}

static void fails(void)
{
	FILE *f = file("/dev/full", "w");

	CHECK(fputs("text", f) >= 0);
	errno = 0;
	CHECK(fflush(f) == EOF && errno == ENOSPC);
	CHECK(fputs("text", f) >= 0);
	errno = 0;
	CHECK(fclose(f) == EOF && errno == ENOSPC);
	f = file(".", "r");
	errno = 0;
	CHECK(getc(f) == EOF && errno == EISDIR && !fclose(f));
}

/* Reading an unbuffered stream writes out a line-buffered stdout. */
static void asks(void)
{
	FILE *f = file("stdio.in", "r");

	setlinebuf(stdout);
	setbuf(f, NULL);
	for (int i = 0; i < 10; i++) {
		printf("your name, please: ");
		CHECK(fgets(block, 100, f));
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} scenarios[] = {
		{ "holds", holds },	  { "leaves", leaves },	  { "forks", forks },
		{ "threads", threads },	  { "flush", flush_all }, { "writes", writes_over },
		{ "reads", reads_about }, { "cookies", cookies }, { "pipes", pipes },
		{ "fails", fails },	  { "asks", asks },
	};

	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (argc > 1 && !strcmp(argv[1], scenarios[i].name)) {
			scenarios[i].run();
			return 0;
		}
	return 2;
}
