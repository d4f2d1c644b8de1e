/* SPDX-License-Identifier: MIT */
/* Writing a segment file: header, one zstd frame per block, index. segment.h draws it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "../preload/ring.h"
#include "block.h"
#include "segment.h"
#include "segment_file.h"

/* Large blocks come when a program is busy: there speed counts (random heap churn:
 * level -1 7 ns an event and 4.2 bytes, level 1 11 ns and 3.6). Small ones are
 * squeezed, since they cost little. */
#define ZSTD_LEVEL_FAST (-1)
#define ZSTD_LEVEL_SMALL 3
#define SMALL_BYTES (128 << 10)

struct segment_writer {
	int fd;
	ZSTD_CCtx *zstd;
	struct block_codec codec;
	uint8_t *frame;
	size_t frame_room;
	uint64_t bytes; /* of the file, all of it whole frames */
	uint64_t raw_bytes;
	struct segment_index_entry *index;
	uint64_t blocks, index_room;
};

/* All or nothing: a partial frame would hide what comes after it. */
static int append(struct segment_writer *w, const void *data, size_t bytes)
{
	const char *p = data;
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = pwrite(w->fd, p + done, bytes - done, (off_t)(w->bytes + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -ENOSPC;

			if (ftruncate(w->fd, (off_t)w->bytes))
				return err; /* the next block overwrites the rest */
			return err;
		}
		done += (size_t)n;
	}
	w->bytes += bytes;
	return 0;
}

static int write_header(struct segment_writer *w, const struct segment_header *h)
{
	struct segment_file_header f = {
		.frame_magic = SEGMENT_FRAME_HEADER,
		.frame_bytes = sizeof(f) - 8,
		.version = SEGMENT_VERSION,
		.session_id = { h->session_id[0], h->session_id[1] },
		.number = h->number,
		.clock = h->clock,
		.base_ticks = h->base_ticks,
		.base_raw_ns = h->base_raw_ns,
		.base_real_ns = h->base_real_ns,
	};

	memcpy(f.magic, SEGMENT_MAGIC, sizeof(f.magic));
	memcpy(f.boot_id, h->boot_id, sizeof(f.boot_id));
	memcpy(f.host, h->host, sizeof(f.host));
	return append(w, &f, sizeof(f));
}

static void writer_free(struct segment_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	ZSTD_freeCCtx(w->zstd);
	block_codec_fini(&w->codec);
	free(w->frame);
	free(w->index);
	free(w);
}

int segment_writer_open(const char *path, const struct segment_header *header,
			struct segment_writer **out)
{
	struct segment_writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0) {
		err = -errno;
		goto fail;
	}
	err = -ENOMEM;
	w->zstd = ZSTD_createCCtx();
	if (!w->zstd)
		goto fail;
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
	err = write_header(w, header);
	if (err) {
		unlink(path); /* ours: O_EXCL */
		goto fail;
	}
	*out = w;
	return 0;
fail:
	writer_free(w);
	return err;
}

static uint64_t raw_bytes_of(const struct block *b)
{
	uint64_t cells = 0;

	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		if (e->type >= COLLECTED_FIRST)
			continue;
		cells += 1 + e->words / 2;
		if (e->type == EVENT_TEXT)
			cells += ((b->words[e->first] >> 48) + RING_TEXT_BYTES_PER_CELL - 1) /
				 RING_TEXT_BYTES_PER_CELL;
	}
	return cells * 16;
}

static int add_index(struct segment_writer *w, const struct block *b, uint64_t offset)
{
	if (w->blocks == w->index_room) {
		uint64_t room = w->index_room ? w->index_room * 2 : 256;
		struct segment_index_entry *index = realloc(w->index, room * sizeof(*index));

		if (!index)
			return -ENOMEM;
		w->index = index;
		w->index_room = room;
	}
	w->index[w->blocks++] = (struct segment_index_entry){
		.offset = offset,
		.thread = b->thread,
		.events = b->count,
		.first_stamp = b->count ? b->events[0].stamp : 0,
		.last_stamp = b->count ? b->events[b->count - 1].stamp : 0,
	};
	return 0;
}

int segment_writer_block(struct segment_writer *w, const struct block *block)
{
	int64_t bytes = block_encode(&w->codec, block);
	uint64_t offset = w->bytes;
	size_t room, n;
	int err;

	if (bytes < 0)
		return (int)bytes;
	room = ZSTD_compressBound((size_t)bytes);
	if (room > w->frame_room) {
		free(w->frame);
		w->frame = malloc(room);
		w->frame_room = w->frame ? room : 0;
		if (!w->frame)
			return -ENOMEM;
	}
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel,
			       bytes < SMALL_BYTES ? ZSTD_LEVEL_SMALL : ZSTD_LEVEL_FAST);
	n = ZSTD_compress2(w->zstd, w->frame, w->frame_room, w->codec.bytes, (size_t)bytes);
	if (ZSTD_isError(n))
		return -EIO;
	err = append(w, w->frame, n);
	if (err)
		return err;
	w->raw_bytes += raw_bytes_of(block);
	return add_index(w, block, offset);
}

uint64_t segment_writer_bytes(const struct segment_writer *w)
{
	return w->bytes;
}

uint64_t segment_writer_raw_bytes(const struct segment_writer *w)
{
	return w->raw_bytes;
}

int segment_writer_close(struct segment_writer *w)
{
	struct segment_index_end end = { 0 };
	size_t entries, bytes;
	uint32_t *frame;
	int err = -ENOMEM;

	if (!w)
		return 0;
	entries = w->blocks * sizeof(*w->index);
	bytes = 8 + entries + sizeof(end);
	end.count = w->blocks;
	memcpy(end.magic, SEGMENT_INDEX_MAGIC, sizeof(end.magic));
	frame = malloc(bytes);
	if (frame) {
		frame[0] = SEGMENT_FRAME_INDEX;
		frame[1] = (uint32_t)(bytes - 8);
		if (entries)
			memcpy(frame + 2, w->index, entries);
		memcpy((char *)frame + 8 + entries, &end, sizeof(end));
		err = append(w, frame, bytes);
		free(frame);
	}
	writer_free(w);
	return err;
}
