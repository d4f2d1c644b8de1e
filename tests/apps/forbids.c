/* SPDX-License-Identifier: MIT */
/*
 * forbids CALL… -- COMMAND…: runs COMMAND with a seccomp filter that answers system calls
 * with EPERM.
 *
 *	pwrite        pwrite64 at offsets from 4 GiB on: where code is in /proc/self/mem
 *	exec          mprotect that makes memory executable and writable
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field, from)                                                                          \
	(struct sock_filter)                                                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (from))
#define IF(value, skip) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, skip, 0)
#define UNLESS(value, skip) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define REFUSE (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define ALLOW (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int main(int argc, char **argv)
{
	struct sock_filter filter[16];
	unsigned short n = 0;
	int at = 1;

	for (; at < argc && strcmp(argv[at], "--"); at++) {
		filter[n++] = LOAD(nr, 0);
		if (!strcmp(argv[at], "pwrite")) {
			filter[n++] = UNLESS(SYS_pwrite64, 3);
			filter[n++] = LOAD(args[3], 4);
			filter[n++] = IF(0, 1);
		} else {
			filter[n++] = UNLESS(SYS_mprotect, 3);
			filter[n++] = LOAD(args[2], 0);
			filter[n++] = UNLESS(PROT_READ | PROT_WRITE | PROT_EXEC, 1);
		}
		filter[n++] = REFUSE;
	}
	filter[n++] = ALLOW;
	if (at + 1 >= argc || n > 11)
		return 125;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){ n, filter })) {
		perror("seccomp");
		return 125;
	}
	execvp(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 127;
}
