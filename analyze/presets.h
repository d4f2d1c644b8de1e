/* SPDX-License-Identifier: MIT */
/*
 * What presets mean, for help and doctor. The collector and the probe apply them.
 */
#ifndef TPPROBE_PRESETS_H
#define TPPROBE_PRESETS_H

#include <stdbool.h>
#include <stddef.h>

bool preset_is_known(const char *name);
/* "cpu: --sample-ms 20": what preset `number` sets in this version, in text; ""
 * behind the last. */
const char *preset_text(unsigned number, char *text, size_t size);
/* All of them with their reasons, a line for each option. */
void presets_help(void);

#endif
