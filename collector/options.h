/* SPDX-License-Identifier: MIT */
/* The capture options of a session: NAME=value texts against preload/options.def. */
#ifndef TPPROBE_OPTIONS_H
#define TPPROBE_OPTIONS_H

#include <jansson.h>
#include <stdint.h>

#include "../preload/arena.h"
#include "session_log.h"

/* The value of TPPROBE_…, or NULL. */
const char *options_get(const struct arena_header *h, const char *variable);
/* A number, when it is one. */
uint64_t options_number(const struct arena_header *h, const char *variable, uint64_t otherwise);

/* A number of bytes, with k, M or G behind it; 0: not given, or not to be read. */
uint64_t options_bytes(const struct arena_header *h, const char *variable);

/* Notes what is unknown, does not fit, or is not built yet. */
void options_check(const struct arena_header *h, struct session_log *log);

/* "options", "name", "env", "stage", "labels" of the manifest. */
void options_tell(const struct arena_header *h, json_t *manifest);

/* Sets the header's fields that the hooks read, from its options[]. */
void options_apply(struct arena_header *h);

/* Adds one NAME=value. -E2BIG: no room. */
int options_add(struct arena_header *h, const char *text);

#endif
