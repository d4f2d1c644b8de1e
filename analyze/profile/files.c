/* SPDX-License-Identifier: MIT */
/*
 * Files and peers.
 */
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum direction { DIRECTION_none, DIRECTION_read, DIRECTION_write, DIRECTION_open, DIRECTION_close };

/* What a call does with its descriptor; metadata calls count as such. */
static const uint8_t direction[CALL_LIMIT] = {
	[CALL_read] = DIRECTION_read,	       [CALL_readv] = DIRECTION_read,
	[CALL_pread] = DIRECTION_read,	       [CALL_pread64] = DIRECTION_read,
	[CALL___read_chk] = DIRECTION_read,    [CALL___pread_chk] = DIRECTION_read,
	[CALL___pread64_chk] = DIRECTION_read, [CALL___read] = DIRECTION_read,
	[CALL___pread64] = DIRECTION_read,     [CALL_write] = DIRECTION_write,
	[CALL_writev] = DIRECTION_write,       [CALL_pwrite] = DIRECTION_write,
	[CALL_pwrite64] = DIRECTION_write,     [CALL___write] = DIRECTION_write,
	[CALL___pwrite64] = DIRECTION_write,   [CALL_open] = DIRECTION_open,
	[CALL_open64] = DIRECTION_open,	       [CALL_openat] = DIRECTION_open,
	[CALL_openat64] = DIRECTION_open,      [CALL_creat] = DIRECTION_open,
	[CALL_creat64] = DIRECTION_open,       [CALL___open_2] = DIRECTION_open,
	[CALL___open64_2] = DIRECTION_open,    [CALL___openat_2] = DIRECTION_open,
	[CALL___openat64_2] = DIRECTION_open,  [CALL___open] = DIRECTION_open,
	[CALL___open64] = DIRECTION_open,      [CALL_close] = DIRECTION_close,
	[CALL___close] = DIRECTION_close,      [CALL_close_range] = DIRECTION_close,
	[CALL_closefrom] = DIRECTION_close,    [CALL_fclose] = DIRECTION_close,
	[CALL_closedir] = DIRECTION_close,     [CALL_pclose] = DIRECTION_close,
};

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

static uint64_t name_hash(const char *name, unsigned kind)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ kind;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

static struct file_row *row_add(struct files *f, const char *name, unsigned kind, uint64_t hash)
{
	struct file_row *row;

	if (f->count == f->room) {
		uint32_t room = f->room * 2 + 64;
		struct file_row **more = realloc(f->rows, room * sizeof(struct file_row *));

		if (!more)
			return NULL;
		f->rows = more;
		f->room = room;
	}
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
	uint64_t hash = name_hash(name, kind);
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

static void fold(struct files *f, struct open_file *file)
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
	file->sums = (struct file_sums){ 0 };
}

static struct open_file *file_get(struct files *f, uint64_t id)
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
	fold(f, file);
	idmap_remove(&f->open, file->id + 1);
	free(file->name);
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

static void on_fd(struct files *f, const uint64_t *v)
{
	unsigned what = direction[event_FD_call(v)];
	uint64_t id = event_FD_file(v);
	struct open_file *file;

	if (!id && event_FD_call(v) == CALL_none)
		return;
	file = file_get(f, id);
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
	if (what == DIRECTION_open)
		file->sums.opens++;
	if (what == DIRECTION_close && id)
		on_close(f, file);
}

static void on_io(struct files *f, const uint64_t *v)
{
	struct open_file *file = file_get(f, event_IO_file(v));
	int64_t bytes = (int64_t)event_IO_result(v);

	if (!file)
		return;
	if (event_IO_kind(v))
		file->kind = (uint8_t)event_IO_kind(v);
	file->is_closed = false;
	file->sums.ticks += event_IO_duration_ticks(v);
	if (direction[event_IO_call(v)] == DIRECTION_write) {
		file->sums.writes++;
		file->sums.write_bytes += bytes > 0 ? (uint64_t)bytes : 0;
	} else {
		file->sums.reads++;
		file->sums.read_bytes += bytes > 0 ? (uint64_t)bytes : 0;
	}
}

void files_on_event(struct files *f, const struct record *r)
{
	if (r->type == EVENT_IO)
		on_io(f, r->v);
	else if (r->type == EVENT_FD)
		on_fd(f, r->v);
}

void files_on_name(struct files *f, uint64_t id, unsigned kind, const char *text, uint32_t bytes)
{
	struct open_file *file = id ? file_get(f, id) : NULL, *dir;
	char *name = NULL;

	if (!file)
		return;
	if (kind == TEXT_PATH_AT && bytes >= 4) {
		uint32_t dir_id = (uint32_t)(unsigned char)text[0] |
				  (uint32_t)(unsigned char)text[1] << 8 |
				  (uint32_t)(unsigned char)text[2] << 16 |
				  (uint32_t)(unsigned char)text[3] << 24;

		dir = idmap_get(&f->open, (uint64_t)dir_id + 1);
		if (asprintf(&name, "%s/%.*s", dir && dir->name ? dir->name : "?", (int)bytes - 4,
			     text + 4) < 0)
			name = NULL;
	} else if (kind != TEXT_PATH_AT) {
		name = strndup(text, bytes);
	}
	if (!name)
		return;
	if (file->name && strcmp(file->name, name))
		fold(f, file); /* what was so far belongs to the name before */
	free(file->name);
	file->name = name;
}

void files_finish(struct files *f)
{
	for (size_t i = 0; i < f->open.places; i++)
		if (f->open.entry[i].key)
			fold(f, f->open.entry[i].value);
}

void files_fini(struct files *f)
{
	for (size_t i = 0; i < f->open.places; i++) {
		struct open_file *file = f->open.entry[i].value;

		if (!f->open.entry[i].key)
			continue;
		free(file->name);
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
