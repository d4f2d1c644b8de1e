/* SPDX-License-Identifier: MIT */
/* Calls that write out what a stream holds, or fill it from another place. */
#include <sys/single_threaded.h>

#include "stream.h"

#define HELD_MAX 16

/* fflush(NULL): a record for each stream that held something; the time is the
 * first one's. More than HELD_MAX of them stay unattributed. */
static __attribute__((noinline)) int flush_all(struct probe_thread *t, int (*real)(FILE *),
					       enum call call)
{
	bool alone = __libc_single_threaded;
	struct io_call c = { .thread = t };
	unsigned n = 0, limit = 1u << 20;
	struct {
		FILE *f;
		size_t pending;
	} held[HELD_MAX];
	int result;

	for (FILE *f = stream_first(alone); f && n < HELD_MAX && limit--; f = stream_next(f, alone))
		if (stream_is_told(f) && (held[n].pending = stream_pending(f)) > 0)
			held[n++].f = f;
	if (!n)
		return real(NULL);
	c.begun = probe_now();
	result = real(NULL);
	for (unsigned i = 0; i < n; i++, c.begun = 0) {
		size_t left = stream_pending(held[i].f);

		if (held[i].pending > left)
			stream_tell(&c, call, IO_out, held[i].f->_fileno,
				    (ssize_t)(held[i].pending - left));
	}
	return result;
}

static inline int flush(int (*real)(FILE *), enum call call, FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	int result;

	if (!t)
		return real(f);
	if (!f)
		return flush_all(t, real, call);
	if (!stream_pending(f) || !stream_write_begin(&c, t, call, f, true))
		return real(f);
	result = real(f);
	stream_wrote(&c, f, result < 0 ? -1 : 0);
	return result;
}

int fflush(FILE *stream)
{
	return flush(real_fflush, CALL_fflush, stream);
}

int fflush_unlocked(FILE *stream)
{
	return flush(real_fflush_unlocked, CALL_fflush_unlocked, stream);
}

/* A seek may write out what is pending, and may read the block that it lands in:
 * that is told as __underflow, whose business it is. */
struct place_call {
	struct stream_call write;
	off64_t offset; /* of the end of the buffer in the file */
	const char *end;
};

static inline bool place_begin(struct place_call *c, enum call call, const FILE *f)
{
	struct probe_thread *t = probe_enter();

	if (!t || !stream_write_begin(&c->write, t, call, f, true))
		return false;
	c->offset = f->_offset;
	c->end = f->_IO_read_end;
	return true;
}

static inline void place_end(struct place_call *c, const FILE *f)
{
	ssize_t got = f->_IO_read_end - f->_IO_buf_base;

	if (c->write.before)
		stream_wrote(&c->write, f, 0);
	if (f->_offset < 0 || (f->_offset == c->offset && f->_IO_read_end == c->end))
		return;
	if (got > 0 && got <= f->_IO_buf_end - f->_IO_buf_base)
		stream_tell(&c->write.io, CALL___underflow, IO_in, f->_fileno, got);
}

int fseek(FILE *stream, long offset, int whence)
{
	struct place_call c;
	int result;

	if (!place_begin(&c, CALL_fseek, stream))
		return real_fseek(stream, offset, whence);
	result = real_fseek(stream, offset, whence);
	place_end(&c, stream);
	return result;
}

int fseeko(FILE *stream, off_t offset, int whence)
{
	struct place_call c;
	int result;

	if (!place_begin(&c, CALL_fseeko, stream))
		return real_fseeko(stream, offset, whence);
	result = real_fseeko(stream, offset, whence);
	place_end(&c, stream);
	return result;
}

int fseeko64(FILE *stream, off64_t offset, int whence)
{
	struct place_call c;
	int result;

	if (!place_begin(&c, CALL_fseeko64, stream))
		return real_fseeko64(stream, offset, whence);
	result = real_fseeko64(stream, offset, whence);
	place_end(&c, stream);
	return result;
}

void rewind(FILE *stream)
{
	struct place_call c;

	if (!place_begin(&c, CALL_rewind, stream)) {
		real_rewind(stream);
		return;
	}
	real_rewind(stream);
	place_end(&c, stream);
}

int fsetpos(FILE *stream, const fpos_t *place)
{
	struct place_call c;
	int result;

	if (!place_begin(&c, CALL_fsetpos, stream))
		return real_fsetpos(stream, place);
	result = real_fsetpos(stream, place);
	place_end(&c, stream);
	return result;
}

int fsetpos64(FILE *stream, const fpos64_t *place)
{
	struct place_call c;
	int result;

	if (!place_begin(&c, CALL_fsetpos64, stream))
		return real_fsetpos64(stream, place);
	result = real_fsetpos64(stream, place);
	place_end(&c, stream);
	return result;
}

/* A new buffer: the old one is written out first. (setlinebuf gives none.) */
static inline bool new_buffer(struct stream_call *c, enum call call, const FILE *f)
{
	struct probe_thread *t = probe_enter();

	return t && stream_pending(f) && stream_write_begin(c, t, call, f, true);
}

int setvbuf(FILE *stream, char *buf, int mode, size_t size)
{
	struct stream_call c;
	int result;

	if (!new_buffer(&c, CALL_setvbuf, stream))
		return real_setvbuf(stream, buf, mode, size);
	result = real_setvbuf(stream, buf, mode, size);
	stream_wrote(&c, stream, 0);
	return result;
}

void setbuf(FILE *stream, char *buf)
{
	struct stream_call c;

	if (!new_buffer(&c, CALL_setbuf, stream)) {
		real_setbuf(stream, buf);
		return;
	}
	real_setbuf(stream, buf);
	stream_wrote(&c, stream, 0);
}

void setbuffer(FILE *stream, char *buf, size_t size)
{
	struct stream_call c;

	if (!new_buffer(&c, CALL_setbuffer, stream)) {
		real_setbuffer(stream, buf, size);
		return;
	}
	real_setbuffer(stream, buf, size);
	stream_wrote(&c, stream, 0);
}
