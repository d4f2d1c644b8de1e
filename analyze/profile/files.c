/* SPDX-License-Identifier: MIT */
/*
 * Files and peers.
 */
#include "files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

static const char *const kind_name[] = {
	[FD_KIND_unknown] = "file",	[FD_KIND_file] = "file",
	[FD_KIND_directory] = "file",	[FD_KIND_pipe] = "pipe",
	[FD_KIND_terminal] = "device",	[FD_KIND_device] = "device",
	[FD_KIND_socket_inet] = "inet", [FD_KIND_socket_inet6] = "inet6",
	[FD_KIND_socket_unix] = "unix", [FD_KIND_socket_other] = "other",
	[FD_KIND_other] = "device",
};

const char *file_kind_name(unsigned kind)
{
	return kind < sizeof(kind_name) / sizeof(kind_name[0]) ? kind_name[kind] : "file";
}

/* What a file without a name is called, by its kind. */
static const char *nameless(unsigned kind)
{
	if (kind == FD_KIND_pipe)
		return "(pipe)";
	if (fd_kind_is_socket(kind))
		return "(no address)";
	return kind == FD_KIND_other ? "(other descriptor)" : "(unknown)";
}

static struct file_row *row_add(struct files *f, const char *name, unsigned kind, uint64_t hash)
{
	struct file_row *row;
	struct file_row **rows;

	rows = array_grown(f->rows, f->count, &f->room, sizeof(*rows));
	if (!rows)
		return NULL;
	f->rows = rows;
	row = calloc(1, sizeof(*row));
	if (!row || !(row->name = strdup(name)))
		goto fail;
	row->kind = (uint8_t)kind;
	row->same_hash = idmap_get(&f->by_name, hash);
	if (idmap_put(&f->by_name, hash, row))
		goto fail;
	return f->rows[f->count++] = row;
fail:
	if (row)
		free(row->name);
	free(row);
	return NULL;
}

static struct file_row *row_get(struct files *f, const char *name, unsigned kind)
{
	uint64_t hash = file_name_hash(name, kind);
	struct file_row *row = idmap_get(&f->by_name, hash);

	while (row && (row->kind != kind || strcmp(row->name, name)))
		row = row->same_hash;
	if (row)
		return row;
	if (f->count >= FILE_ROWS_MAX && strcmp(name, "(all others)")) {
		f->is_full = true;
		return row_get(f, "(all others)", FD_KIND_file);
	}
	row = row_add(f, name, kind, hash);
	f->out_of_memory |= !row;
	return row;
}

void files_fold(struct files *f, struct open_file *file)
{
	const struct file_sums *s = &file->sums;
	struct file_row *row;

	if (!(s->opens | s->reads | s->writes | s->metadata | s->ticks))
		return;
	row = row_get(f, file->name ? file->name : nameless(file->kind), file->kind);
	if (!row)
		return;
	row->sums.opens += s->opens;
	row->sums.reads += s->reads;
	row->sums.read_bytes += s->read_bytes;
	row->sums.writes += s->writes;
	row->sums.write_bytes += s->write_bytes;
	row->sums.ticks += s->ticks;
	row->sums.metadata += s->metadata;
	row->sums.sequential_bytes += s->sequential_bytes;
	file->sums = (struct file_sums){ 0 };
}

struct open_file *files_get(struct files *f, uint64_t id)
{
	struct open_file *file = idmap_get(&f->open, id + 1);

	if (file)
		return file;
	file = calloc(1, sizeof(*file));
	if (!file || idmap_put(&f->open, id + 1, file)) {
		free(file);
		f->out_of_memory = true;
		return NULL;
	}
	file->id = id;
	return file;
}

static void forget(struct files *f, struct open_file *file)
{
	files_fold(f, file);
	idmap_remove(&f->open, file->id + 1);
	free(file->name);
	free(file->local);
	free(file);
}

/* A copy of the descriptor may live on, so the id is kept for a while. */
static void on_close(struct files *f, struct open_file *file)
{
	struct open_file *oldest;

	file->is_closed = true;
	if (file->is_queued)
		return;
	if (!f->closed && !(f->closed = calloc(FILES_CLOSED_KEPT, sizeof(*f->closed)))) {
		f->out_of_memory = true;
		return;
	}
	oldest = f->closed[f->closed_at] ? idmap_get(&f->open, f->closed[f->closed_at] + 1) : NULL;
	f->closed[f->closed_at] = file->id;
	f->closed_at = (f->closed_at + 1) % FILES_CLOSED_KEPT;
	file->is_queued = true;
	if (oldest) {
		oldest->is_queued = false;
		if (oldest->is_closed)
			forget(f, oldest);
	}
}

