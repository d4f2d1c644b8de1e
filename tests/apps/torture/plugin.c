/* SPDX-License-Identifier: MIT */
/*
 * A library for plugs.c. Its constructor and destructor call functions of its own, and
 * so does what it exports. VERSION makes another file of it, with its functions elsewhere.
 */
#include <stdio.h>

#ifndef VERSION
#define VERSION 1
#endif
#if defined(__clang__)
#define OWN __attribute__((noinline))
#else
#define OWN __attribute__((noinline, noclone))
#endif

static volatile long zero;

#if VERSION > 1
OWN long not_asked_for(long n)
{
	long sum = 0;

	for (long i = 0; i < n; i++)
		sum += i * zero;
	return sum;
}
#endif

OWN static long t_inside(long n)
{
	return n * 10 + VERSION + zero;
}

OWN static void t_on_load(void)
{
	zero = 0;
}

OWN static void t_on_unload(void)
{
	zero = t_inside(1);
}

__attribute__((constructor)) static void load(void)
{
	t_on_load();
}

__attribute__((destructor)) static void unload(void)
{
	t_on_unload();
}

OWN long t_plugin_work(long n)
{
	return t_inside(n) + zero;
}
