/* SPDX-License-Identifier: MIT */
/*
 * rare WHAT: functions where few programs call any. The ledger has what can be counted from
 * outside; after a jump out of a signal at any instruction that is not much.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "ledger.h"

extern char **environ;
static volatile long zero;

OWN static long t_leaf(long n)
{
	return n + 1 + zero;
}

OWN static long t_many(long a, long b, long c, long d, long e, long f, long g, long h, ...)
{
	va_list list;
	long sum = a + b + c + d + e + f + g + h;

	va_start(list, h);
	for (long i = 0; i < 8; i++)
		sum += va_arg(list, long);
	va_end(list);
	return t_leaf(sum);
}

static long call_many(long n)
{
	return t_many(n, 2, 3, 4, 5, 6, 7, 8, 9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L);
}

/* --- children that borrow the stack ---------------------------------------- */

OWN static void t_execs(int status)
{
	char text[] = "exit 0", *argv[] = { "sh", "-c", text, NULL };

	text[5] = (char)('0' + status);
	execve("/bin/sh", argv, environ);
	_exit(127);
}

OWN static int t_vforks(int status)
{
	int got = -1;
	pid_t pid = vfork();

	if (!pid) {
		call_many(1);
		t_execs(status);
	}
	waitpid(pid, &got, 0);
	return WEXITSTATUS(got) + (int)t_leaf(0);
}

static void vforks(void)
{
	int sum = 0;

	for (int i = 0; i < 8; i++)
		sum += t_vforks(i);
	tally("t_vforks", RETURN, 8);
	tally("t_leaf", RETURN, 8);
	printf("vforks %d\n", sum);
}

/* --- from any instruction -------------------------------------------------- */

static sigjmp_buf out;
static volatile sig_atomic_t jumps, is_ready;

static void storm_handler(int sig)
{
	(void)sig;
	t_leaf(1);
	if (!is_ready)
		return;
	is_ready = 0;
	jumps++;
	siglongjmp(out, 1);
}

OWN static long t_works(long depth)
{
	long sum = 0;

	if (depth)
		return t_works(depth - 1) + call_many(depth);
	for (int i = 0; i < 20; i++)
		sum += call_many(i);
	return sum;
}

static void storm(void)
{
	struct sigaction a = { .sa_handler = storm_handler };
	struct itimerval every = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
	volatile long wrong = 0;

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (jumps < 60) {
		if (sigsetjmp(out, 1))
			continue;
		is_ready = 1;
		for (;;)
			wrong += t_works(3) != 23 * 136 + 196;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("storm: %ld wrong\n", wrong);
}

/* --- other ways to another place ------------------------------------------- */

static ucontext_t place;
static volatile int came;

OWN static void t_sets_context(void)
{
	setcontext(&place);
	zero = 0;
}

static void contexts(void)
{
	came = 0;
	getcontext(&place);
	if (came++ < 5)
		t_sets_context();
	printf("contexts %d %ld\n", came, call_many(1));
	tally("t_many", RETURN, 1);
	tally("t_leaf", RETURN, 1);
}

static void *spins(void *unused)
{
	volatile long sum = 0;

	(void)unused;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	is_ready = 1;
	for (;;)
		sum += t_leaf(sum);
	return NULL;
}

static void cancels(void)
{
	int cancelled = 0;

	for (int i = 0; i < 30; i++) {
		pthread_t t;
		void *got;

		is_ready = 0;
		pthread_create(&t, NULL, spins, NULL);
		while (!is_ready)
			sched_yield();
		pthread_cancel(t);
		pthread_join(t, &got);
		cancelled += got == PTHREAD_CANCELED;
	}
	printf("cancelled %d\n", cancelled);
}

/* --- where no system call is allowed --------------------------------------- */

static void confined(void)
{
	static const char good[] = "confined: right\n", bad[] = "confined: wrong\n";
	long wrong = 0;

	fflush(stdout);
	for (long i = 0; i < 1000; i++)
		wrong += call_many(i) != 136 + i;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	for (long i = 0; i < 50000; i++)
		wrong += call_many(i) != 136 + i;
	if (write(1, wrong ? bad : good, sizeof(good) - 1) < 0)
		wrong++;
	syscall(SYS_exit, wrong ? 1 : 0);
}

/* --- more than is copied --------------------------------------------------- */

struct huge {
	long n[200];
};

OWN static long t_huge(struct huge s, long k)
{
	long sum = 0;

	for (int i = 0; i < 200; i++)
		sum = sum * 3 + s.n[(i * 7 + k) % 200];
	return sum;
}

OWN static struct huge t_huge_back(struct huge s)
{
	s.n[199] += zero;
	s.n[0]++;
	return s;
}

static void huge(void)
{
	struct huge s;

	for (int i = 0; i < 200; i++)
		s.n[i] = i * i;
	printf("huge %ld", t_huge(s, 3));
	s = t_huge_back(s);
	printf(" %ld %ld\n", s.n[0], s.n[199]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} what[] = { { "vforks", vforks },   { "storm", storm },       { "contexts", contexts },
		     { "cancels", cancels }, { "confined", confined }, { "huge", huge } };

	ledger_open();
	for (unsigned i = 0; argc > 1 && i < sizeof(what) / sizeof(what[0]); i++)
		if (!strcmp(argv[1], what[i].name))
			what[i].run();
	return ledger_close();
}
