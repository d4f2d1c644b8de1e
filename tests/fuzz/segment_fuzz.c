/* SPDX-License-Identifier: MIT */
/* Any bytes as a segment file: read to the end, every word of it touched. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/block.h"

static volatile uint64_t sink;

static void touch(const struct block *b)
{
	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i];

		for (unsigned k = 0; k < e->words; k++)
			sink += b->words[e->first + k];
		if (e->type == EVENT_TEXT)
			for (unsigned k = 0; k < b->words[e->first] >> 48; k++)
				sink += (unsigned char)b->text[b->text_at[i] + k];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct segment_reader *r;
	struct block_codec codec = { 0 };
	struct block block;
	int fd = memfd_create("segment", MFD_CLOEXEC), got;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!segment_open(path, &r, NULL)) {
		while ((got = segment_next(r, &block)))
			if (got > 0)
				touch(&block);
		segment_close(r);
	}
	close(fd);
	/* zstd's checksum hides what lies behind it: once without it. */
	if (!block_decode(&codec, data, size, &block))
		touch(&block);
	block_codec_fini(&codec);
	return 0;
}
