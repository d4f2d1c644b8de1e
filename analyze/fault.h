/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, in one sentence for the user. The parts below the commands
 * never print: they fill a fault, return -errno, and the command speaks.
 */
#ifndef TPPROBE_FAULT_H
#define TPPROBE_FAULT_H

struct fault {
	char text[1024]; /* "" while nothing went wrong */
};

/* Writes the sentence and returns `err`, so that `return fault_set(…)` works. */
int fault_set(struct fault *fault, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
