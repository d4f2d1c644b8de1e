/* SPDX-License-Identifier: MIT */
/*
 * confined strict|filter CALLS: goes into a seccomp sandbox that kills on nearly
 * every system call, then allocates, writes CALLS times and ends with status 7.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

#include "ledger.h"

#define ALLOW(number)                                                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),                                         \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
	long calls = argument(argc, argv, 2, 100000);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_write),
		ALLOW(SYS_read),
		ALLOW(SYS_exit),
		ALLOW(SYS_exit_group),
		ALLOW(SYS_rt_sigreturn),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };
	int fd = open("/dev/null", O_WRONLY);
	void *block;

	ledger_add("writes", calls);
	ledger_add("allocs", calls + 1);
	ledger_close();
	block = malloc(100); /* the heap exists before the sandbox */
	if (argc > 1 && !strcmp(argv[1], "strict")) {
		CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
	} else {
		CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	}
	for (long i = 0; i < calls; i++) {
		free(block);
		block = malloc(100);
		if (write(fd, "x", 1) != 1)
			break;
	}
	ledger_syscall(SYS_exit, 7, 0, 0); /* strict mode knows no exit_group */
	return 0;
}
