/* SPDX-License-Identifier: MIT */
/* sleeps COUNT MS: COUNT times nanosleep, then COUNT times poll, MS ms each. */
#include <poll.h>
#include <time.h>

#include "ledger.h"

int main(int argc, char **argv)
{
	long count = argument(argc, argv, 1, 5), ms = argument(argc, argv, 2, 20);
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	for (long i = 0; i < count; i++)
		nanosleep(&t, NULL);
	for (long i = 0; i < count; i++)
		poll(NULL, 0, ms);
	ledger_add("sleeps", 2 * count);
	ledger_add("slept_ms", 2 * count * ms);
	ledger_close();
	return 0;
}
