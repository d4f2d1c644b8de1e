/* SPDX-License-Identifier: MIT */
/* Old segments go, their tasks stay. */
#include "flight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "thin.h"

#define ROLL_SHARE 8		     /* files that the cap is divided into */
#define ROLL_MAX (UINT64_C(8) << 20) /* thinning one takes some 20 ms: rings must not fill */
#define EVENT_BYTES 8		     /* on disk at most, or nearly */
#define THIN_SHARE 4		     /* of the cap, then it is squeezed */
#define FRESH "thin.new"

void flight_init(struct flight *f, const char *dir, const struct segment_header *header,
		 uint64_t cap_bytes)
{
	memset(f, 0, sizeof(*f));
	f->dir = dir;
	f->header = *header;
	f->first_stamp = f->open.first_stamp = UINT64_MAX;
	f->roll_bytes = SEGMENT_ROLL_BYTES;
	f->cycle_events = SEGMENT_CYCLE_EVENTS;
	if (!cap_bytes)
		return;
	f->cap_bytes = cap_bytes > FLIGHT_LEAST_BYTES ? cap_bytes : FLIGHT_LEAST_BYTES;
	f->roll_bytes = f->cap_bytes / ROLL_SHARE;
	if (f->roll_bytes > ROLL_MAX)
		f->roll_bytes = ROLL_MAX;
	if (f->roll_bytes / EVENT_BYTES < f->cycle_events)
		f->cycle_events = f->roll_bytes / EVENT_BYTES;
	f->squeeze_at = f->cap_bytes / THIN_SHARE;
}

static void path_of(const struct flight *f, uint64_t number, char *path, size_t room)
{
	snprintf(path, room, "%s/%04llu.tps", f->dir, (unsigned long long)number);
}

static void forget(struct flight_file *file)
{
	free(file->kept_at);
	*file = (struct flight_file){ .first_stamp = UINT64_MAX };
}

static bool remember_block(struct flight_file *file, uint64_t offset)
{
	if (file->kept == file->room) {
		uint32_t room = file->room ? file->room * 2 : 64;
		uint64_t *more = realloc(file->kept_at, room * sizeof(*more));

		if (!more)
			return false;
		file->kept_at = more;
		file->room = room;
	}
	file->kept_at[file->kept++] = offset;
	return true;
}

void flight_wrote(struct flight *f, const struct batch *b, uint64_t offset)
{
	struct flight_file *file = &f->open;
	uint32_t kept = 0;

	if (!f->cap_bytes)
		return;
	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		if (thin_keeps(e->type)) {
			kept++;
			file->recorded[event_class_get(e->type)] += e->type < COLLECTED_FIRST;
			continue;
		}
		file->recorded[event_class_get(e->type)]++;
		if (e->stamp < file->first_stamp)
			file->first_stamp = e->stamp;
		if (e->stamp > file->last_stamp)
			file->last_stamp = e->stamp;
	}
	if (kept && !remember_block(file, offset))
		f->append_error = ENOMEM;
}

void flight_closed(struct flight *f, uint64_t number)
{
	char path[1200];
	struct stat st;

	if (!f->cap_bytes)
		return;
	if (f->count == f->room) {
		uint32_t room = f->room ? f->room * 2 : 32;
		struct flight_file *files = realloc(f->files, room * sizeof(*files));

		if (!files) {
			forget(&f->open);
			return; /* this one stays for good */
		}
		f->files = files;
		f->room = room;
	}
	path_of(f, number, path, sizeof(path));
	f->open.number = number;
	f->open.bytes = stat(path, &st) ? 0 : (uint64_t)st.st_size;
	f->files_bytes += f->open.bytes;
	f->files[f->count++] = f->open;
	f->open = (struct flight_file){ .first_stamp = UINT64_MAX };
}

uint64_t flight_bytes(const struct flight *f)
{
	return f->files_bytes + (f->thin ? segment_writer_bytes(f->thin) : 0);
}

/* A new thin file beside the segments; it gets its name when it is whole. */
static int open_fresh(struct flight *f, char *path, size_t room, struct segment_writer **out)
{
	struct segment_header header = f->header;

	header.number = f->thin_number;
	snprintf(path, room, "%s/%s", f->dir, FRESH);
	unlink(path);
	return segment_writer_open(path, &header, out);
}

