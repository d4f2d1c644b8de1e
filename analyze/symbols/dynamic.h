/* SPDX-License-Identifier: MIT */
/*
 * What an x86-64 program or library tells the dynamic loader. Only its headers and the
 * dynamic section with its strings are read; nothing in them is trusted.
 */
#ifndef TPPROBE_DYNAMIC_H
#define TPPROBE_DYNAMIC_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

struct dynamic {
	Elf64_Dyn *entry; /* up to DT_NULL */
	size_t entries;
	char *strings; /* closed by NUL; NULL: none */
	size_t string_bytes;
	bool has_interpreter; /* the dynamic loader starts it */
};

/* 0; -ENOEXEC: it is no such file; -errno. dynamic_fini() when it was 0. */
int dynamic_init(struct dynamic *d, int fd);
void dynamic_fini(struct dynamic *d);
/* A string by its offset; "" outside of the table. */
const char *dynamic_string(const struct dynamic *d, Elf64_Xword offset);
/* The value of the first entry with this tag, 0 if there is none. */
Elf64_Xword dynamic_value(const struct dynamic *d, Elf64_Sxword tag);

#endif
