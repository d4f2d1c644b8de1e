/* SPDX-License-Identifier: MIT */
/* The slow side of the descriptor table: finding out, and telling names. */
#include "fd_table.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "process.h"
#include "record.h"
#include "sys.h"

#define MEMORY_MAJOR                                                                               \
	1 /* null, zero, random and the like: no need to ask whether it is a terminal */

_Atomic uint64_t *fd_table;

void fd_table_init(void)
{
	long at = sys6(SYS_mmap, 0, FD_TABLE_SIZE * 8, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!(at < 0 && at > -4096))
		fd_table = (void *)at;
}

static enum fd_kind socket_kind(int fd)
{
	int domain = 0;
	unsigned bytes = sizeof(domain);

	if (sys6(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, (long)&domain, (long)&bytes, 0) != 0)
		return FD_KIND_socket_other;
	return domain == AF_INET    ? FD_KIND_socket_inet
	       : domain == AF_INET6 ? FD_KIND_socket_inet6
	       : domain == AF_UNIX  ? FD_KIND_socket_unix
				    : FD_KIND_socket_other;
}

enum fd_kind fd_kind_of(int fd, const struct stat *st)
{
	char terminal[128];

	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		return FD_KIND_file;
	case S_IFDIR:
		return FD_KIND_directory;
	case S_IFIFO:
		return FD_KIND_pipe;
	case S_IFSOCK:
		return socket_kind(fd);
	case S_IFCHR:
		if (major(st->st_rdev) == MEMORY_MAJOR)
			return FD_KIND_device;
		return sys3(SYS_ioctl, fd, TCGETS, terminal) == 0 ? FD_KIND_terminal
								  : FD_KIND_device;
	case S_IFBLK:
		return FD_KIND_device;
	default:
		return FD_KIND_other;
	}
}

uint64_t fd_new(int fd, enum fd_kind kind)
{
	uint64_t entry =
		FD_KNOWN | (uint64_t)kind << 32 | atomic_fetch_add(&probe_header()->next_file, 1);

	fd_put(fd, entry);
	return entry;
}

/* Threads may run on 16 KiB of stack: only a long name takes a large buffer. */
static __attribute__((noinline)) void tell_long_name(struct probe_thread *t, uint32_t file,
						     const char *link)
{
	char name[4096];
	long got = sys3(SYS_readlink, link, name, sizeof(name));

	if (got > 0)
		record_text(t, file, TEXT_PATH, name, (size_t)got, "", NULL, 0);
}

/* /proc/self/fd/N, or the peer's address. */
static void tell_descriptor(struct probe_thread *t, uint32_t file, int fd, bool is_socket)
{
	char link[32] = "/proc/self/fd/", digits[12], name[200];
	unsigned n = sizeof(digits), number = (unsigned)fd;
	struct sockaddr_storage address;
	unsigned bytes = sizeof(address);
	long got;

	if (is_socket && sys3(SYS_getpeername, fd, &address, &bytes) == 0) {
		fd_tell_address(t, file, TEXT_ADDRESS, &address, bytes);
		fd_tell_local_address(t, file, fd);
		return;
	}
	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(link + 14, digits + n, sizeof(digits) - n);
	link[14 + sizeof(digits) - n] = '\0';
	got = sys3(SYS_readlink, link, name, sizeof(name));
	if (got == sizeof(name))
		tell_long_name(t, file, link);
	else if (got > 0)
		record_text(t, file, TEXT_PATH, name, (size_t)got, "", NULL, 0);
}

uint64_t fd_resolve(struct probe_thread *t, int fd)
{
	struct stat st;
	uint64_t entry;

	if (probe.no_syscalls || fd < 0 || sys2(SYS_fstat, fd, &st) != 0)
		return 0;
	/* Beyond the table nothing is remembered, so nothing is named each time. */
	if ((unsigned)fd >= FD_TABLE_SIZE || !fd_table)
		return FD_KNOWN | (uint64_t)fd_kind_of(fd, &st) << 32;
	entry = fd_new(fd, fd_kind_of(fd, &st));
	if (probe.level != LEVEL_counters) {
		tell_descriptor(t, fd_entry_file(entry), fd, S_ISSOCK(st.st_mode));
		record_3(t, EVENT_FD, (uint64_t)fd_entry_kind(entry) << 58,
			 (uint32_t)fd | UINT64_C(0xffffffff) << 32, fd_entry_file(entry),
			 probe_now());
	}
	return entry;
}

