/* SPDX-License-Identifier: MIT */
/*
 * Presets, made from preload/presets.def.
 */
#include "presets.h"

#include <stdio.h>
#include <string.h>

#include "capture.h"

static const struct preset_row {
	const char *preset;
	enum capture_id option;
	const char *value, *why;
} presets[] = {
#define PRESET(preset, option, value, why) { #preset, CAPTURE_##option, value, why },
#include "preload/presets.def"
#undef PRESET
};
#define PRESETS (sizeof(presets) / sizeof(presets[0]))

bool preset_is_known(const char *value)
{
	for (unsigned i = 0; i < PRESETS; i++)
		if (!strcmp(presets[i].preset, value))
			return true;
	return false;
}

const char *preset_text(unsigned number, char *text, size_t size)
{
	const char *preset = NULL;
	size_t n = 0;

	*text = '\0';
	for (unsigned i = 0; i < PRESETS; i++) {
		const struct capture_info *info = &capture_info[presets[i].option];

		if (i && !strcmp(presets[i].preset, presets[i - 1].preset)) {
			if (!preset)
				continue;
		} else if (preset) {
			break;
		} else if (!number--) {
			preset = presets[i].preset;
			n += (size_t)snprintf(text, size, "%s:", preset);
		}
		if (preset && info->is_built && n < size)
			n += (size_t)snprintf(text + n, size - n, " %s %s",
					      *info->option ? info->option : info->variable,
					      presets[i].value);
	}
	return text;
}

void presets_help(void)
{
	puts("\nPresets (what is given explicitly wins):");
	for (unsigned i = 0; i < PRESETS; i++) {
		const struct capture_info *info = &capture_info[presets[i].option];
		char left[64];

		if (!info->is_built)
			continue;
		snprintf(left, sizeof(left), "%s %s", *info->option ? info->option : info->variable,
			 presets[i].value);
		printf("  %-7s %-24s %s\n", presets[i].preset, left, presets[i].why);
	}
}
