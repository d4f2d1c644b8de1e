/* SPDX-License-Identifier: MIT */
/*
 * signals CALLS [JUMP]: main makes CALLS calls of write and malloc+free while a
 * timer fires every 20 us; its handler calls write, read and close. With JUMP
 * the handler leaves by siglongjmp every eighth time, out of whatever it had
 * interrupted (then main calls write alone: malloc may not be jumped out of).
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "ledger.h"

static int null_fd, zero_fd;
static volatile uint64_t handler_writes, handler_reads, signals, jumps, main_writes, errno_changes;
static sigjmp_buf back;
static volatile sig_atomic_t may_jump;
static long calls, jump;

static void on_timer(int signal)
{
	int before = errno;
	char c;

	(void)signal;
	signals++;
	if (write(null_fd, "h", 1) == 1)
		handler_writes++;
	if (read(zero_fd, &c, 1) == 1)
		handler_reads++;
	errno = before;
	if (may_jump && signals % 8 == 0) {
		jumps++;
		siglongjmp(back, 1);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
	struct itimerspec every = { { 0, 20000 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	timer_t timer;

	calls = argument(argc, argv, 1, 100000);
	jump = argument(argc, argv, 2, 0);
	null_fd = open("/dev/null", O_WRONLY);
	zero_fd = open("/dev/zero", O_RDONLY);
	CHECK(null_fd >= 0 && zero_fd >= 0);
	sigaction(SIGALRM, &action, NULL);
	CHECK(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	timer_settime(timer, 0, &every, NULL);

	sigsetjmp(back, 1);
	may_jump = jump != 0;
	while (main_writes < (uint64_t)calls) {
		errno = 0;
		if (write(null_fd, "m", 1) == 1)
			main_writes++;
		if (errno)
			errno_changes++;
		if (!jump)
			free(malloc(24));
	}
	may_jump = 0;
	timer_settime(timer, 0, &never, NULL);
	timer_delete(timer);
	ledger_add("signals", signals);
	ledger_add("jumps", jumps);
	ledger_add("main_writes", main_writes);
	ledger_add("handler_writes", handler_writes);
	ledger_add("handler_reads", handler_reads);
	ledger_add("allocs", jump ? 0 : calls);
	ledger_add("errno_changes", errno_changes);
	ledger_close();
	return 0;
}
