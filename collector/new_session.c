/* SPDX-License-Identifier: MIT */
/* Session directory, arena and link for a launcher: arena.h and session.h say how they look. */
#include "new_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../preload/session.h"
#include "arena_view.h"
#include "options.h"
#include "trace_dir.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define FIRST_RING_BYTES (64u << 10)

static bool file_has(const char *path, const char *word)
{
	char line[8192];
	FILE *f = fopen(path, "re");
	bool has = false;

	while (f && !has && fgets(line, sizeof(line), f))
		has = strstr(line, word) != NULL;
	if (f)
		fclose(f);
	return has;
}

static uint32_t choose_clock(void)
{
	return file_has("/proc/cpuinfo", " constant_tsc") &&
			       file_has("/proc/cpuinfo", " nonstop_tsc") &&
			       file_has("/sys/devices/system/clocksource/clocksource0/"
					"current_clocksource",
					"tsc")
		       ? CLOCK_tsc
		       : CLOCK_raw;
}

/* The probe lies beside the collector in a build folder, and in lib/ when installed. */
static int find_probe(char *path)
{
	static const char *const places[] = {
		"libtpprobe.so",
		"../../lib/libtpprobe.so",
		"../../lib64/libtpprobe.so",
		"../../lib/x86_64-linux-gnu/libtpprobe.so",
	};
	char self[ARENA_PATH_SIZE], try[ARENA_PATH_SIZE + 64], *found;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return -ENOENT;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(try, sizeof(try), "%s/%s", self, places[i]);
		found = realpath(try, NULL);
		if (!found)
			continue;
		if (strlen(found) < ARENA_PATH_SIZE) {
			strcpy(path, found);
			free(found);
			return 0;
		}
		free(found);
	}
	return -ENOENT;
}

static void fill(struct arena_header *h, const struct new_session *n)
{
	struct clock_triple base;

	arena_format(h);
	h->clock = choose_clock();
	h->hide_preload = 1;
	h->started_by_run = 1;
	strcpy(h->trace_dir, n->trace_dir);
	strcpy(h->probe_path, n->probe);
	for (int i = 0; i < n->count; i++)
		options_add(h, n->options[i]);
	options_apply(h);
	if (getrandom(h->session_id, sizeof(h->session_id), 0) != sizeof(h->session_id))
		h->session_id[0] = (uint64_t)getpid();
	base = clock_triple_get(h->clock);
	h->base_ticks = base.ticks;
	h->base_raw_ns = base.raw_ns;
	h->base_real_ns = base.real_ns;
	atomic_store(&h->state, ARENA_OPEN);
}

static bool populate(char *at, uint64_t bytes)
{
	return !madvise(at, bytes, MADV_POPULATE_WRITE) || errno == EINVAL;
}

static int make_arena(const struct new_session *n)
{
	char path[ARENA_PATH_SIZE + 16];
	uint64_t bytes = arena_total_bytes();
	char *base;
	int err = 0, fd;

	snprintf(path, sizeof(path), "%s/%s", n->dir, ARENA_FILE);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)bytes)) { /* SIGXFSZ is ignored */
		err = -errno;
		goto out;
	}
	base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		err = -errno;
		goto out;
	}
	/* Header, owners, the first slot and the beginning of the first ring, or no
	 * session here: a store into a page that cannot be had would kill. */
	if (!populate(base, arena_round_page(sizeof(struct arena_header)) +
				    arena_round_page(ARENA_SLOTS * 8) + 4096) ||
	    !populate(base + arena_rings_offset(), FIRST_RING_BYTES))
		err = -ENOSPC;
	else
		fill((struct arena_header *)base, n);
	munmap(base, bytes);
out:
	if (err)
		unlink(path);
	close(fd);
	return err;
}

static int make_in(struct new_session *n, const char *base)
{
	int err;

	if (!base || base[0] != '/' ||
	    snprintf(n->dir, sizeof(n->dir), "%s/%sXXXXXX", base, SESSION_PREFIX) >=
		    (int)sizeof(n->dir))
		return -ENOENT;
	if (!mkdtemp(n->dir))
		return -errno;
	err = make_arena(n);
	if (err)
		rmdir(n->dir);
	return err;
}

static int make_here(struct new_session *n)
{
	int err;

	if (snprintf(n->dir, sizeof(n->dir), "%s/%s", n->trace_dir, TRACE_SESSION_HERE) >=
	    (int)sizeof(n->dir))
		return -ENAMETOOLONG;
	if (mkdir(n->dir, 0700))
		return -errno;
	err = make_arena(n);
	if (err)
		rmdir(n->dir);
	return err;
}

int new_session_make(struct new_session *n, char *why)
{
	char link[ARENA_PATH_SIZE + 16], path[ARENA_PATH_SIZE + 16];
	int err = find_probe(n->probe);

	if (err) {
		snprintf(why, 256,
			 "libtpprobe.so is neither beside tpprobe-collector nor in the "
			 "lib directory: install tpprobe anew");
		return err;
	}
	if (make_in(n, "/dev/shm") && make_in(n, n->runtime_dir)) {
		err = make_here(n);
		if (err) {
			snprintf(why, 256,
				 "no room for the session in /dev/shm, $XDG_RUNTIME_DIR "
				 "and %.100s: %s",
				 n->trace_dir, strerror(-err));
			return err;
		}
	}
	snprintf(link, sizeof(link), "%s/%s", n->trace_dir, TRACE_SESSION_LINK);
	if (!symlink(n->dir, link))
		return 0;
	err = -errno;
	snprintf(why, 256, "%.200s: %s", link, strerror(-err));
	snprintf(path, sizeof(path), "%s/%s", n->dir, ARENA_FILE);
	unlink(path);
	rmdir(n->dir);
	return err;
}
