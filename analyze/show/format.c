/* SPDX-License-Identifier: MIT */
/*
 * Numbers and names for people.
 */
#include "format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../json_out.h"

const char *format_seconds(char *t, double s)
{
	if (!isfinite(s))
		return strcpy(t, "-");
	if (s == 0)
		return strcpy(t, "0 s");
	if (fabs(s) < 0.9995e-6)
		snprintf(t, FORMAT_SIZE, "%.0f ns", s * 1e9);
	else if (fabs(s) < 0.001)
		snprintf(t, FORMAT_SIZE, "%.0f us", s * 1e6);
	else if (fabs(s) < 1)
		snprintf(t, FORMAT_SIZE, "%.*f ms", fabs(s) < 0.01 ? 1 : 0, s * 1e3);
	else if (fabs(s) < 100)
		snprintf(t, FORMAT_SIZE, "%.2f s", s);
	else if (fabs(s) < 3600)
		snprintf(t, FORMAT_SIZE, "%.0fm%02.0fs", floor(s / 60), fmod(floor(s), 60));
	else
		snprintf(t, FORMAT_SIZE, "%.0fh%02.0fm", floor(s / 3600), fmod(floor(s / 60), 60));
	return t;
}

static const char *scaled(char *t, double x, double base, const char *gap, const char *unit)
{
	static const char prefix[] = " KMGTPE";
	int i = 0;

	if (!isfinite(x))
		return strcpy(t, "-");
	while (fabs(x) >= base && prefix[i + 1]) {
		x /= base;
		i++;
	}
	if (!i)
		snprintf(t, FORMAT_SIZE, "%.0f%s%s", x, gap, unit + (*unit == 'i'));
	else
		snprintf(t, FORMAT_SIZE, "%.*f%s%c%s", fabs(x) < 100 ? 1 : 0, x, gap, prefix[i],
			 unit);
	return t;
}

const char *format_bytes(char *t, double bytes)
{
	return scaled(t, bytes, 1024, " ", "iB");
}

const char *format_short_bytes(char *t, double bytes)
{
	return scaled(t, bytes, 1024, "", "");
}

const char *format_count(char *t, double count)
{
	if (!isfinite(count))
		return strcpy(t, "-");
	if (fabs(count) < 100000) {
		snprintf(t, FORMAT_SIZE, "%.0f", count);
		return t;
	}
	return scaled(t, count, 1000, "", "");
}

const char *format_share(char *t, double part, double whole)
{
	if (!isfinite(part) || !(whole > 0))
		return strcpy(t, "-");
	if (part / whole < 0.005)
		return strcpy(t, "");
	snprintf(t, FORMAT_SIZE, "%.0f%%", 100 * part / whole);
	return t;
}

const char *format_percent(char *t, double share)
{
	if (!isfinite(share))
		return strcpy(t, "-");
	snprintf(t, FORMAT_SIZE, "%.0f%%", 100 * share);
	return t;
}

const char *format_ratio(char *t, double number)
{
	if (!isfinite(number))
		return strcpy(t, "-");
	snprintf(t, FORMAT_SIZE, "%.2f", number);
	return t;
}

const char *format_safe(char *out, size_t room, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t left = strlen(text), n = 0;

	while (left) {
		unsigned bytes = utf8_length(s, left);
		/* C0, DEL, and C1 (U+0080..U+009F), which some terminals obey as well. */
		int is_control = bytes == 1   ? *s < 0x20 || *s == 0x7f
				 : bytes == 2 ? s[0] == 0xc2 && s[1] < 0xa0
					      : 0;
		size_t need = !bytes ? 3 : is_control ? 4 : bytes;

		if (n + need >= room)
			break;
		if (!bytes)
			memcpy(out + n, "\xef\xbf\xbd", 3);
		else if (is_control)
			snprintf(out + n, room - n, "\\x%02x", bytes == 1 ? s[0] : s[1]);
		else
			memcpy(out + n, s, bytes);
		n += need;
		s += bytes ? bytes : 1;
		left -= bytes ? bytes : 1;
	}
	out[n] = '\0';
	return out;
}

const char *format_path(char *out, size_t room, const char *path)
{
	size_t bytes = strlen(path);
	const char *end, *slash;

	if (bytes <= FORMAT_PATH)
		return format_safe(out, room, path);
	end = path + bytes - (FORMAT_PATH - 3);
	slash = strchr(end, '/');
	if (slash && slash[1])
		end = slash; /* whole names, when there is one that is short enough */
	while (((unsigned char)*end & 0xc0) == 0x80)
		end++;
	memcpy(out, "...", 3);
	format_safe(out + 3, room - 3, end);
	return out;
}
