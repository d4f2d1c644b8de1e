/* SPDX-License-Identifier: MIT */
/* Sanitized programs. */
#ifndef TPPROBE_SANITIZER_H
#define TPPROBE_SANITIZER_H

/* First thing in the constructor: before anything can reach the sanitizer's heap. */
void sanitizer_start(void);

#endif