static void tell_stamps(struct flight *f, uint64_t first, uint64_t last)
{
	if (first < f->first_stamp)
		f->first_stamp = first;
	if (last > f->last_stamp)
		f->last_stamp = last;
}

static void tell(struct flight *f, const struct flight_file *file, const struct thin *t)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		f->dropped[c] += file->recorded[c] - t->kept[c];
	tell_stamps(f, file->first_stamp, file->last_stamp);
}

/* The first segment to go is replaced by its thin self in one step. */
static int drop_first(struct flight *f, const struct flight_file *file, const char *path,
		      struct segment_reader *r)
{
	struct segment_writer *writer;
	char fresh[1200];
	struct thin t;
	int err;

	f->thin_number = file->number;
	err = open_fresh(f, fresh, sizeof(fresh), &writer);
	if (err)
		return err;
	thin_init(&t, THIN_tasks, writer);
	err = thin_copy_at(&t, r, file->kept_at, file->kept);
	if (err && err != -EBADMSG)
		goto fail;
	if (rename(fresh, path)) {
		err = -errno;
		goto fail;
	}
	f->thin = writer;
	tell(f, file, &t);
	return 0;
fail:
	segment_writer_close(writer);
	unlink(fresh);
	return err;
}

/* The later ones: unlinked first, which makes room when the disk is full. */
static int drop_next(struct flight *f, const struct flight_file *file, const char *path,
		     struct segment_reader *r)
{
	struct thin t;
	int err;

	if (unlink(path))
		return -errno;
	thin_init(&t, THIN_tasks, f->thin);
	err = thin_copy_at(&t, r, file->kept_at, file->kept);
	if (err)
		f->append_error = -err;
	tell(f, file, &t);
	return 0;
}

static bool drop_oldest(struct flight *f)
{
	struct flight_file file = f->files[0];
	struct segment_reader *r;
	char path[1200];
	int err;

	path_of(f, file.number, path, sizeof(path));
	err = segment_open(path, &r, NULL);
	if (!err) {
		err = f->thin ? drop_next(f, &file, path, r) : drop_first(f, &file, path, r);
		segment_close(r);
	}
	if (err && err != -ENOENT)
		return false; /* it stays for now; the next trim tries again */
	memmove(f->files, f->files + 1, --f->count * sizeof(*f->files));
	free(file.kept_at);
	f->files_bytes -= file.bytes;
	f->dropped_segments++;
	f->dropped_bytes += file.bytes;
	return true;
}

/* The thin file has grown: once more, with less. */
static void squeeze(struct flight *f)
{
	struct segment_writer *writer;
	struct segment_reader *r;
	char path[1200], fresh[1200];
	struct thin t;
	int err;

	path_of(f, f->thin_number, path, sizeof(path));
	if (segment_open(path, &r, NULL))
		return;
	err = open_fresh(f, fresh, sizeof(fresh), &writer);
	if (!err) {
		thin_init(&t, THIN_least, writer);
		err = thin_copy(&t, r);
		if (!err && rename(fresh, path))
			err = -errno;
		if (err) {
			segment_writer_close(writer);
			unlink(fresh);
		} else {
			segment_writer_close(f->thin);
			f->thin = writer;
			f->squeezed = true;
			for (unsigned c = 0; c < CLASS_COUNT; c++)
				f->dropped[c] += t.dropped[c];
			tell_stamps(f, t.first_stamp, t.last_stamp);
		}
	}
	segment_close(r);
	/* Tasks alone may need more than that: not again before it has doubled. */
	f->squeeze_at = f->cap_bytes / THIN_SHARE;
	if (f->squeeze_at < 2 * segment_writer_bytes(f->thin))
		f->squeeze_at = 2 * segment_writer_bytes(f->thin);
}

void flight_trim(struct flight *f, uint64_t open_bytes)
{
	if (!f->cap_bytes)
		return;
	/* Half a file of air: the next block must fit as well. */
	while (f->count && flight_bytes(f) + open_bytes + f->roll_bytes / 2 > f->cap_bytes)
		if (!drop_oldest(f))
			break;
	if (f->thin && segment_writer_bytes(f->thin) > f->squeeze_at)
		squeeze(f);
}

void flight_fini(struct flight *f)
{
	segment_writer_close(f->thin);
	f->thin = NULL;
	for (uint32_t i = 0; i < f->count; i++)
		forget(&f->files[i]);
	forget(&f->open);
	free(f->files);
	f->files = NULL;
	f->count = 0;
}
