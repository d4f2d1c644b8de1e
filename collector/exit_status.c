/* SPDX-License-Identifier: MIT */
/*
 * A zombie still has /proc/PID; once it is reaped only the pidfd knows
 * (PIDFD_GET_INFO with PIDFD_INFO_EXIT, Linux 6.15). The parent may reap it
 * between two looks, hence the order: zombie, then pidfd.
 */
#include "exit_status.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* linux/pidfd.h of 6.15; headers here are older. */
struct pidfd_info_v1 {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info_v1) == 64, "PIDFD_INFO_SIZE_VER0");
#define PIDFD_GET_INFO_V1 _IOWR(0xFF, 11, struct pidfd_info_v1)
#define PIDFD_INFO_EXIT_BIT (UINT64_C(1) << 3)

static bool ask_pidfd(int pidfd, uint32_t *status)
{
	struct pidfd_info_v1 info = { .mask = PIDFD_INFO_EXIT_BIT };

	if (pidfd < 0 || ioctl(pidfd, PIDFD_GET_INFO_V1, &info) ||
	    !(info.mask & PIDFD_INFO_EXIT_BIT))
		return false;
	*status = (uint32_t)info.exit_code;
	return true;
}

/* The kernel shows 0 instead of the status of another user's process. */
static bool may_see(uint32_t pid)
{
	char text[2048];
	int fd = proc_open(pid, "status");
	bool may = false;

	if (fd >= 0) {
		may = !proc_read(fd, text, sizeof(text)) &&
		      (getuid() == 0 || proc_line_number(text, "Uid") == getuid());
		close(fd);
	}
	return may;
}

void exit_status_get(uint32_t pid, uint64_t start_time, int pidfd, struct exit_status *out)
{
	memset(out, 0, sizeof(*out));
	if (!proc_stat_get(pid, &out->stat) && out->stat.state == 'Z' &&
	    (!start_time || out->stat.start_time == start_time)) {
		out->zombie = true;
		out->status = (uint32_t)out->stat.exit_status;
		out->known = out->status != 0 || may_see(pid);
		proc_io_get(pid, &out->io); /* of a zombie root alone may read it */
	}
	if (!out->known && ask_pidfd(pidfd, &out->status))
		out->known = true;
}
