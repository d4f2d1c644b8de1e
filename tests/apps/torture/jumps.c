/* SPDX-License-Identifier: MIT */
/*
 * Functions that are left otherwise than by their return: longjmp and siglongjmp, out
 * of signal handlers too, pthread_exit and cancellation; and handlers that call into
 * functions while one runs.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "ledger.h"

static volatile long zero;
static jmp_buf out;
static sigjmp_buf signal_out;

/* --- jumps ----------------------------------------------------------------- */

OWN static int t_jump5(int n)
{
	longjmp(out, n + 5);
}

OWN static int t_jump4(int n)
{
	return t_jump5(n) + (int)zero;
}

OWN static int t_jump3(int n)
{
	return t_jump4(n) + 1 + (int)zero;
}

OWN static int t_jump2(int n)
{
	return t_jump3(n) + 2 + (int)zero;
}

OWN static int t_jump1(int n)
{
	return t_jump2(n) + 3 + (int)zero;
}

OWN static int t_lands(int n)
{
	int got = setjmp(out);

	return got ? got : t_jump1(n);
}

OWN static int t_sigjump3(int n)
{
	siglongjmp(signal_out, n + 1);
}

OWN static int t_sigjump2(int n)
{
	return t_sigjump3(n) + 1 + (int)zero;
}

OWN static int t_siglands(int n)
{
	int got = sigsetjmp(signal_out, 1);

	return got ? got : t_sigjump2(n) + (int)zero;
}

static void jumps(void)
{
	long sum = 0;

	for (int i = 0; i < 200; i++)
		sum += t_lands(i);
	tally("t_lands", RETURN, 200);
	tally("t_jump1", JUMPED, 200);
	tally("t_jump2", JUMPED, 200);
	tally("t_jump3", JUMPED, 200);
	tally("t_jump4", JUMPED, 200);
	tally("t_jump5", JUMPED, 200);
	for (int i = 0; i < 200; i++)
		sum += t_siglands(i);
	tally("t_siglands", RETURN, 200);
	tally("t_sigjump2", JUMPED, 200);
	tally("t_sigjump3", JUMPED, 200);
	printf("jumps %ld\n", sum);
}

/* --- handlers -------------------------------------------------------------- */

static volatile long handled;

OWN static long t_in_handler(long n)
{
	return n * 2 + zero;
}

OWN static void t_handler_jumps(int sig)
{
	siglongjmp(signal_out, sig);
}

OWN static void t_raises(int sig)
{
	raise(sig);
	handled += zero;
}

static void handler(int sig)
{
	int kept = errno;

	handled += t_in_handler(sig);
	errno = kept;
}

static void handlers(void)
{
	struct sigaction calls = { .sa_handler = handler },
			 jumps = { .sa_handler = t_handler_jumps };
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof(room) };
	volatile int landed = 0;

	sigaction(SIGUSR1, &calls, NULL);
	for (int i = 0; i < 100; i++)
		t_raises(SIGUSR1);
	tally("t_raises", RETURN, 100);
	tally("t_in_handler", RETURN, 100);
	sigaction(SIGUSR2, &jumps, NULL);
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(signal_out, 1))
			t_raises(SIGUSR2);
		else
			landed++;
	}
	tally("t_raises", JUMPED, 100);
	tally("t_handler_jumps", JUMPED, 100);
	/* From a stack of its own to the thread's stack. */
	sigaltstack(&stack, NULL);
	jumps.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR2, &jumps, NULL);
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(signal_out, 1))
			t_raises(SIGUSR2);
		else
			landed++;
	}
	tally("t_raises", JUMPED, 100);
	tally("t_handler_jumps", JUMPED, 100);
	printf("handled %ld landed %d\n", handled, landed);
}

/* A page that is not there, and the handler's way out. */
static volatile int *volatile nowhere;

OWN static int t_faults(volatile int *at)
{
	return *at + (int)zero;
}

static void faults(void)
{
	struct sigaction jumps = { .sa_handler = t_handler_jumps };
	volatile int landed = 0;

	sigaction(SIGSEGV, &jumps, NULL);
	for (volatile int i = 0; i < 20; i++) {
		if (!sigsetjmp(signal_out, 1))
			t_faults(nowhere);
		else
			landed++;
	}
	signal(SIGSEGV, SIG_DFL);
	tally("t_faults", JUMPED, 20);
	tally("t_handler_jumps", JUMPED, 20);
	printf("faulted %d\n", landed);
}

/* --- threads --------------------------------------------------------------- */

static int ends[2];
static sem_t inside;

static void cleaned(void *n)
{
	__atomic_fetch_add((long *)n, 1, __ATOMIC_RELAXED);
}

OWN static long t_read_forever(void)
{
	char c;

	sem_post(&inside);
	return read(ends[0], &c, 1) + zero;
}

OWN static long t_poll_forever(void)
{
	struct pollfd p = { .fd = ends[0], .events = POLLIN };

	sem_post(&inside);
	return poll(&p, 1, -1) + zero;
}

OWN static long t_blocks(long which)
{
	static long cleanups;
	long got;

	pthread_cleanup_push(cleaned, &cleanups);
	got = which & 1 ? t_read_forever() : t_poll_forever();
	pthread_cleanup_pop(0);
	return got;
}

OWN static void *t_start(void *which)
{
	return (void *)t_blocks((long)which);
}

OWN static void t_exits(long n)
{
	pthread_exit((void *)(n + zero));
}

OWN static long t_before_exit(long n)
{
	t_exits(n);
	return n + zero;
}

static void *start_exits(void *n)
{
	return (void *)t_before_exit((long)n);
}

static void threads(void)
{
	long sum = 0;
	int cancelled = 0;
	pthread_t t;
	void *got;

	sem_init(&inside, 0, 0);
	if (pipe(ends))
		abort();
	for (long i = 0; i < 200; i++) {
		pthread_create(&t, NULL, t_start, (void *)i);
		while (sem_wait(&inside))
			;
		pthread_cancel(t);
		pthread_join(t, &got);
		cancelled += got == PTHREAD_CANCELED;
	}
	tally("t_start", CANCELLED, 200);
	tally("t_blocks", CANCELLED, 200);
	tally("t_read_forever", CANCELLED, 100);
	tally("t_poll_forever", CANCELLED, 100);
	for (long i = 0; i < 50; i++) {
		pthread_create(&t, NULL, start_exits, (void *)i);
		pthread_join(t, &got);
		sum += (long)got;
	}
	tally("t_before_exit", EXITED, 50);
	tally("t_exits", EXITED, 50);
	printf("cancelled %d exited %ld\n", cancelled, sum);
}

/* --- many threads, deep stacks --------------------------------------------- */

OWN static long t_shared(long n)
{
	return n * 7 + zero;
}

static void *share(void *sum)
{
	for (long i = 0; i < 500; i++)
		*(long *)sum += t_shared(i);
	return NULL;
}

OWN static long t_deep(long n)
{
	return n ? t_deep(n - 1) + n + zero : 0;
}

static void many(void)
{
	pthread_t t[8];
	long sum[8] = { 0 }, all = 0;

	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, share, &sum[i]);
	for (int i = 0; i < 8; i++) {
		pthread_join(t[i], NULL);
		all += sum[i];
	}
	tally("t_shared", RETURN, 8 * 500);
	printf("shared %ld deep %ld\n", all, t_deep(9999));
	tally("t_deep", RETURN, 10000);
}

int main(void)
{
	ledger_open();
	jumps();
	handlers();
	faults();
	threads();
	many();
	return ledger_close();
}