void fd_forget(unsigned first, unsigned last)
{
	if (!fd_table || first >= FD_TABLE_SIZE)
		return;
	if (last >= FD_TABLE_SIZE)
		last = FD_TABLE_SIZE - 1;
	/* Most of the table was never touched: reading a page does not make it. */
	for (unsigned fd = first; fd <= last; fd++)
		if (atomic_load_explicit(&fd_table[fd], memory_order_relaxed))
			fd_put((int)fd, 0);
}

static size_t put_number(char *into, unsigned number, unsigned base)
{
	char digits[12];
	unsigned n = sizeof(digits);

	do
		digits[--n] = "0123456789abcdef"[number % base];
	while (number /= base);
	memcpy(into, digits + n, sizeof(digits) - n);
	return sizeof(digits) - n;
}

static size_t print_inet(char *into, const struct sockaddr_in *in)
{
	const unsigned char *byte = (const unsigned char *)&in->sin_addr;
	size_t n = 0;

	for (int i = 0; i < 4; i++) {
		n += put_number(into + n, byte[i], 10);
		into[n++] = i < 3 ? '.' : ':';
	}
	return n + put_number(into + n, ntohs(in->sin_port), 10);
}

/* Without the :: shorthand: [0:0:0:0:0:0:0:1]:80. The report may shorten it. */
static size_t print_inet6(char *into, const struct sockaddr_in6 *in)
{
	const unsigned char *byte = in->sin6_addr.s6_addr;
	size_t n = 0;

	into[n++] = '[';
	for (int i = 0; i < 8; i++) {
		n += put_number(into + n, (unsigned)byte[2 * i] << 8 | byte[2 * i + 1], 16);
		into[n++] = i < 7 ? ':' : ']';
	}
	into[n++] = ':';
	return n + put_number(into + n, ntohs(in->sin6_port), 10);
}

static size_t print_unix(char *into, const struct sockaddr_un *un, unsigned bytes)
{
	size_t length = bytes > offsetof(struct sockaddr_un, sun_path)
				? bytes - offsetof(struct sockaddr_un, sun_path)
				: 0;
	size_t n = 5;

	memcpy(into, "unix:", 5);
	if (length > sizeof(un->sun_path))
		length = sizeof(un->sun_path);
	if (length && !un->sun_path[0]) {
		into[n++] = '@'; /* an abstract name, as ss(8) prints it */
		memcpy(into + n, un->sun_path + 1, length - 1);
		return n + length - 1;
	}
	length = strnlen(un->sun_path, length);
	memcpy(into + n, un->sun_path, length);
	return n + length;
}

void fd_tell_address(struct probe_thread *t, uint32_t file, enum text_kind kind,
		     const void *address, unsigned bytes)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} a = { 0 };
	char text[160];
	size_t n = 0;

	if (!address || !bytes || probe.level == LEVEL_counters)
		return;
	memcpy(&a, address, bytes < sizeof(a) ? bytes : sizeof(a));
	if (a.any.sa_family == AF_INET && bytes >= sizeof(a.in))
		n = print_inet(text, &a.in);
	else if (a.any.sa_family == AF_INET6 &&
		 bytes >= offsetof(struct sockaddr_in6, sin6_scope_id))
		n = print_inet6(text, &a.in6);
	else if (a.any.sa_family == AF_UNIX)
		n = print_unix(text, &a.un, bytes);
	if (n)
		record_text(t, file, kind, text, n, "", NULL, 0);
}

/* Nothing is told of an end without a name: a client's of a unix socket. */
void fd_tell_local_address(struct probe_thread *t, uint32_t file, int fd)
{
	struct sockaddr_storage address;
	unsigned bytes = sizeof(address);

	if (probe.level == LEVEL_counters || probe.no_syscalls)
		return;
	if (sys3(SYS_getsockname, fd, &address, &bytes) == 0 && bytes > sizeof(sa_family_t))
		fd_tell_address(t, file, TEXT_LOCAL_ADDRESS, &address, bytes);
}

void fd_tell_path(struct probe_thread *t, uint32_t file, int dir, const char *path)
{
	size_t bytes, length = strnlen(path, 4096);
	const char *cwd;
	uint32_t base;

	if (path[0] == '/') {
		record_text(t, file, TEXT_PATH, path, length, "", NULL, 0);
	} else if (dir == AT_FDCWD) {
		cwd = process_cwd(&bytes);
		record_text(t, file, TEXT_PATH, cwd, bytes, "/", path, length);
	} else {
		base = fd_entry_file(fd_lookup(t, dir));
		record_text(t, file, TEXT_PATH_AT, (const char *)&base, sizeof(base), "", path,
			    length);
	}
}
