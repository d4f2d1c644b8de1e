/* SPDX-License-Identifier: MIT */
/*
 * Files: what they are called, and which two are the ends of one pipe or
 * connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

uint64_t file_name_hash(const char *name, unsigned kind)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ kind;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

/* A pipe is one way, known by its inode; a connection is two, known by the
 * addresses of both ends. An end without a name cannot be told from others. */
static void set_ends(struct open_file *file)
{
	const char *name = file->name, *local = file->local, *colon;
	uint64_t here, there;

	if (name && !strncmp(name, "pipe:[", 6)) {
		file->inlet = file->outlet = file_name_hash(name, FD_KIND_pipe);
		return;
	}
	if (!name || !local || !(colon = strchr(local, ':')) || !colon[1] ||
	    !(colon = strchr(name, ':')) || !colon[1])
		return;
	here = file_name_hash(local, FD_KIND_socket_inet);
	there = file_name_hash(name, FD_KIND_socket_inet);
	file->outlet = idmap_hash(here) ^ there;
	file->inlet = idmap_hash(there) ^ here;
}

/* The second end of a socketpair is the next socket that its thread tells. */
void files_on_socket(struct files *f, struct open_file *file, const struct record *r)
{
	struct open_file *first = f->pair_first ? files_open(f, f->pair_first) : NULL;

	if (first && first != file && f->pair_thread == r->thread) {
		first->inlet = file->outlet = idmap_hash(first->id << 1) | 1;
		first->outlet = file->inlet = idmap_hash(first->id << 1 | 1) | 1;
		f->pair_first = 0;
	} else if (event_FD_call(r->v) == CALL_socketpair) {
		f->pair_first = file->id;
		f->pair_thread = r->thread;
	}
}

/* Where the path of a TEXT_PATH_AT leads to; NULL: out of memory. */
static char *path_at(const struct files *f, const char *text, uint32_t bytes)
{
	const unsigned char *b = (const unsigned char *)text;
	uint32_t dir_id = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	const struct open_file *dir = files_open(f, dir_id);
	char *path;

	if (asprintf(&path, "%s/%.*s", dir && dir->name ? dir->name : "?", (int)bytes - 4,
		     text + 4) < 0)
		return NULL;
	return path;
}

void files_on_name(struct files *f, uint64_t id, unsigned kind, const char *text, uint32_t bytes)
{
	struct open_file *file = id ? files_get(f, id) : NULL;
	char *name;

	if (!file || (kind == TEXT_PATH_AT && bytes < 4))
		return;
	name = kind == TEXT_PATH_AT ? path_at(f, text, bytes) : strndup(text, bytes);
	if (!name)
		return;
	if (kind == TEXT_LOCAL_ADDRESS) {
		free(file->local);
		file->local = name;
	} else {
		if (file->name && strcmp(file->name, name))
			files_fold(f, file); /* what was so far belongs to the name before */
		free(file->name);
		file->name = name;
	}
	set_ends(file);
}
