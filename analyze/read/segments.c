/* SPDX-License-Identifier: MIT */
/*
 * The segment files of a trace, one after the other.
 */
#include "segments.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/trace_dir.h"

/* Shorter than this no file has a whole header. */
#define SEGMENT_HEADER_LEAST 64
/* More damaged frames than this in one file: the rest of it is given up. */
#define DAMAGED_FRAMES_MAX 10000

static int number_compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* 17 for "0017.tps", 0 for any other name. */
static unsigned number_of(const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	return end - name >= 4 && !strcmp(end, ".tps") && number <= UINT_MAX ? number : 0;
}

static int list_files(struct segments *s, struct fault *fault)
{
	char path[PATH_MAX];
	struct dirent *entry;
	unsigned room = 0;
	DIR *dir;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", s->dir, TRACE_SEGMENTS);
	dir = opendir(path);
	if (!dir && errno == ENOENT)
		return 0; /* nothing was written: a trace without events */
	if (!dir)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	while ((entry = readdir(dir))) {
		unsigned number = number_of(entry->d_name);

		if (!number)
			continue;
		if (s->count == room) {
			unsigned *more = realloc(s->number, (room = room * 2 + 16) * sizeof(*more));

			if (!more) {
				err = -ENOMEM;
				break;
			}
			s->number = more;
		}
		s->number[s->count++] = number;
	}
	closedir(dir);
	if (s->count)
		qsort(s->number, s->count, sizeof(*s->number), number_compare);
	return err;
}

static int open_next(struct segments *s, struct stream_facts *facts, struct fault *fault)
{
	char path[PATH_MAX];
	uint32_t version = 0;
	struct stat st;
	int err;

	snprintf(path, sizeof(path), "%s/%s/%04u.tps", s->dir, TRACE_SEGMENTS, s->number[s->at]);
	err = segment_open(path, &s->reader, &version);
	if (err == -EPROTONOSUPPORT)
		return fault_set(fault, err, "%s: format version %u, this tpprobe reads up to %u",
				 path, version, SEGMENT_VERSION);
	/* A file that was begun and never got its header: cut off before its first
	 * byte, or the newest one of a trace that is being written. */
	if (err == -EBADMSG && !stat(path, &st) && st.st_size < SEGMENT_HEADER_LEAST) {
		facts->empty_files++;
		return 0;
	}
	/* It was there when the folder was listed: a flight recorder lets the oldest go
	 * (collector/flight.h) while it records. */
	if (err == -ENOENT) {
		facts->gone_files++;
		return 0;
	}
	if (err == -EBADMSG)
		return fault_set(fault, err, "%s: not a segment of a trace", path);
	if (err)
		return fault_set(fault, err, "%s: %s", path, strerror(-err));
	if (!facts->segments++)
		facts->header = *segment_header_get(s->reader);
	else if (memcmp(facts->header.session_id, segment_header_get(s->reader)->session_id,
			sizeof(facts->header.session_id)))
		return fault_set(fault, -EBADMSG, "%s: belongs to another trace", path);
	return 0;
}

int segments_open(struct segments *s, const char *dir, struct stream_facts *facts,
		  struct fault *fault)
{
	int err;

	*s = (struct segments){ .dir = strdup(dir) };
	if (!s->dir)
		return fault_set(fault, -ENOMEM, "out of memory");
	err = list_files(s, fault);
	if (!err && s->count)
		err = open_next(s, facts, fault);
	if (err)
		segments_fini(s);
	return err;
}

int segments_next(struct segments *s, struct block *block, struct stream_facts *facts,
		  struct fault *fault)
{
	unsigned damaged = 0;

	while (s->at < s->count) {
		int got = s->reader ? segment_next(s->reader, block) : 0;

		if (got > 0)
			return 1;
		if (got == -EBADMSG && damaged++ < DAMAGED_FRAMES_MAX) {
			facts->damaged_frames++;
			continue;
		}
		if (got < 0 && got != -EBADMSG)
			return fault_set(fault, got, "%s: segment %u: %s", s->dir, s->number[s->at],
					 strerror(-got));
		if (s->reader)
			facts->cut_bytes += segment_cut(s->reader);
		segment_close(s->reader);
		s->reader = NULL;
		damaged = 0;
		if (++s->at < s->count) {
			int err = open_next(s, facts, fault);

			if (err)
				return err;
		}
	}
	return 0;
}

void segments_fini(struct segments *s)
{
	segment_close(s->reader);
	free(s->number);
	free(s->dir);
	*s = (struct segments){ 0 };
}
