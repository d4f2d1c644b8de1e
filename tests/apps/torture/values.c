/* SPDX-License-Identifier: MIT */
/*
 * Functions whose arguments and results are asked for: what they add up to is printed,
 * in the order of the metrics of task_values.sh.
 */
#include <stdint.h>
#include <stdio.h>

#include "ledger.h"

static volatile long zero;

OWN static long t_load(const char *name, int rows, double weight, unsigned char flag)
{
	return (long)(rows * weight) + flag + name[0] * zero;
}

/* Narrow and negative; the registers above them may hold anything. */
OWN static int t_lookup(int8_t key, uint16_t size, int64_t a, int64_t b, int64_t c, int64_t d,
			int64_t seventh, int32_t eighth)
{
	return key < 0 ? -1
		       : (int)(key + size + a + b + c + d + seventh / 1000000000 + eighth + zero);
}

OWN static float t_ratio(float x, double y)
{
	return x / (float)y + (float)zero;
}

OWN static void t_tick(void)
{
	zero = 0;
}

/* A call by which the upper halves of the registers are known to be dirty. */
static int look_up(long key, long size)
{
	int (*volatile f)(long, long, long, long, long, long, long, long) =
		(int (*)(long, long, long, long, long, long, long, long))t_lookup;

	return f((key & 0xff) | 0x1234567800000000, (size & 0xffff) | 0x7700000000550000, 1, 2, 3,
		 4, 1000000000000, (uint32_t)-7 | 0x5500000000000000);
}

int main(void)
{
	static const char *const name[] = { "first", "second", "third" };
	long rows = 0, loaded = 0, found = 0, failed = 0;
	double ratios = 0, weights = 0;

	ledger_open();
	for (int i = 0; i < 30; i++) {
		rows += i;
		weights += i * 0.5;
		loaded += t_load(name[i % 3], i, i * 0.5, (unsigned char)(i & 1 ? 200 : 100));
	}
	for (int i = -10; i < 20; i++) {
		int got = look_up(i, 60000 + i);

		found += got;
		failed += got < 0 && i < 0;
	}
	for (int i = 0; i < 8; i++)
		ratios += t_ratio((float)i, 4);
	for (int i = 0; i < 1234; i++)
		t_tick();
	printf("rows %ld\nweights %.3f\nloaded %ld\nfound %ld\nratios %.3f\nfailed %ld\n", rows,
	       weights, loaded, found, ratios, failed);
	printf("flags %d\nkeys %d\nsizes %d\nsevenths %ld\neighths %d\nticks %d\n", 30 * 150,
	       (-10 + 19) * 30 / 2, 30 * 60000 + (-10 + 19) * 30 / 2, 30 * 1000000000000L, 30 * -7,
	       1234);
	tally("t_load", RETURN, 30);
	tally("t_lookup", RETURN, 20);
	tally("t_lookup", FAILED, 10);
	tally("t_ratio", RETURN, 8);
	return ledger_close();
}
