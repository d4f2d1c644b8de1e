/* SPDX-License-Identifier: MIT */
/*
 * How the first process makes a session and the later ones join it. Everything
 * by raw system calls, nothing kept open.
 */
#include "meet.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "environment.h"
#include "launch.h"
#include "module.h"
#include "process.h"
#include "session.h"
#include "settings.h"
#include "sys.h"

#define PATH_ROOM ARENA_PATH_SIZE

/* Joins strings into `into`; false when they do not fit. */
static bool join(char *into, size_t room, const char *a, const char *b, const char *c)
{
	size_t na = strlen(a), nb = strlen(b), nc = strlen(c);

	if (na + nb + nc + 1 > room)
		return false;
	memcpy(into, a, na);
	memcpy(into + na, b, nb);
	memcpy(into + na + nb, c, nc + 1);
	return true;
}

static void put_number(char *into, uint64_t number)
{
	char digits[24];
	int n = sizeof(digits);

	digits[--n] = '\0';
	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(into, digits + n, sizeof(digits) - (size_t)n);
}

/* How much of the arena a process with limited address space maps: at most a
 * sixteenth of what it may have, at least header and four rings. */
static uint64_t bytes_to_map(void)
{
	struct rlimit limit;
	uint64_t total = arena_total_bytes(), most;
	uint64_t least = arena_rings_offset() + 4 * (uint64_t)arena_classes[0].ring_bytes;

	if (sys4(SYS_prlimit64, 0, RLIMIT_AS, NULL, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur / 16 >= total)
		return total;
	most = limit.rlim_cur / 16 & ~UINT64_C(4095);
	return most >= least ? most : 0;
}

static uint32_t slots_within(uint64_t bytes)
{
	uint32_t n = 0, ring;

	while (n < ARENA_SLOTS) {
		uint64_t at = arena_ring_place(arena_rings_offset(), n, &ring);

		if (at + ring > bytes)
			break;
		n++;
	}
	return n;
}

/* Does the header describe the arena that this build would make? */
static bool header_fits(const struct arena_header *h, uint64_t file_bytes)
{
	uint64_t owners = arena_round_page(sizeof(*h));
	uint64_t slots = owners + arena_round_page(ARENA_SLOTS * 8);

	return memcmp(h->magic, ARENA_MAGIC, sizeof(h->magic)) == 0 &&
	       h->version == ARENA_VERSION && h->header_bytes == sizeof(*h) &&
	       h->slot_bytes == sizeof(struct slot) && h->slot_count == ARENA_SLOTS &&
	       h->total_bytes == arena_total_bytes() && h->owners_offset == owners &&
	       h->slots_offset == slots && h->rings_offset == arena_rings_offset() &&
	       file_bytes >= h->total_bytes;
}

static bool map_arena(int fd, uint64_t bytes)
{
	long at = sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at < 0 && at > -4096)
		return false;
	probe.arena = (char *)at;
	probe.mapped_bytes = bytes;
	return true;
}

static void unmap_arena(void)
{
	sys2(SYS_munmap, probe.arena, probe.mapped_bytes);
	probe.arena = NULL;
}

/* Maps the arena of an existing session. False: there is none, or it is over. */
static bool join_session(const char *dir)
{
	uint64_t bytes = bytes_to_map();
	char path[PATH_ROOM];
	struct stat st;
	int fd;

	if (strlen(dir) >= sizeof(probe.session_dir) ||
	    !join(path, sizeof(path), dir, "/", ARENA_FILE))
		return false;
	fd = sys_open(path, O_RDWR | O_NOFOLLOW, 0);
	if (fd < 0)
		return false;
	if (sys2(SYS_fstat, fd, &st) != 0 || (uint64_t)st.st_size < arena_total_bytes() || !bytes ||
	    !map_arena(fd, bytes)) {
		sys_close(fd);
		return false;
	}
	sys_close(fd);
	if (!header_fits(probe_header(), (uint64_t)st.st_size) ||
	    atomic_load(&probe_header()->state) == ARENA_CLOSED) {
		unmap_arena();
		return false;
	}
	probe.slots = slots_within(bytes);
	strcpy(probe.session_dir, dir);
	return true;
}

/* A new file of the arena's size. A file size limit would kill us by SIGXFSZ:
 * the soft one is lifted for the moment, a hard one makes us go without. */
static int make_arena_file(const char *path)
{
	struct rlimit limit, lifted;
	int fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	long err;

	if (fd < 0)
		return fd;
	err = sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit);
	if (!err && limit.rlim_cur < arena_total_bytes()) {
		lifted = limit;
		lifted.rlim_cur = limit.rlim_max;
		if (limit.rlim_max < arena_total_bytes())
			err = -EFBIG;
		else
			err = sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, &lifted, NULL);
		if (!err) {
			err = sys2(SYS_ftruncate, fd, arena_total_bytes());
			sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, &limit, NULL);
		}
	} else if (!err) {
		err = sys2(SYS_ftruncate, fd, arena_total_bytes());
	}
	if (!err)
		return fd;
	sys_close(fd);
	sys1(SYS_unlink, path);
	return (int)err;
}

