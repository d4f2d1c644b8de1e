/* SPDX-License-Identifier: MIT */
/* `--finish DIR`: what still lies in the rings goes into the trace, then it is complete. */
#include "finish.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "independent.h"
#include "session.h"
#include "trace_dir.h"

#define EXIT_UNREADABLE 2

static int fail(const char *dir, const char *why)
{
	fprintf(stderr, "tpprobe-collector: %s: %s\n", dir, why);
	return EXIT_UNREADABLE;
}

/* What the segments hold already: the last manifest may be a second older. */
static void count_block(struct session *s, const struct block *block)
{
	s->events_before += block->count;
	for (uint32_t i = 0; i < block->count; i++)
		if (block->events[i].type && block->events[i].type < COLLECTED_FIRST)
			s->recorded_before[event_class_get(block->events[i].type)]++;
}

static void count_segment(struct session *s, const char *path)
{
	struct segment_reader *reader;
	struct block block;
	struct stat st;
	int got;

	if (segment_open(path, &reader, NULL))
		return;
	s->segments_before++;
	if (segment_header_get(reader)->number > s->number_before)
		s->number_before = segment_header_get(reader)->number;
	while ((got = segment_next(reader, &block)))
		if (got > 0)
			count_block(s, &block);
		else if (got != -EBADMSG)
			break;
	segment_close(reader);
	if (!stat(path, &st))
		s->bytes_before += (uint64_t)st.st_size;
}

/* What was recorded and has left the trace since. */
static void count_window(struct session *s, const json_t *window)
{
	const json_t *dropped = json_object_get(window, "dropped");

	for (unsigned c = 0; c < CLASS_COUNT; c++)
		s->recorded_before[c] += (uint64_t)json_integer_value(
			json_object_get(dropped, manifest_class_name[c]));
}

static void count_before(struct session *s, const char *trace_dir)
{
	char path[PATH_MAX + 300];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", trace_dir, TRACE_SEGMENTS);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s/%s", trace_dir, TRACE_SEGMENTS, entry->d_name);
		if (entry->d_name[0] != '.')
			count_segment(s, path);
	}
	if (dir)
		closedir(dir);
	snprintf(path, sizeof(path), "%s/%s", trace_dir, TRACE_MANIFEST);
	s->manifest_before = json_load_file(path, 0, NULL);
	if (s->manifest_before) {
		s->raw_before = (uint64_t)json_integer_value(
			json_object_get(s->manifest_before, "raw_bytes"));
		s->torn_before = (uint64_t)json_integer_value(
			json_object_get(s->manifest_before, "torn_cells"));
		count_window(s, json_object_get(s->manifest_before, "window"));
	}
}

/* The rings are gone (a reboot, or somebody cleaned /dev/shm): what was written is all. */
static int finish_without_rings(const char *dir)
{
	char path[PATH_MAX + 64], link[PATH_MAX + 64];
	json_t *manifest, *notes;
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, TRACE_MANIFEST);
	snprintf(link, sizeof(link), "%s/%s", dir, TRACE_SESSION_LINK);
	manifest = json_load_file(path, 0, NULL);
	if (!manifest)
		return fail(dir, "its session is gone and nothing was written: remove it");
	json_object_set_new(manifest, "state", json_string("complete"));
	notes = json_object_get(manifest, "notes");
	json_array_append_new(notes, json_string("the collector died and the rings are gone: the "
						 "end of the trace is missing"));
	err = json_dump_file(manifest, path, JSON_INDENT(1));
	json_decref(manifest);
	if (err)
		return fail(dir, "the manifest cannot be written");
	unlink(link);
	return 0;
}

static int drain_orphan(const char *dir, const char *session_dir)
{
	static struct session session; /* too large for a stack */
	char why[256];
	int err;

	count_before(&session, dir);
	err = session_open(&session, session_dir, NULL, true, why);
	if (err) {
		session_close(&session);
		return err == -ENOENT ? finish_without_rings(dir) : fail(dir, why);
	}
	/* Whoever still runs stops writing; it was not heard since the collector died. */
	atomic_store(&session.arena.header->collector_gone, 1);
	session_log_note(&session.log, "the collector died: the session was finished by hand");
	err = session_run(&session);
	session_close(&session);
	json_decref(session.manifest_before);
	return err ? fail(dir, strerror(-err)) : 0;
}

int finish_main(const char *trace_dir)
{
	char dir[PATH_MAX], link[PATH_MAX + 16], session_dir[PATH_MAX];
	enum trace_state state;
	ssize_t n;
	int err;

	if (!realpath(trace_dir, dir))
		return fail(trace_dir, strerror(errno));
	err = trace_dir_state(dir, &state);
	if (err)
		return fail(trace_dir, strerror(-err));
	switch (state) {
	case TRACE_finished:
		return 0;
	case TRACE_live:
		return fail(trace_dir, "its session is still being collected");
	case TRACE_newer:
		return fail(trace_dir, "written by a newer tpprobe");
	case TRACE_orphaned:
		break;
	default:
		return fail(trace_dir, "not a trace directory");
	}
	become_independent();
	snprintf(link, sizeof(link), "%s/%s", dir, TRACE_SESSION_LINK);
	n = readlink(link, session_dir, sizeof(session_dir) - 1);
	if (n <= 0)
		return finish_without_rings(dir);
	session_dir[n] = 0;
	return drain_orphan(dir, session_dir);
}
