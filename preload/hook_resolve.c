/* SPDX-License-Identifier: MIT */
/* Names of hosts: libc asks the network from within; how long it took is told. */
#include "waiting.h"

static int resolved(struct io_call *c, enum call call, int result)
{
	return wait_end(c, call, WAIT_network, 0, result);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **result)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_network))
		return real_getaddrinfo(node, service, hints, result);
	return resolved(&c, CALL_getaddrinfo, real_getaddrinfo(node, service, hints, result));
}

int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_room,
		char *service, socklen_t service_room, int flags)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_network))
		return real_getnameinfo(address, length, host, host_room, service, service_room,
					flags);
	return resolved(&c, CALL_getnameinfo,
			real_getnameinfo(address, length, host, host_room, service, service_room,
					 flags));
}

struct hostent *gethostbyname(const char *name)
{
	struct hostent *entry;
	struct io_call c;

	if (!wait_begin(&c, WAIT_network))
		return real_gethostbyname(name);
	entry = real_gethostbyname(name);
	resolved(&c, CALL_gethostbyname, entry ? 0 : -1);
	return entry;
}

int gethostbyname_r(const char *name, struct hostent *entry, char *buf, size_t n,
		    struct hostent **result, int *error)
{
	struct io_call c;

	if (!wait_begin(&c, WAIT_network))
		return real_gethostbyname_r(name, entry, buf, n, result, error);
	return resolved(&c, CALL_gethostbyname_r,
			real_gethostbyname_r(name, entry, buf, n, result, error));
}
