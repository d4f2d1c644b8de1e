/* SPDX-License-Identifier: MIT */
/* What /proc tells about a process. */
#ifndef TPPROBE_PROC_H
#define TPPROBE_PROC_H

#include <stdbool.h>
#include <stdint.h>

/* /proc/PID/stat, the fields that are wanted. */
struct proc_stat {
	char state; /* 'Z': a zombie */
	uint64_t major_faults;
	uint64_t utime_ms, stime_ms;
	uint64_t threads;
	uint64_t start_time; /* ticks since boot; with the pid it names a process for good */
	uint64_t vm_bytes;
	uint64_t rss_pages;
	int32_t exit_status; /* wait status; of a zombie, when we may see it */
};

struct proc_io {
	uint64_t rchar, wchar, disk_read_bytes, disk_write_bytes;
};

/* Opens /proc/PID/NAME; -errno. */
int proc_open(uint32_t pid, const char *name);
/* The text of an open file of /proc, from its beginning, closed by NUL. 0 or -errno. */
int proc_read(int fd, char *text, unsigned room);

int proc_stat_parse(const char *text, struct proc_stat *out);
int proc_stat_get(uint32_t pid, struct proc_stat *out);
void proc_io_parse(const char *text, struct proc_io *out);
int proc_io_get(uint32_t pid, struct proc_io *out);
/* A line "NAME:  123 kB" of /proc/PID/status or /proc/meminfo; 0 when it is not there. */
uint64_t proc_line_number(const char *text, const char *name);
/* 0 when there is no such process, or it has ended and nobody has waited for it. */
uint64_t proc_start_time(uint32_t pid);

#endif
