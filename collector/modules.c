/* SPDX-License-Identifier: MIT */
/* Writes what MODULE records tell, once per object. */
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_text.h"
#include "segment.h"

#define MODULES_MAX 65536 /* more is a program that plays with us */

void modules_init(struct modules *m, const char *trace_dir)
{
	memset(m, 0, sizeof(*m));
	snprintf(m->dir, sizeof(m->dir), "%s/modules", trace_dir);
}

void modules_fini(struct modules *m)
{
	free(m->seen);
	m->seen = NULL;
}

/* FNV-1a */
static uint64_t hash(const char *bytes, size_t n, uint64_t h)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return h ? h : 1;
}

static void put(uint64_t *table, uint32_t room, uint64_t h)
{
	uint32_t i = (uint32_t)h & (room - 1);

	while (table[i])
		i = (i + 1) & (room - 1);
	table[i] = h;
}

/* True: not seen before. */
static bool is_new(struct modules *m, uint64_t h)
{
	if (m->room)
		for (uint32_t i = (uint32_t)h & (m->room - 1); m->seen[i];
		     i = (i + 1) & (m->room - 1))
			if (m->seen[i] == h)
				return false;
	if (m->count >= MODULES_MAX)
		return false;
	if (m->count * 2 >= m->room) {
		uint32_t room = m->room ? m->room * 2 : 256;
		uint64_t *seen = calloc(room, sizeof(*seen));

		if (!seen)
			return false;
		for (uint32_t i = 0; i < m->room; i++)
			if (m->seen[i])
				put(seen, room, m->seen[i]);
		free(m->seen);
		m->seen = seen;
		m->room = room;
	}
	put(m->seen, m->room, h);
	m->count++;
	return true;
}

static void build_id_hex(const uint64_t *v, char *hex)
{
	uint64_t bytes = event_MODULE_build_id_bytes(v);
	uint8_t id[20];
	uint64_t part;

	part = event_MODULE_id0(v);
	memcpy(id, &part, 8);
	part = event_MODULE_id1(v);
	memcpy(id + 8, &part, 8);
	part = event_MODULE_id2(v);
	memcpy(id + 16, &part, 4);
	*hex = 0;
	for (uint64_t i = 0; i < bytes && i < sizeof(id); i++)
		sprintf(hex + 2 * i, "%02x", id[i]);
}

static int write_file(const char *file, const json_t *object)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err;

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno; /* the same object under another path */
	err = json_write(object, fd, JSON_COMPACT);
	if (err)
		unlink(file);
	return err;
}

void modules_add(struct modules *m, const uint64_t *v, const char *path)
{
	char hex[48], file[sizeof(m->dir) + 80];
	uint64_t h;
	struct stat st;
	json_t *object;

	build_id_hex(v, hex);
	h = hash(path, strlen(path), hash(hex, strlen(hex), UINT64_C(0xcbf29ce484222325)));
	if (!is_new(m, h))
		return;
	if (*hex)
		snprintf(file, sizeof(file), "%s/%s.json", m->dir, hex);
	else
		snprintf(file, sizeof(file), "%s/path-%016llx.json", m->dir, (unsigned long long)h);
	object = json_pack("{s:s, s:I}", "build_id", hex, "size", (json_int_t)event_MODULE_size(v));
	json_object_set_new(object, "path", json_text(path));
	if (object && !stat(path, &st)) {
		json_object_set_new(object, "file_bytes", json_integer(st.st_size));
		json_object_set_new(object, "modified", json_integer(st.st_mtime));
	}
	if (!object || write_file(file, object))
		m->failed++;
	json_decref(object);
}
