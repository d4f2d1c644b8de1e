/* SPDX-License-Identifier: MIT */
/*
 * Very many small things, divided into parts: chunks of each part in the order in which
 * they became full. In a chunk: u16 bytes, the thing; u16 0: the end.
 */
#include "spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../grow.h"
#include "scratch.h"

void spill_init(struct spill *spill)
{
	*spill = (struct spill){ .file = -1 };
}

static int write_chunk(struct spill *spill, struct spill_part *part)
{
	uint64_t *at = array_grown(part->at, part->count, &part->room, sizeof(*at));
	ssize_t done;

	if (!at)
		return -ENOMEM;
	part->at = at;
	if (spill->file < 0 && (spill->file = scratch_open()) < 0)
		return spill->file;
	memset(part->chunk + part->used, 0, SPILL_CHUNK - part->used);
	done = pwrite(spill->file, part->chunk, SPILL_CHUNK, (off_t)spill->bytes);
	if (done != SPILL_CHUNK)
		return done < 0 ? -errno : -ENOSPC;
	at[part->count++] = spill->bytes;
	spill->bytes += SPILL_CHUNK;
	part->used = 0;
	return 0;
}

int spill_put(struct spill *spill, unsigned number, const void *data, size_t bytes)
{
	struct spill_part *part = &spill->part[number];
	uint16_t size = (uint16_t)bytes;

	if (!bytes || bytes > SPILL_CHUNK - 2 * sizeof(size))
		return -EINVAL;
	if (!part->chunk && !(part->chunk = malloc(SPILL_CHUNK)))
		return -ENOMEM;
	if (part->used + bytes + 2 * sizeof(size) > SPILL_CHUNK) {
		int err = write_chunk(spill, part);

		if (err)
			return err;
	}
	memcpy(part->chunk + part->used, &size, sizeof(size));
	memcpy(part->chunk + part->used + sizeof(size), data, bytes);
	part->used += (uint32_t)(sizeof(size) + bytes);
	return 0;
}

static int each_of(const unsigned char *chunk, size_t used,
		   int (*each)(void *to, const unsigned char *data, size_t bytes), void *to)
{
	uint16_t size;
	int err = 0;

	for (size_t at = 0; !err && at + sizeof(size) <= used; at += sizeof(size) + size) {
		memcpy(&size, chunk + at, sizeof(size));
		if (!size)
			break;
		err = each(to, chunk + at + sizeof(size), size);
	}
	return err;
}

int spill_each(struct spill *spill, unsigned number,
	       int (*each)(void *to, const unsigned char *data, size_t bytes), void *to)
{
	struct spill_part *part = &spill->part[number];
	unsigned char chunk[SPILL_CHUNK];
	int err = 0;

	for (uint32_t i = 0; !err && i < part->count; i++) {
		ssize_t got = pread(spill->file, chunk, SPILL_CHUNK, (off_t)part->at[i]);

		if (got != SPILL_CHUNK)
			return got < 0 ? -errno : -EIO;
		err = each_of(chunk, SPILL_CHUNK, each, to);
	}
	return err ? err : each_of(part->chunk, part->used, each, to);
}

void spill_fini(struct spill *spill)
{
	if (spill->file >= 0)
		close(spill->file);
	for (unsigned i = 0; i < SPILL_PARTS; i++) {
		free(spill->part[i].chunk);
		free(spill->part[i].at);
	}
	spill_init(spill);
}
