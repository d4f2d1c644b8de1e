/* SPDX-License-Identifier: MIT */
/*
 * hooks_ids: user and group ids, what sockets say of themselves, terminals. The ids
 * are the ones that it has; what an unprivileged program may not do is called all
 * the same. `drops` is the program that really changes them.
 */
#include <grp.h>
#include <pty.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <utmp.h>

#include "hooks_tally.h"

static void ids(void)
{
	uid_t me = geteuid();
	gid_t us = getegid(), groups[64];
	int n = getgroups(64, groups);

	CHECK(n >= 0);
	CHECK(!DID(setuid, me) && !DID(setgid, us) && !DID(seteuid, me) && !DID(setegid, us));
	CHECK(!DID(setreuid, -1, me) && !DID(setregid, -1, us));
	CHECK(!DID(setresuid, -1, me, -1) && !DID(setresgid, -1, us, -1));
	CHECK(DID(setgroups, n, groups) == (me ? -1 : 0));
	DID(initgroups, "root", us);
	if (!me)
		CHECK(!DID(setgroups, n, groups));
	CHECK((uid_t)DID(setfsuid, -1) == me && (gid_t)DID(setfsgid, -1) == us);
	errno = 0;
	CHECK(DID(setuid, -1) == -1 && errno == EINVAL);
}

static void sockets(void)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(int), room = sizeof(address);
	int fds[2], type = 0;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	CHECK(!DID(getsockopt, fds[0], SOL_SOCKET, SO_TYPE, &type, &length) && type == SOCK_STREAM);
	CHECK(!DID(getsockname, fds[0], (void *)&address, &room));
	room = sizeof(address);
	CHECK(!DID(getpeername, fds[1], (void *)&address, &room));
	close(fds[0]);
	close(fds[1]);
	errno = 0;
	CHECK(DID(getsockopt, -1, SOL_SOCKET, SO_TYPE, &type, &length) == -1 && errno == EBADF);
}

static void terminals(void)
{
	char text[64] = "";
	int leader, follower, status;
	pid_t pid;

	if ((leader = DID(getpt)) >= 0)
		close(leader);
	errno = 0;
	CHECK(DID(login_tty, -1) == -1);
	CHECK(!DID(openpty, &leader, &follower, NULL, NULL, NULL));
	pid = fork();
	if (!pid) {
		memset(tallies, 0, sizeof(tallies)); /* its ledger is its own */
		close(leader);
		status = DID(login_tty, follower) || write(1, "in", 2) != 2;
		tally_close();
		_exit(status);
	}
	CHECK(read(leader, text, 2) == 2 && !memcmp(text, "in", 2));
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	close(leader);
	close(follower);
	pid = DID(forkpty, &leader, NULL, NULL, NULL);
	if (!pid)
		_exit(write(1, "on", 2) != 2);
	CHECK(pid > 0 && read(leader, text, 2) == 2 && !memcmp(text, "on", 2));
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	close(leader);
}

static void daemons(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(daemon(1, 1) || getsid(0) != getpid());
	tally_of("daemon")->calls++;
	CHECK(waitpid(pid, &status, 0) == pid && !status);
}

int main(void)
{
	ids();
	sockets();
	terminals();
	daemons();
	dprintf(1, "all as it should be\n");
	tally_close();
	return 0;
}
