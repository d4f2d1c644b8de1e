/* SPDX-License-Identifier: MIT */
/* Names against patterns as fnmatch does it, without its locale and its memory. */
#ifndef TPPROBE_GLOB_H
#define TPPROBE_GLOB_H

#include <stdbool.h>

/* `*` any run of characters, `?` any one, `[a-c]` `[!a-c]` one of a set, `\` takes
 * the next as it is; `*` crosses `/`. Needs no memory and no recursion. */
bool glob_match(const char *pattern, const char *text);

#endif