static void remove_session(const char *dir)
{
	char path[PATH_ROOM];

	if (join(path, sizeof(path), dir, "/", ARENA_FILE))
		sys1(SYS_unlink, path);
	sys1(SYS_rmdir, dir);
}

static bool random_name(char *into, size_t room, const char *base)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char random[12];
	char name[sizeof(random) + 1] = "";

	if (sys3(SYS_getrandom, random, sizeof(random), 0) != sizeof(random))
		return false;
	for (unsigned i = 0; i < sizeof(random); i++)
		name[i] = letters[random[i] % (sizeof(letters) - 1)];
	return join(into, room, base, "/" SESSION_PREFIX, name);
}

/* Session directory and arena in `base`; mapped, formatted, not yet open. */
static bool make_session_in(const char *base)
{
	char path[PATH_ROOM];
	uint64_t bytes, slots;
	int fd;

	if (!base || base[0] != '/' ||
	    !random_name(probe.session_dir, sizeof(probe.session_dir), base) ||
	    sys2(SYS_mkdir, probe.session_dir, 0700) != 0)
		return false;
	join(path, sizeof(path), probe.session_dir, "/", ARENA_FILE);
	fd = make_arena_file(path);
	if (fd < 0)
		goto fail;
	bytes = bytes_to_map();
	if (!bytes || !map_arena(fd, bytes)) {
		sys_close(fd);
		goto fail;
	}
	sys_close(fd);
	/* Header and owner words must never be a SIGBUS; and where the first ring
	 * finds no room, another place is tried. */
	slots = arena_round_page(sizeof(struct arena_header)) + arena_round_page(ARENA_SLOTS * 8);
	if (sys3(SYS_madvise, probe.arena, slots + 4096, MADV_POPULATE_WRITE) != 0 ||
	    sys3(SYS_madvise, probe.arena + arena_rings_offset(), 64 << 10, MADV_POPULATE_WRITE) !=
		    0) {
		unmap_arena();
		goto fail;
	}
	arena_format(probe.arena);
	probe.slots = slots_within(bytes);
	return true;
fail:
	remove_session(probe.session_dir);
	return false;
}

