/* SPDX-License-Identifier: MIT */
/*
 * Numbers and names for people: short, and safe on a terminal.
 */
#ifndef TPPROBE_FORMAT_H
#define TPPROBE_FORMAT_H

#include <stddef.h>

#define FORMAT_SIZE 32

/* Each writes into `text` (FORMAT_SIZE bytes) and returns it; NAN becomes "-". */
const char *format_seconds(char *text, double seconds);		 /* 12.3 ms */
const char *format_bytes(char *text, double bytes);		 /* 1.5 MiB */
const char *format_short_bytes(char *text, double bytes);	 /* 1.5M */
const char *format_count(char *text, double count);		 /* 12345, 1.2M */
const char *format_share(char *text, double part, double whole); /* 42%, "" for nothing */

const char *format_percent(char *text, double share); /* 42%, 0% */
const char *format_ratio(char *text, double number);  /* 1.85 */

/* Text of a program: control characters as \xNN, invalid UTF-8 as U+FFFD; cut
 * to `room` bytes at a character's border. Returns `out`. */
const char *format_safe(char *out, size_t room, const char *text);

/* The same of a path; of a long one its end, which tells it from its neighbours. */
#define FORMAT_PATH 30 /* bytes */
const char *format_path(char *out, size_t room, const char *path);

#endif
