/* SPDX-License-Identifier: MIT */
/* burn MS MIB STATUS: uses the CPU for MS milliseconds and touches MIB of memory. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
	unsigned long sum = 1;
	size_t bytes;
	char *block;

	if (argc < 4)
		return 2;
	bytes = (size_t)atoi(argv[2]) << 20;
	block = malloc(bytes);
	if (!block)
		return 3;
	memset(block, 1, bytes);
	while (clock() < atol(argv[1]) * (CLOCKS_PER_SEC / 1000))
		for (size_t i = 0; i < 100000; i++)
			sum += (unsigned char)block[i * 7 % bytes];
	return atoi(argv[3]) + (sum == 0);
}
