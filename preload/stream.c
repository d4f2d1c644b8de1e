/* SPDX-License-Identifier: MIT */
/* The slow side of streams: telling what moved, and walking libc's list of them. */
#include "stream.h"

/* libc exports its list of open streams. */
extern struct _IO_FILE *_IO_list_all __attribute__((visibility("default")));

static void count(struct probe_thread *t, enum io_direction direction, ssize_t moved)
{
	probe_count(t, COUNTER_stdio_transfers, 1);
	if (moved > 0)
		probe_count(t,
			    direction == IO_in ? COUNTER_stdio_read_bytes
					       : COUNTER_stdio_write_bytes,
			    (uint64_t)moved);
}

void stream_tell(struct io_call *c, enum call call, enum io_direction direction, int fd,
		 ssize_t moved)
{
	int saved = errno;

	if (io_still(c)) {
		if (!c->begun)
			c->begun = probe_now();
		io_tell(c, call, direction, fd, moved);
		count(c->thread, direction, moved);
	}
	errno = saved;
}

void stream_tell_closed(struct io_call *c, enum call call, int fd, uint64_t entry, ssize_t moved)
{
	int saved = errno;

	if (io_still(c)) {
		io_tell_closed(c, call, IO_out, fd, entry, moved);
		count(c->thread, IO_out, moved);
	}
	errno = saved;
}

bool stream_has_line_room(const FILE *f, const char *text, size_t n)
{
	return f->_flags & STREAM_putting && f->_IO_buf_end - f->_IO_write_ptr >= (ptrdiff_t)n &&
	       !memchr(text, '\n', n);
}

size_t stream_prompt(void)
{
	return stdout && stdout->_flags & STREAM_line_buffered && stream_is_told(stdout)
		       ? stream_pending(stdout)
		       : 0;
}

void stream_tell_prompt(struct stream_call *c)
{
	struct io_call io = { .thread = c->io.thread };
	ssize_t moved = (ssize_t)(c->prompt - stream_pending(stdout));

	if (moved > 0)
		stream_tell(&io, CALL___overflow, IO_out, stdout->_fileno, moved);
}

static FILE *checked(FILE *f)
{
	return f && (f->_flags & STREAM_magic_mask) == STREAM_magic ? f : NULL;
}

FILE *stream_first(bool alone)
{
	return checked(alone ? _IO_list_all : stdout ? stdout : stderr);
}

FILE *stream_next(FILE *f, bool alone)
{
	if (alone)
		return checked(f->_chain);
	return f == stdout && stderr != stdout ? checked(stderr) : NULL;
}

uint64_t stream_tell_pending(struct probe_thread *t, const FILE *f)
{
	struct io_call c = { .thread = t };
	size_t pending = stream_pending(f);

	if (!pending || !stream_is_told(f))
		return 0;
	stream_tell(&c, CALL_fclose, IO_out, f->_fileno, (ssize_t)pending);
	return pending;
}

uint64_t streams_tell_pending(struct probe_thread *t, bool alone)
{
	unsigned limit = 1u << 20; /* a scribbled list may be a ring */
	uint64_t bytes = 0;

	for (FILE *f = stream_first(alone); f && limit--; f = stream_next(f, alone))
		bytes += stream_tell_pending(t, f);
	return bytes;
}
