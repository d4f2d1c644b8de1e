/* SPDX-License-Identifier: MIT */
/*
 * odd WHAT: things that few programs do and that interposers break. Prints what
 * came of them; the probe must not change a letter of it.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ledger.h"

extern char **environ;

/* Pointers that the kernel answers with EFAULT. */
static void pointers(void)
{
	char *argv[] = { "true", NULL };
	char *volatile bad = (char *)1;
	DIR *volatile no_dir = NULL;
	pid_t pid;

	printf("closedir %d %d\n", closedir(no_dir), errno == EINVAL);
	printf("execve %d %d\n", execve(bad, argv, environ), errno == EFAULT);
	printf("execve %d %d\n", execve("/bin/true", argv, (char **)bad), errno == EFAULT);
	printf("spawn %d\n", posix_spawn(&pid, bad, NULL, NULL, argv, environ) == EFAULT);
}

/* The auxiliary vector, as runtimes without libc look for it: behind envp's NULL. */
static void auxv(void)
{
	char **at = environ;
	unsigned long page = 0, entries = 0;

	while (*at)
		at++;
	for (unsigned long *entry = (unsigned long *)(at + 1); entry[0] != AT_NULL; entry += 2) {
		entries += entry[0] != AT_IGNORE;
		if (entry[0] == AT_PAGESZ)
			page = entry[1];
	}
	printf("auxv: %d, page %lu\n", entries > 10, page);
}

/* A child below a filter that kills for what a constructor of ours would do. */
static void filtered(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getcwd, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	fflush(stdout);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0)
		execl("/bin/echo", "echo", "below a filter", NULL);
	perror("filtered");
}

static void *reads_environment(void *stop)
{
	unsigned long n = 0;

	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED))
		n += getenv("NOT_THERE") != NULL;
	return (void *)n;
}

/* environ while other threads are in system(). */
static void environment(void)
{
	pthread_t readers[2];
	int stop = 0;

	setenv("KEPT", "old", 1);
	for (int i = 0; i < 2; i++)
		pthread_create(&readers[i], NULL, reads_environment, &stop);
	for (int i = 0; i < 100; i++)
		if (system("true") != 0)
			puts("system failed");
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	printf("ours: %d\n", getenv("TPPROBE_SESSION") != NULL);
	printf("KEPT=%s\n", getenv("KEPT"));
}

/* Little address space, little memory that may be locked. */
static void memory(void)
{
	struct rlimit space = { 256 << 20, 256 << 20 };
	void *volatile block;

	printf("mlockall %d\n", mlockall(MCL_CURRENT));
	munlockall();
	printf("setrlimit %d\n", setrlimit(RLIMIT_AS, &space));
	block = malloc(150 << 20);
	printf("150 MiB of 256: %d\n", block != NULL);
	free(block);
}

static void *busy(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;)
		close(-1);
	return unused;
}

/* Threads that are cancelled in the middle of a hook. */
static void cancelled(void)
{
	int ended = 0;

	for (int i = 0; i < 1000; i++) {
		pthread_t thread;
		void *value;

		pthread_create(&thread, NULL, busy, NULL);
		for (volatile int wait = 0; wait < i % 50 * 400; wait++)
			;
		pthread_cancel(thread);
		pthread_join(thread, &value);
		ended += value == PTHREAD_CANCELED;
	}
	printf("cancelled %d\n", ended);
}

/* vfork in a child of vfork: one thread all the same. */
static void nested(void)
{
	int status = 0;

	for (volatile int i = 0; i < 50; i++) {
		pid_t child = vfork();

		if (child == 0) {
			pid_t inner = vfork();

			if (inner == 0)
				_exit(0);
			_exit(inner > 0 ? 0 : 1);
		}
		waitpid(child, &status, 0);
	}
	printf("nested %d\n", status);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
		{ "pointers", pointers },	{ "auxv", auxv },     { "filtered", filtered },
		{ "environment", environment }, { "memory", memory }, { "cancelled", cancelled },
		{ "nested", nested },
	};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (argc > 1 && !strcmp(argv[1], all[i].name))
			all[i].run();
	return 0;
}
