/* SPDX-License-Identifier: MIT */
/* Text and numbers for jansson, which refuses what is not UTF-8. */
#include "json_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *json_text(const char *bytes)
{
	size_t n = strlen(bytes), used = 0;
	json_t *string = json_stringn(bytes, n);
	char *clean;

	if (string)
		return string;
	clean = malloc(n * 3 + 1);
	if (!clean)
		return json_string("");
	for (size_t i = 0; i < n;) {
		size_t length = 1;
		json_t *one = NULL;

		for (; length <= 4 && i + length <= n && !one; length++)
			one = json_stringn(bytes + i, length);
		if (one) {
			memcpy(clean + used, bytes + i, length - 1);
			used += length - 1;
			i += length - 1;
			json_decref(one);
		} else {
			memcpy(clean + used, "\xef\xbf\xbd", 3);
			used += 3;
			i++;
		}
	}
	string = json_stringn(clean, used);
	free(clean);
	return string;
}

json_t *json_number(uint64_t number)
{
	char text[24];

	if (number <= UINT64_C(1) << 53)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

int json_write(const json_t *value, int fd, size_t flags)
{
	FILE *file = fdopen(fd, "w");
	int err = 0;

	if (!file) {
		err = -errno;
		close(fd);
		return err;
	}
	if (json_dumpf(value, file, flags))
		err = -ENOSPC;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}
