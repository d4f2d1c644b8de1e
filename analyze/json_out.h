/* SPDX-License-Identifier: MIT */
/*
 * JSON, written as it comes: nothing is kept, so a report may be of any size.
 * Strings may hold any bytes: what is not UTF-8 becomes U+FFFD.
 */
#ifndef TPPROBE_JSON_OUT_H
#define TPPROBE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 16

struct json_out {
	FILE *file;
	unsigned depth;
	unsigned flat_from; /* from this depth on everything stays on one line; 0: never */
	bool has_members[JSON_DEPTH_MAX];
};

/* `key` is NULL inside an array and at the top. */
void jout_open(struct json_out *j, const char *key, char bracket);     /* '{' or '[' */
void jout_close(struct json_out *j, char bracket);		       /* '}' or ']' */
void jout_text(struct json_out *j, const char *key, const char *text); /* NULL: null */
void jout_int(struct json_out *j, const char *key, int64_t number);
void jout_real(struct json_out *j, const char *key, double number); /* NAN: null */
void jout_null(struct json_out *j, const char *key);
void jout_raw(struct json_out *j, const char *key, const char *json); /* is JSON already */

/* Length of the valid UTF-8 sequence at the start of `text` (at most `bytes`
 * long), 0 when there is none. */
unsigned utf8_length(const unsigned char *text, size_t bytes);

#endif
