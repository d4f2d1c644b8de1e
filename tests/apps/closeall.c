/* SPDX-License-Identifier: MIT */
/*
 * closeall WAY: writes 100 times to a file, closes every descriptor it knows of,
 * and some that it does not, opens a file anew and writes 100 times more.
 *
 *	close       close(3) … close(1023)
 *	range       close_range(3, ~0)
 *	closefrom   closefrom(3)
 *	daemon      daemon(0, 0) in between
 *	raw         close_range by syscall()
 */
#include <string.h>

#include "ledger.h"

static void hundred_writes(void)
{
	int fd = open("closeall.tmp", O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(fd >= 0);
	for (int i = 0; i < 100; i++)
		CHECK(write(fd, "0123456789", 10) == 10);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "close";

	hundred_writes();
	if (!strcmp(way, "close")) {
		for (int fd = 3; fd < 1024; fd++)
			close(fd);
	} else if (!strcmp(way, "range")) {
		close_range(3, ~0U, 0);
	} else if (!strcmp(way, "closefrom")) {
		closefrom(3);
	} else if (!strcmp(way, "raw")) {
		syscall(SYS_close_range, 3, ~0U, 0);
	} else {
		CHECK(!daemon(1, 0));
	}
	hundred_writes();
	for (int i = 0; i < 50; i++)
		free(malloc(77));
	ledger_add("writes", 200);
	ledger_add("write_bytes", 2000);
	ledger_add("allocs", 50);
	ledger_close();
	return 0;
}
