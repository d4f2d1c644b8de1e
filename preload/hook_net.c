/* SPDX-License-Identifier: MIT */
/* Sockets: making them, and waiting for the other side. */
#include "fd_table.h"
#include "hook_io.h"

static void wait_for_peer(struct io_call *c, enum call call, int fd, uint64_t entry, int origin)
{
	fd_tell_as(c, COUNTER_net_setups, call, fd, entry, origin);
}

static enum fd_kind kind_of_domain(int domain)
{
	return domain == AF_INET    ? FD_KIND_socket_inet
	       : domain == AF_INET6 ? FD_KIND_socket_inet6
	       : domain == AF_UNIX  ? FD_KIND_socket_unix
				    : FD_KIND_socket_other;
}

int socket(int domain, int type, int protocol)
{
	struct io_call c;
	int fd, saved;

	if (!io_begin(&c))
		return real_socket(domain, type, protocol);
	fd = real_socket(domain, type, protocol);
	saved = errno;
	if (io_still(&c))
		wait_for_peer(&c, CALL_socket, fd, fd < 0 ? 0 : fd_new(fd, kind_of_domain(domain)),
			      -1);
	errno = saved;
	return fd;
}

static int connected(struct io_call *c, enum call call, int result, int fd,
		     const struct sockaddr *address, socklen_t length)
{
	int saved = errno;
	uint64_t entry;

	if (!io_still(c))
		return result;
	entry = fd_lookup(c->thread, fd);
	/* a connect that goes on in the background has its peer too */
	if (entry && (result == 0 || saved == EINPROGRESS)) {
		fd_tell_address(c->thread, fd_entry_file(entry), TEXT_ADDRESS, address, length);
		fd_tell_local_address(c->thread, fd_entry_file(entry), fd);
	}
	errno = saved;
	wait_for_peer(c, call, result < 0 ? result : fd, entry, -1);
	errno = saved;
	return result;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_connect(fd, address, length);
	return connected(&c, CALL_connect, real_connect(fd, address, length), fd, address, length);
}

int __connect(int fd, const struct sockaddr *address, socklen_t length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real___connect(fd, address, length);
	return connected(&c, CALL___connect, real___connect(fd, address, length), fd, address,
			 length);
}

static int accepted(struct io_call *c, enum call call, int fd, int listener)
{
	int saved = errno;
	uint64_t entry = 0;

	if (!io_still(c))
		return fd;
	if (fd >= 0) {
		fd_put(fd, 0);
		entry = fd_resolve(c->thread, fd); /* names the peer */
	}
	errno = saved;
	wait_for_peer(c, call, fd, entry, listener);
	errno = saved;
	return fd;
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_accept(fd, address, length);
	return accepted(&c, CALL_accept, real_accept(fd, address, length), fd);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_accept4(fd, address, length, flags);
	return accepted(&c, CALL_accept4, real_accept4(fd, address, length, flags), fd);
}

/* The address that it serves under is told at accept. */
static int prepared(struct io_call *c, enum call call, int fd, int result)
{
	int saved = errno;
	uint64_t entry;

	if (!io_still(c))
		return result;
	entry = result < 0 && saved == EBADF ? 0 : fd_lookup(c->thread, fd);
	errno = saved;
	wait_for_peer(c, call, result < 0 ? result : fd, entry, -1);
	errno = saved;
	return result;
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_bind(fd, address, length);
	return prepared(&c, CALL_bind, fd, real_bind(fd, address, length));
}

int listen(int fd, int backlog)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_listen(fd, backlog);
	return prepared(&c, CALL_listen, fd, real_listen(fd, backlog));
}
