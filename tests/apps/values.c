/* SPDX-License-Identifier: MIT */
/*
 * Calls with arguments and results of many kinds. Prints what custom metrics must add up
 * to, as `name value` lines.
 */
#include <stdio.h>

struct two {
	long a, b;
};

static volatile double sink;

/* Static: only the symbol table or a debug file tells of it. */
__attribute__((noinline)) static int load(int n, double x, float f, const char *name,
					  unsigned char c, struct two two, long big, short seventh)
{
	sink += n + x + (double)f + *name + c + (double)two.a + (double)big + seventh;
	return n % 3 ? n : -n - 1;
}

__attribute__((noinline)) double ratio(long a, long b)
{
	sink += (double)a;
	return (double)a / (double)b;
}

__attribute__((noinline)) unsigned char low(unsigned a)
{
	sink += a;
	return (unsigned char)a;
}

int main(void)
{
	static const char *const names[] = { "first", "second", "last" };
	double x = 0, f = 0, ratios = 0;
	long n = 0, c = 0, big = 0, seventh = 0, results = 0, failed = 0, lows = 0;

	for (int i = -20; i < 40; i++) {
		struct two two = { i, 2 * i };
		int result = load(i, i * 0.5, (float)i * 0.25f, names[i == 39 ? 2 : i & 1],
				  (unsigned char)(i & 255), two, i * 10000000000L, (short)-i);

		n += i;
		x += i * 0.5;
		f += i * 0.25;
		c += i & 255;
		big += i * 10000000000L;
		seventh -= i;
		results += result;
		failed += result < 0;
		ratios += ratio(i, 4);
		lows += low((unsigned)i);
	}
	printf("n %ld\nx %g\nf %g\nc %ld\nbig %ld\nseventh %ld\nresults %ld\nfailed %ld\nratios "
	       "%g\nlows %ld\n",
	       n, x, f, c, big, seventh, results, failed, ratios, lows);
	return 0;
}
