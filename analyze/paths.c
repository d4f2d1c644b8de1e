/* SPDX-License-Identifier: MIT */
/*
 * Where things lie.
 */
#include "paths.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int path_data_home(char *path, size_t size, const char *name)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int n;

	if (data && *data == '/') {
		n = snprintf(path, size, "%s/tpprobe/%s", data, name);
	} else {
		if (!home || *home != '/') {
			const struct passwd *user = getpwuid(getuid());

			home = user ? user->pw_dir : "/tmp";
		}
		n = snprintf(path, size, "%s/.local/share/tpprobe/%s", home, name);
	}
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int path_make_parents(const char *path)
{
	char part[PATH_MAX];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) && errno != EEXIST) {
			int err = -errno;
			struct stat st;

			if (stat(part, &st) || !S_ISDIR(st.st_mode))
				return err;
		}
		*slash = '/';
	}
	return 0;
}

/* The first of these places, seen from the directory of this program. */
static int beside(char *path, size_t size, const char *const *place)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		return -errno;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (; *place; place++) {
		char found[PATH_MAX];

		if (snprintf(found, sizeof(found), "%s/%s", self, *place) >= (int)sizeof(found) ||
		    access(found, R_OK))
			continue;
		if (!realpath(found, self))
			return -errno;
		return snprintf(path, size, "%s", self) >= (int)size ? -ENAMETOOLONG : 0;
	}
	return -ENOENT;
}

int path_collector(char *path, size_t size)
{
	static const char *const place[] = { "tpprobe-collector",
					     "../libexec/tpprobe/tpprobe-collector", NULL };
	const char *given = getenv("TPPROBE_COLLECTOR");

	if (!given || !*given)
		return beside(path, size, place);
	snprintf(path, size, "%s", given);
	return access(given, X_OK) ? -errno : 0;
}

int path_probe(char *path, size_t size)
{
	static const char *const place[] = { "libtpprobe.so", "../lib/libtpprobe.so", NULL };

	return beside(path, size, place);
}

char *path_absolute(const char *path)
{
	char cwd[PATH_MAX], *absolute;

	absolute = realpath(path, NULL);
	if (absolute)
		return absolute;
	if (*path == '/' || !getcwd(cwd, sizeof(cwd)))
		return strdup(path);
	while (!strncmp(path, "./", 2))
		path += 2;
	return asprintf(&absolute, "%s/%s", cwd, path) < 0 ? NULL : absolute;
}

static int runnable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == EACCES ? -EACCES : -ENOENT;
	return S_ISREG(st.st_mode) && !access(path, X_OK) ? 0 : -EACCES;
}

int path_program(const char *name, char *path, size_t size)
{
	const char *at = getenv("PATH"), *end;
	int result = -ENOENT;

	if (strchr(name, '/')) {
		if (snprintf(path, size, "%s", name) >= (int)size)
			return -ENOENT;
		return runnable(path);
	}
	if (!*name)
		return -ENOENT;
	for (at = at ? at : "/usr/local/bin:/bin:/usr/bin";; at = end + 1) {
		int n, err;

		end = strchrnul(at, ':');
		n = snprintf(path, size, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "./",
			     name);
		if (n > 0 && (size_t)n < size) {
			err = runnable(path);
			if (!err)
				return 0;
			if (err == -EACCES)
				result = err;
		}
		if (!*end)
			return result;
	}
}