static bool path_exists(const char *dir, const char *name)
{
	char path[PATH_ROOM];
	struct stat st;

	return join(path, sizeof(path), dir, "/", name) &&
	       sys4(SYS_newfstatat, AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Nothing but . and .. in there? */
static bool is_empty(const char *dir)
{
	char entries[1024];
	int fd = sys_open(dir, O_RDONLY | O_DIRECTORY, 0);
	long got, seen = 0;

	if (fd < 0)
		return false;
	while ((got = sys3(SYS_getdents64, fd, entries, sizeof(entries))) > 0)
		for (long at = 0; at < got; seen++)
			at += *(unsigned short *)(entries + at + 16);
	sys_close(fd);
	return seen <= 2;
}

/* Joins the session whose link lies in `out`. */
static bool join_by_link(const char *out)
{
	char link[PATH_ROOM], dir[PATH_ROOM];
	long got;

	if (!join(link, sizeof(link), out, "/", ARENA_SESSION_LINK))
		return false;
	got = sys3(SYS_readlink, link, dir, sizeof(dir) - 1);
	if (got <= 0)
		return false;
	dir[got] = '\0';
	return join_session(dir);
}

/* Absolute path of the trace directory that was asked for. */
static bool wanted_directory(char **argv, char **envp, char *out)
{
	const char *wish = environment_get(envp, "TPPROBE_OUT");
	const char *cwd, *program;
	char name[256] = "tpprobe-", pid[24];
	size_t bytes, n;

	cwd = process_cwd(&bytes);
	if (wish && wish[0] == '/')
		return join(out, PATH_ROOM, wish, "", "");
	if (wish && wish[0])
		return join(out, PATH_ROOM, cwd, "/", wish);
	program = argv[0] ? argv[0] : "";
	if (strrchr(program, '/'))
		program = strrchr(program, '/') + 1;
	n = strlen(name);
	for (; *program && n < 200; program++)
		name[n++] = strchr(" ;:*?\n\t", *program) ? '_' : *program;
	name[n++] = '-';
	put_number(pid, (uint64_t)sys0(SYS_getpid));
	memcpy(name + n, pid, strlen(pid) + 1);
	return join(out, PATH_ROOM, cwd, "/", name);
}

/* The same, when its maker may be at work on it: a link that is there is looked at
 * again for a moment. */
static bool join_soon(const char *out)
{
	struct timespec ms = { 0, 1000000 };

	for (int i = 0; i < 20 && path_exists(out, ARENA_SESSION_LINK); i++) {
		if (join_by_link(out))
			return true;
		sys2(SYS_nanosleep, &ms, NULL);
	}
	return false;
}

enum place { PLACE_new, PLACE_joined, PLACE_taken, PLACE_error };

/* What is to be done with this trace directory. */
static enum place look_at(const char *out)
{
	long err = sys2(SYS_mkdir, out, 0700);

	if (!err)
		return PLACE_new;
	if (err != -EEXIST)
		return PLACE_error;
	if (join_by_link(out))
		return PLACE_joined;
	if (is_empty(out))
		return PLACE_new;
	/* Made by somebody who started at the same moment, perhaps since we looked. */
	return join_soon(out) ? PLACE_joined : PLACE_taken;
}

/* The session is ready: the link decides who was first. */
static enum place open_session(const char *out)
{
	char link[PATH_ROOM];
	long err;

	strcpy(probe_header()->trace_dir, out);
	if (!join(link, sizeof(link), out, "/", ARENA_SESSION_LINK))
		return PLACE_error;
	atomic_store(&probe_header()->state, ARENA_OPEN);
	err = sys2(SYS_symlink, probe.session_dir, link);
	return !err ? PLACE_new : err == -EEXIST ? PLACE_taken : PLACE_error;
}

static bool collector_path(char **envp, const char *own, char *into)
{
	const char *given = environment_get(envp, "TPPROBE_COLLECTOR");
	char dir[PATH_ROOM];

	if (given && given[0])
		return join(into, PATH_ROOM, given, "", "");
	strcpy(dir, own);
	*strrchr(dir, '/') = '\0';
	if (join(into, PATH_ROOM, dir, "/" SESSION_COLLECTOR, "") &&
	    sys4(SYS_faccessat, AT_FDCWD, into, X_OK, 0) == 0)
		return true;
	/* lib/ and lib/x86_64-linux-gnu/ both have libexec/ above them */
	if (join(into, PATH_ROOM, dir, "/../libexec/tpprobe/" SESSION_COLLECTOR, "") &&
	    sys4(SYS_faccessat, AT_FDCWD, into, X_OK, 0) == 0)
		return true;
	return join(into, PATH_ROOM, dir, "/../../libexec/tpprobe/" SESSION_COLLECTOR, "") &&
	       sys4(SYS_faccessat, AT_FDCWD, into, X_OK, 0) == 0;
}

/* PLACE_new: made. PLACE_taken: somebody else was quicker. PLACE_error: there is no
 * collector, or no memory. */
static enum place make_session(char **envp, const char *out)
{
	char own[PATH_ROOM], collector[PATH_ROOM];
	enum place place;

	if (!module_own_path(own, sizeof(own)) || !collector_path(envp, own, collector))
		return PLACE_error;
	if (!make_session_in("/dev/shm") &&
	    !make_session_in(environment_get(envp, "XDG_RUNTIME_DIR")) && !make_session_in(out))
		return PLACE_error;
	settings_fill(probe_header(), envp);
	strcpy(probe_header()->probe_path, own);
	place = open_session(out);
	if (place == PLACE_new && launch_collector(collector, probe.session_dir) == 0)
		return PLACE_new;
	if (place == PLACE_new) {
		char link[PATH_ROOM];

		/* Nobody will ever read it: others must not join. */
		atomic_store(&probe_header()->state, ARENA_CLOSED);
		join(link, sizeof(link), out, "/", ARENA_SESSION_LINK);
		sys1(SYS_unlink, link);
		place = PLACE_error;
	}
	remove_session(probe.session_dir);
	unmap_arena();
	return place;
}

/* Raw LD_PRELOAD: the first free one of DIR, DIR.2, DIR.3 … */
static bool meet_by_directory(char **argv, char **envp)
{
	char wish[PATH_ROOM], out[PATH_ROOM], number[24];

	/* Orphans become children of process 1: a collector would be one of the
	 * program's, and die with its namespace. */
	if (sys0(SYS_getpid) == 1 || !wanted_directory(argv, envp, wish))
		return false;
	strcpy(out, wish);
	for (unsigned n = 2; n < 10000; n++) {
		enum place place = look_at(out);

		if (place == PLACE_joined)
			return true;
		if (place == PLACE_error)
			return false;
		if (place == PLACE_new) {
			place = make_session(envp, out);
			if (place == PLACE_new || (place == PLACE_taken && join_soon(out)))
				return true;
			if (place == PLACE_error) {
				sys1(SYS_rmdir, out);
				return false;
			}
		}
		put_number(number, n);
		if (!join(out, sizeof(out), wish, ".", number))
			return false;
	}
	return false;
}

bool meet_session(char **argv, char **envp, uint64_t *parent)
{
	const char *line = environment_get(envp, SESSION_VARIABLE);
	char *end;

	if (!line)
		return meet_by_directory(argv, envp);
	/* 1;FLAGS;PARENT;DIR */
	if (strncmp(line, SESSION_VERSION ";", 2) != 0 || !line[2])
		return false;
	probe.preload_added = line[2] == 'p';
	line = strchr(line + 2, ';');
	if (!line)
		return false;
	*parent = strtoull(line + 1, &end, 16);
	return *end == ';' && join_session(end + 1);
}