static void on_fd(struct files *f, const struct record *r)
{
	const uint64_t *v = r->v;
	enum call_does what = call_does((unsigned)event_FD_call(v));
	uint64_t id = event_FD_file(v);
	struct open_file *file;

	if (!id && event_FD_call(v) == CALL_none)
		return;
	file = files_get(f, id);
	if (!file)
		return;
	if (id && event_FD_kind(v))
		file->kind = (uint8_t)event_FD_kind(v);
	if (event_FD_call(v) != CALL_none) {
		file->sums.metadata++;
		file->sums.ticks += event_FD_duration_ticks(v);
		file->is_closed = false;
	}
	if ((int64_t)event_FD_fd(v) < 0)
		return;
	if (id && fd_kind_is_socket(file->kind))
		files_on_socket(f, file, r);
	if (what == DOES_OPEN)
		file->sums.opens++;
	if (what == DOES_CLOSE && id)
		on_close(f, file);
}

/* Begins where the last one of its direction ended, or is the first. */
static bool is_sequential(const struct open_file *file, bool writes, uint64_t at)
{
	return writes ? !file->has_written || file->write_end == at
		      : !file->has_read || file->read_end == at;
}

static void on_transfer(struct open_file *file, bool writes, uint64_t at, uint64_t bytes)
{
	if (file->kind == FD_KIND_file && is_sequential(file, writes, at))
		file->sums.sequential_bytes += bytes;
	if (writes) {
		file->has_written = true;
		file->write_end = at + bytes;
		file->sums.writes++;
		file->sums.write_bytes += bytes;
	} else {
		file->has_read = true;
		file->read_end = at + bytes;
		file->sums.reads++;
		file->sums.read_bytes += bytes;
	}
}

/* IO_AT has the fields of IO at the same places, and one more. */
static void on_io(struct files *f, const struct record *r)
{
	const uint64_t *v = r->v;
	struct open_file *file = files_get(f, event_IO_file(v));
	int64_t result = (int64_t)event_IO_result(v);
	uint64_t bytes = result > 0 ? (uint64_t)result : 0;
	bool writes = call_does((unsigned)event_IO_call(v)) == DOES_WRITE;

	if (!file)
		return;
	if (event_IO_kind(v))
		file->kind = (uint8_t)event_IO_kind(v);
	file->is_closed = false;
	file->sums.ticks += event_IO_duration_ticks(v);
	on_transfer(file, writes, r->type == EVENT_IO_AT ? event_IO_AT_at(v) : file->position,
		    bytes);
	if (r->type == EVENT_IO)
		file->position += bytes;
}

static void on_seek(struct files *f, const uint64_t *v)
{
	struct open_file *file = files_get(f, event_SEEK_file(v));

	if (!file)
		return;
	if (event_SEEK_kind(v))
		file->kind = (uint8_t)event_SEEK_kind(v);
	file->is_closed = false;
	file->sums.metadata++;
	file->sums.ticks += event_SEEK_duration_ticks(v);
	if ((int64_t)event_SEEK_position(v) >= 0)
		file->position = event_SEEK_position(v);
}

/* Calls that name a path and open nothing share one row. */
static void on_meta(struct files *f, const uint64_t *v)
{
	f->by_path.metadata++;
	f->by_path.ticks += event_META_duration_ticks(v);
}

void files_on_event(struct files *f, const struct record *r)
{
	switch (r->type) {
	case EVENT_IO:
	case EVENT_IO_AT:
		on_io(f, r);
		break;
	case EVENT_FD:
		on_fd(f, r);
		break;
	case EVENT_SEEK:
		on_seek(f, r->v);
		break;
	case EVENT_META:
		on_meta(f, r->v);
		break;
	}
}

struct open_file *files_open(const struct files *f, uint64_t id)
{
	return idmap_get(&f->open, id + 1);
}

double file_sequential_share(const struct file_row *row)
{
	uint64_t bytes = row->sums.read_bytes + row->sums.write_bytes;

	return row->kind == FD_KIND_file && bytes
		       ? (double)row->sums.sequential_bytes / (double)bytes
		       : NAN;
}

void files_finish(struct files *f)
{
	struct open_file by_path = { .name = (char *)"(by path)",
				     .kind = FD_KIND_file,
				     .sums = f->by_path };

	files_fold(f, &by_path);
	for (size_t i = 0; i < f->open.places; i++)
		if (f->open.entry[i].key)
			files_fold(f, f->open.entry[i].value);
}

void files_fini(struct files *f)
{
	for (size_t i = 0; i < f->open.places; i++) {
		struct open_file *file = f->open.entry[i].value;

		if (!f->open.entry[i].key)
			continue;
		free(file->name);
		free(file->local);
		free(file);
	}
	for (uint32_t i = 0; i < f->count; i++) {
		free(f->rows[i]->name);
		free(f->rows[i]);
	}
	free(f->rows);
	free(f->closed);
	idmap_fini(&f->open);
	idmap_fini(&f->by_name);
	*f = (struct files){ 0 };
}
