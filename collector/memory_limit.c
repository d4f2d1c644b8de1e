/* SPDX-License-Identifier: MIT */
/*
 *	/proc/PID/cgroup	0::/a/b			v2: memory.max
 *				4:memory:/a/b		v1: memory.limit_in_bytes
 *	mountinfo		… ROOT MOUNT … - cgroup2 …
 *
 * The directory is MOUNT and what is left of the path without ROOT (in a container
 * the host's part of the path may be mounted away).
 */
#include "memory_limit.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_LIMIT (UINT64_C(1) << 60) /* v1 says about 2^63 when there is none */

static uint64_t read_limit(const char *dir, const char *file)
{
	char path[PATH_MAX + 64], line[64] = "";
	uint64_t bytes = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		bytes = strtoull(line, NULL, 10); /* "max": 0 */
	if (f)
		fclose(f);
	return bytes < NO_LIMIT ? bytes : 0;
}

/* From the cgroup's own directory up to the mount point. */
static uint64_t smallest(const char *mount, const char *below, const char *file)
{
	char dir[PATH_MAX];
	size_t top = strlen(mount);
	uint64_t least = 0;

	if (snprintf(dir, sizeof(dir), "%s%s", mount, below) >= (int)sizeof(dir))
		return 0;
	for (;;) {
		uint64_t bytes = read_limit(dir, file);
		char *slash = strrchr(dir, '/');

		if (bytes && (!least || bytes < least))
			least = bytes;
		if (strlen(dir) <= top || !slash)
			return least;
		*slash = '\0';
	}
}

/* Is `word` one of the words of a comma-separated list? */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/* The next line of a text, copied; NULL at the end. */
static const char *next_line(const char *at, char *line, size_t room)
{
	size_t n = strcspn(at, "\n");

	if (!*at)
		return NULL;
	snprintf(line, room, "%.*s", (int)n, at);
	return at + n + (at[n] == '\n');
}

/* The path of the cgroup that has the memory controller, as v1 or v2 tells it. */
static bool find_path(const char *cgroups, bool is_v2, char *path, size_t room)
{
	char line[PATH_MAX + 256];

	while ((cgroups = next_line(cgroups, line, sizeof(line)))) {
		char *names = strchr(line, ':'), *behind = names ? strchr(names + 1, ':') : NULL;

		if (!behind)
			continue;
		*behind++ = '\0';
		if (is_v2 ? strcmp(line, "0:") : !has_word(names + 1, "memory"))
			continue;
		snprintf(path, room, "%s", behind);
		return true;
	}
	return false;
}

static uint64_t find_mounted(const char *mounts, const char *path, bool is_v2)
{
	char line[4 * PATH_MAX], root[PATH_MAX], mount[PATH_MAX], type[64], super[1024];
	uint64_t least = 0;

	while (!least && (mounts = next_line(mounts, line, sizeof(line)))) {
		const char *tail = strstr(line, " - ");
		size_t n;

		if (!tail || sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) != 2 ||
		    sscanf(tail, " - %63s %*s %1023s", type, super) != 2)
			continue;
		if (strcmp(type, is_v2 ? "cgroup2" : "cgroup") ||
		    (!is_v2 && !has_word(super, "memory")))
			continue;
		n = strcmp(root, "/") ? strlen(root) : 0;
		if (n && (strncmp(path, root, n) || (path[n] && path[n] != '/')))
			n = strlen(path); /* not below what is mounted: its top is all we see */
		least = smallest(mount, strcmp(path + n, "/") ? path + n : "",
				 is_v2 ? "memory.max" : "memory.limit_in_bytes");
	}
	return least;
}

/* The controller is in one of the two hierarchies. */
uint64_t memory_limit_find(const char *cgroups, const char *mounts)
{
	char path[PATH_MAX];
	uint64_t bytes = 0;

	if (find_path(cgroups, false, path, sizeof(path)))
		bytes = find_mounted(mounts, path, false);
	if (!bytes && find_path(cgroups, true, path, sizeof(path)))
		bytes = find_mounted(mounts, path, true);
	return bytes;
}

static char *slurp(const char *path)
{
	char *text = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "re");

	if (f && getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

uint64_t memory_limit_get(uint32_t pid)
{
	char path[64], *cgroups, *mounts;
	uint64_t bytes = 0;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	cgroups = slurp(path);
	mounts = slurp("/proc/self/mountinfo");
	if (cgroups && mounts)
		bytes = memory_limit_find(cgroups, mounts);
	free(cgroups);
	free(mounts);
	return bytes;
}
