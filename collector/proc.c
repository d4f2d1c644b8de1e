/* SPDX-License-Identifier: MIT */
/* Readers of /proc/PID files: one read each, no allocation. */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int proc_open(uint32_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int proc_read(int fd, char *text, unsigned room)
{
	ssize_t n = pread(fd, text, room - 1, 0);

	if (n <= 0)
		return n < 0 ? -errno : -ESRCH;
	text[n] = 0;
	return 0;
}

static int read_file(uint32_t pid, const char *name, char *text, unsigned room)
{
	int fd = proc_open(pid, name);
	int err;

	if (fd < 0)
		return fd;
	err = proc_read(fd, text, room);
	close(fd);
	return err;
}

int proc_stat_parse(const char *text, struct proc_stat *out)
{
	static long tick_ms;
	/* The name may hold anything, brackets and spaces too. */
	const char *p = strrchr(text, ')');
	uint64_t field[53] = { 0 };
	unsigned n = 3;

	if (!p || p[1] != ' ' || !p[2])
		return -EBADMSG;
	if (!tick_ms)
		tick_ms = 1000 / sysconf(_SC_CLK_TCK);
	out->state = p[2];
	p += 3;
	for (n = 4; n < 53 && *p; n++) {
		char *end;

		field[n] = strtoull(p, &end, 10);
		if (end == p)
			break;
		p = end;
	}
	if (n < 25)
		return -EBADMSG;
	out->major_faults = field[12];
	out->utime_ms = field[14] * (uint64_t)tick_ms;
	out->stime_ms = field[15] * (uint64_t)tick_ms;
	out->threads = field[20];
	out->start_time = field[22];
	out->vm_bytes = field[23];
	out->rss_pages = field[24];
	out->exit_status = (int32_t)field[52];
	return 0;
}

int proc_stat_get(uint32_t pid, struct proc_stat *out)
{
	char text[1024];
	int err = read_file(pid, "stat", text, sizeof(text));

	return err ? err : proc_stat_parse(text, out);
}

uint64_t proc_line_number(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *p = text; p && *p; p = strchr(p, '\n')) {
		if (*p == '\n')
			p++;
		if (!strncmp(p, name, length) && p[length] == ':')
			return strtoull(p + length + 1, NULL, 10);
	}
	return 0;
}

void proc_io_parse(const char *text, struct proc_io *out)
{
	out->rchar = proc_line_number(text, "rchar");
	out->wchar = proc_line_number(text, "wchar");
	out->disk_read_bytes = proc_line_number(text, "read_bytes");
	out->disk_write_bytes = proc_line_number(text, "write_bytes");
}

int proc_io_get(uint32_t pid, struct proc_io *out)
{
	char text[512];
	int err = read_file(pid, "io", text, sizeof(text));

	if (!err)
		proc_io_parse(text, out);
	return err;
}

uint64_t proc_start_time(uint32_t pid)
{
	struct proc_stat stat;

	return proc_stat_get(pid, &stat) || stat.state == 'Z' || stat.state == 'X'
		       ? 0
		       : stat.start_time;
}
