/* SPDX-License-Identifier: MIT */
/*
 * many_procs COUNT [AT_ONCE]: COUNT short children, AT_ONCE at a time. Child i
 * allocates five blocks of 10 bytes, writes three times and exits with i % 7.
 */
#include <sys/wait.h>

#include "ledger.h"

int main(int argc, char **argv)
{
	long count = argument(argc, argv, 1, 100), at_once = argument(argc, argv, 2, 8);
	long live = 0, failed = 0;
	int fd = open("/dev/null", O_WRONLY), status;

	for (long i = 0; i < count; i++) {
		pid_t pid;

		if (live == at_once) {
			CHECK(wait(&status) > 0);
			failed += WEXITSTATUS(status) != 0;
			live--;
		}
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			void *block[5];

			for (int k = 0; k < 5; k++)
				block[k] = malloc(10);
			for (int k = 0; k < 5; k++)
				free(block[k]);
			for (int k = 0; k < 3; k++)
				CHECK(write(fd, "x", 1) == 1);
			_exit(i % 7);
		}
		live++;
	}
	while (live-- > 0) {
		CHECK(wait(&status) > 0);
		failed += WEXITSTATUS(status) != 0;
	}
	ledger_add("children", count);
	ledger_add("failed", failed);
	ledger_add("allocs", 5 * count);
	ledger_add("bytes", 50 * count);
	ledger_add("writes", 3 * count);
	ledger_close();
	return 0;
}
