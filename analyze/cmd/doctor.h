/* SPDX-License-Identifier: MIT */
/*
 * Checks of `tpprobe doctor`: each finds something and gives its verdict.
 */
#ifndef TPPROBE_DOCTOR_H
#define TPPROBE_DOCTOR_H

#include <stddef.h>

enum verdict { VERDICT_ok, VERDICT_warn, VERDICT_no };

struct finding {
	char text[512];
};

/* Writes the sentence and returns the verdict. */
enum verdict doctor_find(struct finding *f, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* First line of a small file; "" when it cannot be read. */
const char *doctor_first_line(const char *path, char *line, size_t size);

/* doctor_patching.c */
enum verdict check_patching(struct finding *f);
enum verdict check_debug_files(struct finding *f);

#endif
