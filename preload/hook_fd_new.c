/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that come from elsewhere than a path: events, timers, memory. They
 * are made seldom, so that their name and kind may cost a look: anon_inode:[eventfd].
 */
#include "fd_table.h"
#include "hook_io.h"

int fd_made(struct io_call *c, enum call call, int fd)
{
	int saved = errno;
	uint64_t entry = 0;

	if (!io_still(c))
		return fd;
	if (fd >= 0) {
		fd_put(fd, 0);
		entry = fd_resolve(c->thread, fd);
		if (!entry)
			entry = fd_new(fd, FD_KIND_other);
	}
	errno = saved;
	fd_tell(c, call, fd, entry, -1);
	errno = saved;
	return fd;
}

int eventfd(unsigned count, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_eventfd(count, flags);
	return fd_made(&c, CALL_eventfd, real_eventfd(count, flags));
}

int timerfd_create(clockid_t clock, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_timerfd_create(clock, flags);
	return fd_made(&c, CALL_timerfd_create, real_timerfd_create(clock, flags));
}

int epoll_create(int size)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_epoll_create(size);
	return fd_made(&c, CALL_epoll_create, real_epoll_create(size));
}

int epoll_create1(int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_epoll_create1(flags);
	return fd_made(&c, CALL_epoll_create1, real_epoll_create1(flags));
}

int pidfd_open(pid_t pid, unsigned flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_pidfd_open(pid, flags);
	return fd_made(&c, CALL_pidfd_open, real_pidfd_open(pid, flags));
}

int inotify_init(void)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_inotify_init();
	return fd_made(&c, CALL_inotify_init, real_inotify_init());
}

int inotify_init1(int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_inotify_init1(flags);
	return fd_made(&c, CALL_inotify_init1, real_inotify_init1(flags));
}

int memfd_create(const char *name, unsigned flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_memfd_create(name, flags);
	return fd_made(&c, CALL_memfd_create, real_memfd_create(name, flags));
}

int posix_openpt(int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_posix_openpt(flags);
	return fd_made(&c, CALL_posix_openpt, real_posix_openpt(flags));
}

int getpt(void)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_getpt();
	return fd_made(&c, CALL_getpt, real_getpt());
}

int fanotify_init(unsigned flags, unsigned file_flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_fanotify_init(flags, file_flags);
	return fd_made(&c, CALL_fanotify_init, real_fanotify_init(flags, file_flags));
}

/* A path it has not: the kernel says which. */
int open_by_handle_at(int mount, struct file_handle *handle, int flags)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_open_by_handle_at(mount, handle, flags);
	return fd_made(&c, CALL_open_by_handle_at, real_open_by_handle_at(mount, handle, flags));
}

int shm_open(const char *name, int flags, mode_t mode)
{
	struct io_call c;

	if (!io_begin(&c))
		return real_shm_open(name, flags, mode);
	return fd_made(&c, CALL_shm_open, real_shm_open(name, flags, mode));
}

/* With a descriptor given it changes what that one waits for. */
int signalfd(int fd, const sigset_t *mask, int flags)
{
	struct io_call c;
	int made;

	if (!io_begin(&c))
		return real_signalfd(fd, mask, flags);
	made = real_signalfd(fd, mask, flags);
	return fd == -1 ? fd_made(&c, CALL_signalfd, made)
			: (int)fd_worked(&c, CALL_signalfd, fd, made);
}
