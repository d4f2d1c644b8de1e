/* SPDX-License-Identifier: MIT */
/*
 * What the words in a function's name say about it: words.def.
 */
#ifndef TPPROBE_WORDS_H
#define TPPROBE_WORDS_H

#include <stddef.h>

#define WORD_ROOM 24

/* Points for the words of a name, split at `_`, `::` and capitals: the best and the worst
 * of them together. `best` (WORD_ROOM bytes): the one that spoke for it; "" when none did. */
int words_score(const char *name, char *best);

#endif
