/* SPDX-License-Identifier: MIT */
/*
 * second WHAT: what a second reader of the probe found: calls that libc forgives
 * and a hook in front of it must forgive too. Prints what came of them; the probe
 * must not change a letter of it.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ledger.h"

static pid_t child(int status)
{
	pid_t pid = fork();

	if (!pid)
		_exit(status);
	return pid;
}

/* Where the kernel shall put what it tells. */
static void waiting(int arguments)
{
	void *volatile bad = (void *)8;
	siginfo_t info;
	int status = 0;

	(void)arguments;
	printf("waitpid %d", waitpid(child(3), bad, 0));
	printf(" %d\n", errno == EFAULT); /* a statement later: arguments have no order */
	printf("waitpid again %d", waitpid(-1, &status, 0));
	printf(" %d\n", errno == ECHILD);
	printf("waitid %d", waitid(P_PID, (id_t)child(4), bad, WEXITED));
	printf(" %d\n", errno == EFAULT);
	printf("waitid again %d", waitid(P_ALL, 0, &info, WEXITED));
	printf(" %d\n", errno == ECHILD);
	printf("wait4 %d", wait4(child(5), &status, 0, bad) > 0);
	printf(" %d\n", errno == EFAULT);
	printf("waitpid %d", waitpid(child(6), &status, 0) > 0);
	printf(" %d\n", WEXITSTATUS(status));
}

/* Nothing at all may be written to no stream; the argument is the program's count of
 * arguments, so that no compiler knows it. */
static void nothing(int arguments)
{
	FILE *no_stream = (FILE *)((size_t)arguments - 2);
	size_t zero = (size_t)arguments - 2;
	char buf[8] = "";

	printf("fwrite %zu %zu\n", fwrite(buf, zero, 1, no_stream),
	       fwrite(buf, 1, zero, no_stream));
	printf("fread %zu %zu\n", fread(buf, zero, 1, no_stream), fread(buf, 1, zero, no_stream));
}

#define PAGE 4096

static void *give_back(void *half)
{
	munmap((char *)half - PAGE / 2, PAGE);
	return NULL;
}

/* A thread that nobody joins owns the memory where its own id stands. */
static void detached(int arguments)
{
	pthread_attr_t attr;
	int made = 0;

	(void)arguments;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 3000; i++) {
		char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		made += !pthread_create((pthread_t *)page, &attr, give_back, page + PAGE / 2);
		if (i % 50 == 0)
			usleep(100);
	}
	printf("detached %d\n", made);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(int arguments);
	} all[] = { { "waiting", waiting }, { "nothing", nothing }, { "detached", detached } };

	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (argc > 1 && !strcmp(argv[1], all[i].name))
			all[i].run(argc);
	return 0;
}
