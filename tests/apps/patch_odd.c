/* SPDX-License-Identifier: MIT */
/*
 * What programs do with stacks, libraries and users that entry patches could trip over.
 * One argument says what; each prints what it did, which is the same without the probe.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK 65536
#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noinline, noclone))
#endif

NOINLINE int task_plain(int n)
{
	__asm__ volatile("leal 1(%0), %0" : "+r"(n)); /* room for a patch */
	return n * 3 - 2 * n;
}

NOINLINE void task_around_leaf(int n)
{
	task_plain(n);
	task_plain(n + 1);
	__asm__ volatile("");
}

/* --- a saved context that is come back to three times ------------------------ */

static ucontext_t home, away;
static volatile int steps;

static void step(void)
{
	steps = task_plain(steps);
}

/* What stood below our frame is overwritten. */
static NOINLINE void scribble(void)
{
	volatile char room[4096];

	for (unsigned i = 0; i < sizeof(room); i++)
		room[i] = 'A';
}

static void again(const char *unused)
{
	static char stack[STACK];
	static volatile int rounds;

	(void)unused;
	getcontext(&away);
	away.uc_stack.ss_sp = stack;
	away.uc_stack.ss_size = sizeof(stack);
	away.uc_link = &home;
	makecontext(&away, step, 0);
	swapcontext(&home, &away);
	scribble();
	if (++rounds < 4)
		setcontext(&home);
	printf("back %d times, %d steps\n", rounds, steps);
}

/* --- coroutines by longjmp, whose stacks go away with tasks on them ----------- */

struct routine {
	jmp_buf me;
	char *stack;
};

static jmp_buf outside;
static struct routine *volatile running;

static NOINLINE void task_yields(void)
{
	if (!_setjmp(running->me))
		_longjmp(outside, 1);
	__asm__ volatile("");
}

static void routine_runs(void)
{
	task_yields();
	_longjmp(outside, 1);
}

static NOINLINE void enter(struct routine *r)
{
	running = r;
	if (_setjmp(outside))
		return;
	__asm__ volatile("movq %0, %%rsp\n\tcall *%1"
			 :
			 : "r"(r->stack + STACK - 64), "r"(routine_runs)
			 : "memory");
	__builtin_unreachable();
}

static NOINLINE void resume(struct routine *r)
{
	running = r;
	if (!_setjmp(outside))
		_longjmp(r->me, 1);
}

static NOINLINE void task_jumps(void)
{
	_longjmp(outside, 1);
}

static void routines(const char *unused)
{
	static struct routine r[8];
	volatile int jumps = 0;

	(void)unused;
	for (volatile int round = 0; round < 50; round++) {
		for (volatile int i = 0; i < 8; i++) {
			r[i].stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			enter(&r[i]);
		}
		for (volatile int i = 0; i < 8; i += 2)
			resume(&r[i]);
		for (volatile int i = 0; i < 8; i++)
			munmap(r[i].stack, STACK);
		if (!_setjmp(outside))
			task_jumps();
		else
			jumps++;
	}
	printf("%d jumps\n", jumps);
}

/* --- a jump out of a handler that has a stack of its own ---------------------- */

static sigjmp_buf before_signal;

static NOINLINE void task_handles(void)
{
	siglongjmp(before_signal, 1);
}

static void on_signal(int number)
{
	(void)number;
	task_handles();
}

static NOINLINE void task_raises(void)
{
	raise(SIGUSR1);
	__asm__ volatile("");
}

static void handler(const char *unused)
{
	stack_t alternate = { .ss_sp = malloc(STACK), .ss_size = STACK };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };
	volatile int jumps = 0;

	(void)unused;
	sigaltstack(&alternate, NULL);
	sigaction(SIGUSR1, &action, NULL);
	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(before_signal, 1))
			task_raises();
		else
			jumps++;
		task_plain(i);
	}
	printf("%d jumps\n", jumps);
}

/* --- a timer whose handler comes in between everything ------------------------- */

static volatile long in_handler;

static NOINLINE void task_ticks(void)
{
	in_handler++;
	__asm__ volatile("");
}

static void on_tick(int number)
{
	(void)number;
	task_ticks();
}

static void ticks(const char *unused)
{
	struct sigaction action = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	struct itimerval soon = { { 0, 20 }, { 0, 20 } }, never = { { 0, 0 }, { 0, 0 } };

	(void)unused;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	for (int i = 0; i < 100000; i++)
		task_plain(i);
	setitimer(ITIMER_REAL, &never, NULL);
	fprintf(stderr, "ticks %ld\n", in_handler);
}

/* --- the main thread leaves by pthread_exit ----------------------------------- */

static void *other(void *unused)
{
	usleep(20000);
	puts("the other thread");
	fflush(stdout);
	return unused;
}

static NOINLINE void task_leaves(void)
{
	pthread_exit(NULL);
}

static NOINLINE void task_around(void)
{
	task_leaves();
	__asm__ volatile("");
}

static void exits(const char *unused)
{
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, other, NULL);
	task_around();
}

/* --- threads that are cancelled anywhere ---------------------------------------- */

static void *spins(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;) {
		task_around_leaf(3);
		__asm__ volatile("");
	}
	return unused;
}

static void cancelled(const char *unused)
{
	(void)unused;
	for (int i = 0; i < 30; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, spins, NULL);
		usleep(100 + 7 * (unsigned)i);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
	}
	puts("30 threads");
}

/* --- libraries ----------------------------------------------------------------- */

static void *load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);

	if (!library) {
		puts(dlerror());
		exit(1);
	}
	return library;
}

/* A function of the library that closes it by its last jump. */
static void closes(const char *path)
{
	int sum = 0;

	for (int i = 0; i < 300; i++) {
		void *library = load(path);
		int (*close)(void *) = (int (*)(void *))dlsym(library, "task_close");

		sum += 1 + close(library);
	}
	printf("closed %d times\n", sum);
}

static void as_nobody(const char *path)
{
	int (*function)(int);

	if (setgid(65534) || setuid(65534))
		exit(1);
	function = (int (*)(int))dlsym(load(path), "task_in");
	printf("%d\n", function(1));
}

static const struct {
	const char *name;
	void (*run)(const char *argument);
} cases[] = {
	{ "again", again },   { "routines", routines },	  { "handler", handler },
	{ "ticks", ticks },   { "exits", exits },	  { "cancelled", cancelled },
	{ "closes", closes }, { "as_nobody", as_nobody },
};

int main(int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run(argc > 2 ? argv[2] : NULL);
			return 0;
		}
	return 2;
}
