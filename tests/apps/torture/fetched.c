/* SPDX-License-Identifier: MIT */
/*
 * fetched OTHER: a program, and one that runs it, whose file has been replaced by OTHER
 * in the meantime: it runs itself from a descriptor. It calls t_fetched 7 times.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
static volatile long zero;

__attribute__((noinline)) static long t_fetched(long n)
{
	return n * 5 + zero;
}

int main(int argc, char **argv)
{
	long sum = 0;

	if (argc > 1) {
		char *again[] = { argv[0], NULL };
		int fd = open(argv[0], O_RDONLY);

		if (fd < 0 || rename(argv[1], argv[0]))
			return 2;
		fexecve(fd, again, environ);
		return 3;
	}
	for (long i = 0; i < 7; i++)
		sum += t_fetched(i);
	printf("%ld\n", sum);
	return 0;
}
