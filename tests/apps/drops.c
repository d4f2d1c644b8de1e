/* SPDX-License-Identifier: MIT */
/*
 * drops: root becomes nobody in a process with three threads, and goes on.
 *
 *	drops setuid|setresuid PROGRAM [ARGUMENT…]
 *
 * Before and after, each thread allocates and writes; then a child of fork does, one
 * executes PROGRAM, and the descriptors are read. The ledger, which nobody may open any
 * more, is its output: the totals of this process (`self.`), of its two threads
 * (`threads.`) and of the child (`child.`).
 *
 *	drops daemon FILE     goes on as a daemon, which writes to FILE
 *	drops forkpty         a child at a terminal of its own
 */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pty.h>
#include <string.h>
#include <sys/wait.h>

#include "ledger.h"

#define NOBODY 65534
#define ALLOCATIONS 50
#define WRITES 5

static pthread_barrier_t before, after;
static int out;

static void work(void)
{
	for (int i = 0; i < ALLOCATIONS; i++) {
		void *block = malloc(100);

		__asm__ volatile("" ::"r"(block) : "memory");
		free(block);
	}
	for (int i = 0; i < WRITES; i++)
		CHECK(write(out, "abc", 3) == 3);
}

static void *thread(void *unused)
{
	(void)unused;
	work();
	pthread_barrier_wait(&before);
	pthread_barrier_wait(&after);
	CHECK(getuid() == NOBODY && geteuid() == NOBODY);
	work();
	return NULL;
}

static void become_nobody(const char *how)
{
	errno = 0;
	CHECK(!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY));
	CHECK(!(strcmp(how, "setuid") ? setresuid(NOBODY, NOBODY, NOBODY) : setuid(NOBODY)));
	CHECK(!errno && setuid(0) == -1 && errno == EPERM);
}

static void drop(char **argv)
{
	pthread_t threads[2];
	char buffer[64];
	int status, fd;
	pid_t pid;

	CHECK((out = open("/dev/null", O_WRONLY)) >= 0);
	pthread_barrier_init(&before, NULL, 3);
	pthread_barrier_init(&after, NULL, 3);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&threads[i], NULL, thread, NULL));
	work();
	pthread_barrier_wait(&before);
	become_nobody(argv[1]);
	pthread_barrier_wait(&after);
	work();
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_join(threads[i], NULL));
	CHECK((fd = open("/dev/zero", O_RDONLY)) >= 0);
	CHECK(read(fd, buffer, sizeof(buffer)) == sizeof(buffer) && !close(fd));
	if (!(pid = fork())) {
		work();
		_exit(3);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	if (!(pid = fork())) {
		execv(argv[2], argv + 2);
		_exit(98);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status));
	ledger_add("self.writes", 6 * WRITES);
	ledger_add("self.bytes", 6 * WRITES * 3);
	ledger_add("threads.allocations", 4 * ALLOCATIONS);
	ledger_add("child.writes", WRITES);
	ledger_add("child.allocations", ALLOCATIONS);
	ledger_syscall(SYS_write, 1, (long)ledger_text, (long)ledger_bytes);
}

static void detach(const char *file)
{
	int kept = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(kept >= 0 && write(1, "before\n", 7) == 7);
	CHECK(!daemon(0, 0));
	out = 1; /* which is /dev/null by now */
	work();
	CHECK(!close(open("etc/passwd", O_RDONLY)));
	CHECK(write(kept, "daemon\n", 7) == 7);
	exit(5);
}

static void at_terminal(void)
{
	char text[64];
	int leader, status;
	pid_t pid = forkpty(&leader, NULL, NULL, NULL);

	if (!pid) {
		out = 1;
		work();
		_exit(4);
	}
	CHECK(pid > 0 && read(leader, text, 3) == 3 && !memcmp(text, "abc", 3));
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 4);
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	if (!strcmp(argv[1], "daemon"))
		detach(argv[2]);
	else if (!strcmp(argv[1], "forkpty"))
		at_terminal();
	else
		drop(argv);
	return 0;
}
