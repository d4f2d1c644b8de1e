/* SPDX-License-Identifier: MIT */
/*
 * send, recv and their family. rchar and wchar of /proc/PID/io count what read and
 * write do on a socket, and nothing of these (tried on Linux 6.18), so their bytes
 * go to the aside counters too.
 */
#include "hook_io.h"

/* What is looked at stays there and comes again; the error queue gives back what
 * was sent. */
static bool looks_only(int flags)
{
	return flags & (MSG_PEEK | MSG_ERRQUEUE);
}

ssize_t io_sent(struct io_call *c, enum call call, int fd, ssize_t sent)
{
	int saved = errno;

	if (io_still(c)) {
		if (sent > 0)
			probe_count(c->thread, COUNTER_aside_write_bytes, (uint64_t)sent);
		io_tell(c, call, IO_out, fd, sent);
	}
	errno = saved;
	return sent;
}

ssize_t io_received(struct io_call *c, enum call call, int fd, bool peeked, ssize_t got)
{
	ssize_t taken = got > 0 && peeked ? 0 : got;
	int saved = errno;

	if (io_still(c)) {
		if (taken > 0)
			probe_count(c->thread, COUNTER_aside_read_bytes, (uint64_t)taken);
		io_tell(c, call, IO_in, fd, taken);
	}
	errno = saved;
	return got;
}

/* The first `count` were transferred, and the kernel has written their lengths. */
static ssize_t bytes_of(const struct mmsghdr *messages, int count)
{
	ssize_t bytes = count < 0 ? count : 0;

	for (int i = 0; i < count; i++)
		bytes += messages[i].msg_len;
	return bytes;
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_send(fd, buf, n, flags);
	return io_sent(&c, CALL_send, fd, real_send(fd, buf, n, flags));
}

ssize_t __send(int fd, const void *buf, size_t n, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___send(fd, buf, n, flags);
	return io_sent(&c, CALL___send, fd, real___send(fd, buf, n, flags));
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
	       socklen_t length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_sendto(fd, buf, n, flags, to, length);
	return io_sent(&c, CALL_sendto, fd, real_sendto(fd, buf, n, flags, to, length));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_sendmsg(fd, message, flags);
	return io_sent(&c, CALL_sendmsg, fd, real_sendmsg(fd, message, flags));
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_recv(fd, buf, n, flags);
	return io_received(&c, CALL_recv, fd, looks_only(flags), real_recv(fd, buf, n, flags));
}

ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___recv_chk(fd, buf, n, room, flags);
	return io_received(&c, CALL___recv_chk, fd, looks_only(flags),
			   real___recv_chk(fd, buf, n, room, flags));
}

ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from, socklen_t *length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_recvfrom(fd, buf, n, flags, from, length);
	return io_received(&c, CALL_recvfrom, fd, looks_only(flags),
			   real_recvfrom(fd, buf, n, flags, from, length));
}

ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags, struct sockaddr *from,
		       socklen_t *length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___recvfrom_chk(fd, buf, n, room, flags, from, length);
	return io_received(&c, CALL___recvfrom_chk, fd, looks_only(flags),
			   real___recvfrom_chk(fd, buf, n, room, flags, from, length));
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_recvmsg(fd, message, flags);
	return io_received(&c, CALL_recvmsg, fd, looks_only(flags),
			   real_recvmsg(fd, message, flags));
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	struct io_call c;
	int sent;

	if (!io_begin(&c))
		return real_sendmmsg(fd, messages, count, flags);
	sent = real_sendmmsg(fd, messages, count, flags);
	io_sent(&c, CALL_sendmmsg, fd, bytes_of(messages, sent));
	return sent;
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *until)
{
	struct io_call c;
	int got;

	if (!io_begin(&c))
		return real_recvmmsg(fd, messages, count, flags, until);
	got = real_recvmmsg(fd, messages, count, flags, until);
	io_received(&c, CALL_recvmmsg, fd, looks_only(flags), bytes_of(messages, got));
	return got;
}
