/* SPDX-License-Identifier: MIT */
/* Fills an arena's header from the environment of the first process. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "session.h"
#include "sys.h"

const char *settings_get(const struct arena_header *h, const char *name)
{
	size_t n = strlen(name);
	uint32_t bytes = h->options_bytes;

	if (bytes > ARENA_OPTIONS_SIZE)
		return NULL;
	for (uint32_t at = 0; at < bytes;) {
		const char *line = h->options + at;

		if (strncmp(line, name, n) == 0 && line[n] == '=')
			return line + n + 1;
		at += (uint32_t)strnlen(line, bytes - at) + 1;
	}
	return NULL;
}

/* The kernel trusts the counter when it is its own clock and says so. */
static bool tsc_is_trusted(void)
{
	char text[16384];

	if (sys_slurp("/sys/devices/system/clocksource/clocksource0/current_clocksource", text,
		      sizeof(text)) >= 3 &&
	    strncmp(text, "tsc", 3) == 0)
		return true;
	return sys_slurp("/proc/cpuinfo", text, 4096) > 0 && strstr(text, "constant_tsc") &&
	       strstr(text, "nonstop_tsc");
}

static void read_clocks(struct arena_header *h)
{
	uint64_t best = ~UINT64_C(0);

	h->clock = tsc_is_trusted() ? CLOCK_tsc : CLOCK_raw;
	for (int i = 0; i < 5; i++) {
		uint64_t before = clock_tsc();
		uint64_t raw = clock_ns(CLOCK_MONOTONIC_RAW);
		uint64_t real = clock_ns(CLOCK_REALTIME);
		uint64_t after = clock_tsc();

		if (after - before >= best)
			continue;
		best = after - before;
		h->base_ticks = h->clock == CLOCK_tsc ? before + (after - before) / 2 : raw;
		h->base_raw_ns = raw;
		h->base_real_ns = real;
	}
}

static const struct preset_row {
	const char *preset, *option, *value;
} presets[] = {
#define PRESET(preset, option, value, why) { #preset, #option, value },
#include "presets.def"
#undef PRESET
};

static const struct option_row {
	const char *id, *variable;
	bool is_built;
} options[] = {
#define IS_BUILT true
#define IS_LATER false
#define OPTION(id, name, argument, variable, kind, otherwise, state, help)                         \
	{ #id, variable, IS_##state },
#include "options.def"
#undef OPTION
};

static void add(struct arena_header *h, const char *name, const char *value)
{
	size_t n = strlen(name), m = strlen(value) + 1;
	char *at = h->options + h->options_bytes;

	if (h->options_bytes + n + 1 + m > ARENA_OPTIONS_SIZE)
		return;
	memcpy(at, name, n);
	at[n] = '=';
	memcpy(at + n + 1, value, m);
	h->options_bytes += (uint32_t)(n + 1 + m);
}

/* The collector says so. */
static void leave_out(struct arena_header *h, const char *text)
{
	char name[64];
	size_t n = strcspn(text, "=");

	if (n >= sizeof(name))
		return;
	memcpy(name, text, n);
	name[n] = '\0';
	add(h, ARENA_LEFT_OUT, name);
}

/* What the preset says and nobody has said explicitly. */
static void add_preset(struct arena_header *h)
{
	const char *preset = settings_get(h, "TPPROBE_PRESET");

	for (unsigned i = 0; preset && i < sizeof(presets) / sizeof(presets[0]); i++)
		for (unsigned k = 0; k < sizeof(options) / sizeof(options[0]); k++)
			if (strcmp(presets[i].preset, preset) == 0 &&
			    strcmp(presets[i].option, options[k].id) == 0 && options[k].is_built &&
			    !settings_get(h, options[k].variable))
				add(h, options[k].variable, presets[i].value);
}

/* The collector says what is wrong with a value that is none. */
static uint32_t number_of(const char *text, uint32_t otherwise)
{
	char *end;
	unsigned long number;

	if (!text || *text < '0' || *text > '9')
		return otherwise;
	number = strtoul(text, &end, 10);
	return *end || number > UINT32_MAX ? otherwise : (uint32_t)number;
}

void settings_fill(struct arena_header *h, char **envp)
{
	const char *value;

	for (; envp && *envp; envp++) {
		size_t n = strlen(*envp) + 1;

		if (strncmp(*envp, "TPPROBE_", 8) != 0 ||
		    strncmp(*envp, SESSION_VARIABLE "=", sizeof(SESSION_VARIABLE)) == 0)
			continue;
		if (h->options_bytes + n > ARENA_OPTIONS_SIZE - ARENA_LEFT_OUT_ROOM) {
			leave_out(h, *envp);
			continue;
		}
		memcpy(h->options + h->options_bytes, *envp, n);
		h->options_bytes += (uint32_t)n;
	}
	add_preset(h);
	value = settings_get(h, "TPPROBE_LEVEL");
	h->level = value && strcmp(value, "counters") == 0 ? LEVEL_counters : LEVEL_trace;
	value = settings_get(h, "TPPROBE_WHEN_FULL");
	h->when_drop = value && strcmp(value, "drop") == 0;
	h->wait_ms = number_of(settings_get(h, "TPPROBE_WAIT_MS"), 5000);
	value = settings_get(h, "TPPROBE_FOLLOW");
	h->follow_no = value && strcmp(value, "no") == 0;
	h->wants_plans = settings_get(h, "TPPROBE_TASKS") || settings_get(h, "TPPROBE_EVENT") ||
			 settings_get(h, "TPPROBE_METRICS");
	sys3(SYS_getrandom, h->session_id, sizeof(h->session_id), 0);
	read_clocks(h);
}
