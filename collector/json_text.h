/* SPDX-License-Identifier: MIT */
/* JSON of what came from a program: any bytes, any numbers. */
#ifndef TPPROBE_JSON_TEXT_H
#define TPPROBE_JSON_TEXT_H

#include <jansson.h>
#include <stdint.h>

/* A string; bytes that are no UTF-8 become U+FFFD. */
json_t *json_text(const char *bytes);
/* A number; above 2^53 a string, since most readers would round it. */
json_t *json_number(uint64_t number);
/* Writes a value through a buffer (json_dumpfd() makes a system call of every
 * token) and closes the file. 0 or -errno. */
int json_write(const json_t *value, int fd, size_t flags);

#endif
