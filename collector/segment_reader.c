/* SPDX-License-Identifier: MIT */
/*
 * Reading a segment file frame by frame through one buffer, so that a file that
 * grows, was cut off or is somebody else's does no harm. Nothing is mapped: a
 * file that shrinks under a mapping would kill the reader.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "block.h"
#include "segment.h"
#include "segment_file.h"

#define READ_BYTES (256u << 10)
#define FRAME_MAGIC 0xFD2FB528u
/* What a block of the largest size needs when it cannot be compressed. */
#define FRAME_BYTES_MAX (SEGMENT_BLOCK_BYTES + (64u << 10))

struct segment_reader {
	int fd;
	struct segment_header header;
	ZSTD_DCtx *zstd;
	struct block_codec codec;
	uint8_t *plain; /* an uncompressed frame */
	uint32_t plain_room;
	uint8_t *buffer;
	size_t room;
	size_t start, have; /* in the buffer: bytes of the file from `offset` on */
	uint64_t offset;    /* of the next frame */
	uint64_t cut;
	bool ended;
};

/* At least `want` bytes from the offset on in the buffer, or as many as the file has. */
static int fill(struct segment_reader *r, size_t want)
{
	if (r->have >= want)
		return 0;
	if (r->start) {
		memmove(r->buffer, r->buffer + r->start, r->have);
		r->start = 0;
	}
	if (r->room < want) {
		size_t room = want < READ_BYTES ? READ_BYTES : want + READ_BYTES;
		uint8_t *buffer = realloc(r->buffer, room);

		if (!buffer)
			return -ENOMEM;
		r->buffer = buffer;
		r->room = room;
	}
	while (r->have < want) {
		ssize_t n = pread(r->fd, r->buffer + r->have, r->room - r->have,
				  (off_t)(r->offset + r->have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		r->have += (size_t)n;
	}
	return 0;
}

static void advance(struct segment_reader *r, size_t bytes)
{
	r->start += bytes;
	r->have -= bytes;
	r->offset += bytes;
}

static const uint8_t *frame_at(const struct segment_reader *r)
{
	return r->buffer + r->start;
}

static uint32_t word_at(const struct segment_reader *r, size_t at)
{
	uint32_t word;

	memcpy(&word, frame_at(r) + at, 4);
	return word;
}

static bool is_skippable(uint32_t magic)
{
	return (magic & ~15u) == (SEGMENT_FRAME_HEADER & ~15u);
}

/* Bytes of the whole frame that begins at the offset; 0: it is not all there;
 * -EBADMSG: no frame begins here. */
static int64_t frame_bytes(struct segment_reader *r)
{
	size_t want = 8;

	for (;;) {
		size_t n;
		int err = fill(r, want);

		if (err)
			return err;
		if (r->have < 8)
			return 0;
		if (is_skippable(word_at(r, 0))) {
			uint64_t bytes = 8 + (uint64_t)word_at(r, 4);

			if (bytes > FRAME_BYTES_MAX)
				return -EBADMSG;
			err = fill(r, bytes);
			return err ? err : r->have < bytes ? 0 : (int64_t)bytes;
		}
		if (word_at(r, 0) != FRAME_MAGIC)
			return -EBADMSG;
		n = ZSTD_findFrameCompressedSize(frame_at(r), r->have);
		if (!ZSTD_isError(n))
			return n > FRAME_BYTES_MAX ? -EBADMSG : (int64_t)n;
		if (r->have >= FRAME_BYTES_MAX)
			return -EBADMSG;
		if (r->have < want)
			return 0; /* the file ends here */
		want = r->have + READ_BYTES;
	}
}

static int read_header(struct segment_reader *r, uint32_t *version)
{
	struct segment_file_header f;
	uint64_t bytes;
	int err = fill(r, sizeof(f));

	if (err)
		return err;
	if (r->have < 20)
		return -EBADMSG;
	memset(&f, 0, sizeof(f));
	memcpy(&f, frame_at(r), r->have < sizeof(f) ? r->have : sizeof(f));
	if (f.frame_magic != SEGMENT_FRAME_HEADER || memcmp(f.magic, SEGMENT_MAGIC, 8))
		return -EBADMSG;
	if (version)
		*version = f.version;
	if (f.version > SEGMENT_VERSION || f.features)
		return -EPROTONOSUPPORT;
	bytes = 8 + (uint64_t)f.frame_bytes;
	if (f.version == 0 || bytes < sizeof(f) || bytes > READ_BYTES)
		return -EBADMSG;
	err = fill(r, bytes);
	if (err)
		return err;
	if (r->have < bytes)
		return -EBADMSG;
	r->header = (struct segment_header){
		.version = f.version,
		.clock = f.clock,
		.number = f.number,
		.session_id = { f.session_id[0], f.session_id[1] },
		.base_ticks = f.base_ticks,
		.base_raw_ns = f.base_raw_ns,
		.base_real_ns = f.base_real_ns,
	};
	memcpy(r->header.boot_id, f.boot_id, sizeof(f.boot_id) - 1);
	memcpy(r->header.host, f.host, sizeof(f.host) - 1);
	advance(r, bytes);
	return 0;
}

int segment_open(const char *path, struct segment_reader **out, uint32_t *version)
{
	struct segment_reader *r = calloc(1, sizeof(*r));
	struct stat st;
	int err;

	if (!r)
		return -ENOMEM;
	/* O_NONBLOCK: a fifo of that name must not stop us. */
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0 || fstat(r->fd, &st)) {
		err = -errno;
		goto fail;
	}
	err = S_ISREG(st.st_mode) ? read_header(r, version) : -EBADMSG;
	if (err)
		goto fail;
	r->zstd = ZSTD_createDCtx();
	if (!r->zstd) {
		err = -ENOMEM;
		goto fail;
	}
	*out = r;
	return 0;
fail:
	segment_close(r);
	return err;
}

const struct segment_header *segment_header_get(const struct segment_reader *r)
{
	return &r->header;
}

static int decode_frame(struct segment_reader *r, size_t bytes, struct block *block)
{
	unsigned long long plain = ZSTD_getFrameContentSize(frame_at(r), bytes);
	size_t n;
	int err;

	/* The writer always says the size, so the unknown and error values, which
	 * are huge, are damage too. */
	if (plain > SEGMENT_BLOCK_BYTES)
		return -EBADMSG;
	err = block_room(&r->plain, &r->plain_room, plain, 1);
	if (err)
		return err;
	n = ZSTD_decompressDCtx(r->zstd, r->plain, r->plain_room, frame_at(r), bytes);
	if (ZSTD_isError(n) || n != plain)
		return -EBADMSG;
	return block_decode(&r->codec, r->plain, n, block);
}

/* Goes to the next place where a frame may begin. False: there is none. */
static bool resync(struct segment_reader *r)
{
	size_t at = 1;

	for (;;) {
		if (fill(r, at + 4) || r->have < at + 4)
			return false;
		for (; at + 4 <= r->have; at++) {
			if (word_at(r, at) == FRAME_MAGIC ||
			    word_at(r, at) == SEGMENT_FRAME_INDEX) {
				advance(r, at);
				return true;
			}
		}
		advance(r, at - 1);
		at = 1;
	}
}

static int end_here(struct segment_reader *r, uint64_t from)
{
	struct stat st;

	r->ended = true;
	if (!fstat(r->fd, &st) && (uint64_t)st.st_size > from)
		r->cut = (uint64_t)st.st_size - from;
	return 0;
}

int segment_next(struct segment_reader *r, struct block *block)
{
	while (!r->ended) {
		uint64_t from = r->offset;
		int64_t bytes = frame_bytes(r);

		if (bytes == 0 && r->have == 0)
			return end_here(r, from);
		if (bytes == 0 || bytes == -EBADMSG) {
			/* Damage looks like a cut when it hits a length: what is
			 * behind it decides. */
			return resync(r) ? -EBADMSG : end_here(r, from);
		}
		if (bytes < 0)
			return (int)bytes;
		if (is_skippable(word_at(r, 0))) {
			advance(r, (size_t)bytes);
			continue;
		}
		int err = decode_frame(r, (size_t)bytes, block);

		/* Damage to a length makes a frame seem to reach into the next. */
		if (err == -EBADMSG) {
			if (!resync(r))
				end_here(r, from);
			return err;
		}
		advance(r, (size_t)bytes);
		return err ? err : 1;
	}
	return 0;
}

void segment_seek(struct segment_reader *r, uint64_t offset)
{
	r->start = r->have = 0;
	r->offset = offset;
	r->ended = false;
}

uint64_t segment_cut(const struct segment_reader *r)
{
	return r->cut;
}

void segment_close(struct segment_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	ZSTD_freeDCtx(r->zstd);
	block_codec_fini(&r->codec);
	free(r->plain);
	free(r->buffer);
	free(r);
}
