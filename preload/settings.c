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

void settings_fill(struct arena_header *h, char **envp)
{
	const char *value;

	for (; envp && *envp; envp++) {
		size_t n = strlen(*envp) + 1;

		if (strncmp(*envp, "TPPROBE_", 8) != 0 ||
		    strncmp(*envp, SESSION_VARIABLE "=", sizeof(SESSION_VARIABLE)) == 0 ||
		    h->options_bytes + n > ARENA_OPTIONS_SIZE)
			continue;
		memcpy(h->options + h->options_bytes, *envp, n);
		h->options_bytes += (uint32_t)n;
	}
	value = settings_get(h, "TPPROBE_LEVEL");
	h->level = value && strcmp(value, "counters") == 0 ? LEVEL_counters : LEVEL_trace;
	value = settings_get(h, "TPPROBE_WHEN_FULL");
	h->when_drop = value && strcmp(value, "drop") == 0;
	value = settings_get(h, "TPPROBE_WAIT_MS");
	h->wait_ms =
		value && *value >= '0' && *value <= '9' ? (uint32_t)strtoul(value, NULL, 10) : 5000;
	value = settings_get(h, "TPPROBE_FOLLOW");
	h->follow_no = value && strcmp(value, "no") == 0;
	sys3(SYS_getrandom, h->session_id, sizeof(h->session_id), 0);
	read_clocks(h);
}
