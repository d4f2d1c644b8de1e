/* SPDX-License-Identifier: MIT */
/*
 * Functions on other stacks: coroutines of the C library, of a hand-written switch,
 * some that go on in another thread, some that are given up, and small stacks that end
 * right above the first function's return address.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

#include "ledger.h"

#define STACK_SIZE 16384

static volatile long zero;

void switch_to(void **from, void *to, long value);
void stack_end(void);
void *back;
long result;

/* --- swapcontext ----------------------------------------------------------- */

static ucontext_t main_context, coroutine[4];
static long produced;

OWN static void t_yield(int k)
{
	swapcontext(&coroutine[k], &main_context);
	produced += zero;
}

OWN static void t_produce(int k, long n)
{
	produced = k * 1000 + n + zero;
	t_yield(k);
}

OWN static void t_generator(int k)
{
	for (long i = 0; i < 50; i++)
		t_produce(k, i);
}

static void start_generator(int k)
{
	t_generator(k);
}

OWN static long t_next(int k)
{
	swapcontext(&main_context, &coroutine[k]);
	return produced + zero;
}

static void contexts(void)
{
	static char stack[4][65536];
	volatile long sum = 0;

	for (int k = 0; k < 4; k++) {
		getcontext(&coroutine[k]);
		coroutine[k].uc_stack.ss_sp = stack[k];
		coroutine[k].uc_stack.ss_size = sizeof(stack[k]);
		coroutine[k].uc_link = &main_context;
		makecontext(&coroutine[k], (void (*)(void))start_generator, 1, k);
	}
	for (int i = 0; i < 50; i++)
		for (int k = 0; k < 4; k++)
			sum = sum * 3 + t_next((k + i) % 4);
	/* They return in another order than that in which they began; one never does. */
	for (int k = 2; k >= 0; k--)
		t_next(k);
	tally("t_next", RETURN, 203);
	tally("t_yield", RETURN, 199);
	tally("t_produce", RETURN, 199);
	tally("t_generator", RETURN, 3);
	tally("t_yield", RUNNING, 1);
	tally("t_produce", RUNNING, 1);
	tally("t_generator", RUNNING, 1);
	printf("contexts %ld\n", sum);
}

/* --- a switch of one's own ------------------------------------------------- */

struct fiber {
	void *place, *owner;
	char *low;
	long value;
};

/* A stack between two pages that cannot be touched, with `first` as its only frame. */
static void fiber_open(struct fiber *f, void *first)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void **at;

	f->low = mmap(NULL, STACK_SIZE + 2 * page, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (f->low == MAP_FAILED || mprotect(f->low + page, STACK_SIZE, PROT_READ | PROT_WRITE))
		abort();
	at = (void **)(f->low + page + STACK_SIZE);
	*--at = (void *)stack_end;
	*--at = first;
	f->place = at - 6; /* the registers, all 0 */
}

static void fiber_close(struct fiber *f)
{
	munmap(f->low, STACK_SIZE + 2 * (size_t)sysconf(_SC_PAGESIZE));
}

OWN static long t_edge(long n)
{
	return n * 3 + zero;
}

/* May look for arguments on the stack, where there is none. */
OWN static long t_edge_varargs(long n, ...)
{
	va_list list;
	long sum = n;

	va_start(list, n);
	for (long i = 0; i < zero; i++)
		sum += va_arg(list, long);
	va_end(list);
	return sum + t_edge(n);
}

static long once(void *first, long value)
{
	struct fiber f;

	fiber_open(&f, first);
	switch_to(&back, f.place, value);
	fiber_close(&f);
	return result;
}

OWN static long t_step(struct fiber *f, long n)
{
	f->value = n * n + zero;
	switch_to(&f->place, f->owner, 0);
	return f->value;
}

OWN static long t_fiber(long address)
{
	struct fiber *f = (struct fiber *)address;
	long sum = 0;

	for (long i = 0; i < 30; i++)
		sum += t_step(f, i);
	back = f->owner;
	return sum + zero;
}

static void resume(struct fiber *f)
{
	switch_to(&f->owner, f->place, (long)f);
}

static void switches(void)
{
	struct fiber f[5];
	long sum = 0;

	for (long i = 0; i < 10; i++)
		sum += once((void *)t_edge, i) + once((void *)t_edge_varargs, i);
	tally("t_edge", RETURN, 20);
	tally("t_edge_varargs", RETURN, 10);
	for (int k = 0; k < 5; k++)
		fiber_open(&f[k], (void *)t_fiber);
	for (int i = 0; i < 31; i++)
		for (int k = 0; k < 5; k++) {
			resume(&f[(i & 1) ? 4 - k : k]);
			sum += i < 30 ? f[k].value : result;
		}
	tally("t_step", RETURN, 150);
	tally("t_fiber", RETURN, 5);
	for (int k = 0; k < 5; k++)
		fiber_close(&f[k]);
	printf("switches %ld\n", sum);
}

/* --- begun here, ended there ----------------------------------------------- */

static struct fiber wanderer[20];

OWN static long t_goes_on(long n)
{
	return n + zero;
}

static void *finish_elsewhere(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20; i++) {
		while (wanderer[i].place)
			resume(&wanderer[i]);
		result += t_goes_on(i);
	}
	return NULL;
}

OWN static long t_leg(struct fiber *f, long n)
{
	switch_to(&f->place, f->owner, 0);
	return n + t_goes_on(n);
}

OWN static long t_wanders(long address)
{
	struct fiber *f = (struct fiber *)address;

	for (long i = 0; i < 3; i++)
		f->value += t_leg(f, i);
	f->place = NULL;
	back = f->owner;
	return f->value;
}

static void threads(void)
{
	pthread_t t;
	long sum = 0;

	for (int i = 0; i < 20; i++) {
		fiber_open(&wanderer[i], (void *)t_wanders);
		wanderer[i].value = i;
		resume(&wanderer[i]);
	}
	pthread_create(&t, NULL, finish_elsewhere, NULL);
	pthread_join(t, NULL);
	for (int i = 0; i < 20; i++) {
		sum += wanderer[i].value;
		fiber_close(&wanderer[i]);
	}
	tally("t_wanders", RETURN, 20);
	tally("t_leg", RETURN, 60);
	tally("t_goes_on", RETURN, 80);
	printf("threads %ld\n", sum);
}

int main(void)
{
	ledger_open();
	contexts();
	switches();
	threads();
	return ledger_close();
}
