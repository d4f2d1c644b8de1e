/* SPDX-License-Identifier: MIT */
/*
 * What a stdio call made the kernel move, told from the FILE itself: libc calls
 * the kernel from within, past every hook, but leaves its arithmetic behind.
 *
 *	_IO_write_base          _IO_write_ptr
 *	 v                       v
 *	[#### pending ###########...........]   flushed = pending before + accepted
 *	                                                  - pending after
 *	        _IO_read_ptr   _IO_read_end
 *	         v              v
 *	[.......#### avail #####............]   fetched = consumed + avail after
 *	                                                  - avail before
 *
 * accepted and consumed are the bytes that the call took from the program or gave
 * to it. struct _IO_FILE is public (bits/types/struct_FILE.h) and part of the ABI.
 * Another thread may use the stream at the same time: what cannot be is 0 then.
 *
 * A call that the buffer suffices for leaves nothing: no record, no counter, no
 * clock. Streams without a descriptor (fopencookie, fmemopen, open_memstream)
 * leave nothing either, the calls of their callbacks are hooked themselves; wide
 * streams neither, whose bytes are counted in characters.
 *
 * Nothing counts twice, since libc calls none of our hooks from inside but
 * malloc's family: tried on glibc 2.36 with fopencookie (its callbacks' read and
 * write, once each), popen (its pipe, once), std::cout (fwrite and putc, once),
 * std::fstream (fopen64, read, writev and write: the FILE's own buffer stays
 * empty) and programs built with ASan, whose interceptors stand behind ours and
 * call libc's functions straight (tests/e2e/stdio.sh).
 */
#ifndef TPPROBE_STREAM_H
#define TPPROBE_STREAM_H

#include <string.h>

#include "hook_io.h"

#pragma GCC visibility push(hidden)

/* glibc's libio.h, not installed; unchanged since 2.1. */
enum stream_flag {
	STREAM_unbuffered = 0x0002,
	STREAM_failed = 0x0020,
	STREAM_in_backup = 0x0100,
	STREAM_line_buffered = 0x0200,
	STREAM_putting = 0x0800,
	STREAM_has_file = 0x2000,
	STREAM_magic = (int)0xfbad0000,
	STREAM_magic_mask = (int)0xffff0000,
};

/* A call that may enter the kernel, and the stream before it. */
struct stream_call {
	struct io_call io; /* begun 0: it was not expected to, no clock was read */
	enum call call;
	int failed;    /* STREAM_failed, if it was set before */
	size_t before; /* pending, or avail */
	size_t prompt; /* pending of stdout that reading writes out */
};

/* Its descriptor, or -1. */
static inline int stream_fd(const FILE *f)
{
	return f->_flags & STREAM_has_file ? f->_fileno : -1;
}

/* What it moves can be told. */
static inline bool stream_is_told(const FILE *f)
{
	return stream_fd(f) >= 0 && f->_mode <= 0;
}

static inline size_t stream_pending(const FILE *f)
{
	return likely(f->_IO_write_ptr > f->_IO_write_base)
		       ? (size_t)(f->_IO_write_ptr - f->_IO_write_base)
		       : 0;
}

/* With what is behind characters that were pushed back. */
static inline size_t stream_avail(const FILE *f)
{
	ptrdiff_t n = f->_IO_read_end - f->_IO_read_ptr;

	if (unlikely(f->_flags & STREAM_in_backup))
		n += f->_IO_save_end - f->_IO_save_base;
	return n > 0 ? (size_t)n : 0;
}

/* Will the buffer suffice for n more bytes? Then libc only copies. */
static inline bool stream_has_room(const FILE *f, size_t n)
{
	return f->_IO_write_end - f->_IO_write_ptr >= (ptrdiff_t)n;
}

static inline bool stream_has_data(const FILE *f, size_t n)
{
	return f->_IO_read_end - f->_IO_read_ptr >= (ptrdiff_t)n;
}

/* The same for a text: the end of a line overflows a line buffer, whatever its
 * room (setlinebuf in the middle leaves that as it was). */
bool stream_has_line_room(const FILE *f, const char *text, size_t n);

static inline bool stream_has_text_room(const FILE *f, const char *text, size_t n)
{
	if (unlikely(f->_flags & STREAM_line_buffered))
		return stream_has_line_room(f, text, n);
	return stream_has_room(f, n);
}

/* Is the end of the line in the buffer, or n bytes? */
static inline bool stream_has_line(const FILE *f, int end, size_t n)
{
	const char *at = f->_IO_read_ptr, *to = f->_IO_read_end;

	/* Another thread may be at it: never look outside of the buffer. */
	if (unlikely(at >= to || at < f->_IO_buf_base || to > f->_IO_buf_end))
		return false;
	if ((size_t)(to - at) >= n)
		return true;
	return memchr(at, end, (size_t)(to - at));
}

/* False: nothing to be told of this stream, pass the call on. */
static inline bool stream_begin(struct stream_call *c, struct probe_thread *t, enum call call,
				const FILE *f, size_t before, bool expected)
{
	if (unlikely(!stream_is_told(f)))
		return false;
	c->io.thread = t;
	c->io.begun = expected ? probe_now() : 0;
	c->call = call;
	c->failed = f->_flags & STREAM_failed;
	c->before = before;
	c->prompt = 0;
	return true;
}

/* Reading a terminal writes out the prompt: stdout, when it is line-buffered. */
size_t stream_prompt(void);

static inline bool stream_read_begin(struct stream_call *c, struct probe_thread *t, enum call call,
				     const FILE *f, bool expected)
{
	if (!stream_begin(c, t, call, f, stream_avail(f), expected))
		return false;
	if (f->_flags & (STREAM_line_buffered | STREAM_unbuffered))
		c->prompt = stream_prompt();
	return true;
}

static inline bool stream_write_begin(struct stream_call *c, struct probe_thread *t, enum call call,
				      const FILE *f, bool expected)
{
	return stream_begin(c, t, call, f, stream_pending(f), expected);
}

/* One record, and the counters. moved < 0: failed, errno says how. */
void stream_tell(struct io_call *c, enum call call, enum io_direction direction, int fd,
		 ssize_t moved);

/* Written out by a call that closed the descriptor, whose table entry this was. */
void stream_tell_closed(struct io_call *c, enum call call, int fd, uint64_t entry, ssize_t moved);

void stream_tell_prompt(struct stream_call *c);

/* accepted < 0: the call failed. */
static inline void stream_wrote(struct stream_call *c, const FILE *f, ssize_t accepted)
{
	ssize_t moved = (ssize_t)c->before + accepted - (ssize_t)stream_pending(f);

	if (unlikely((f->_flags & STREAM_failed) > c->failed))
		stream_tell(&c->io, c->call, IO_out, f->_fileno, -1);
	else if (moved > 0 && accepted >= 0)
		stream_tell(&c->io, c->call, IO_out, f->_fileno, moved);
}

static inline void stream_got(struct stream_call *c, const FILE *f, ssize_t consumed)
{
	size_t avail = stream_avail(f);
	ssize_t moved = consumed + (ssize_t)avail - (ssize_t)c->before;

	if (unlikely(c->prompt))
		stream_tell_prompt(c);
	if (unlikely((f->_flags & STREAM_failed) > c->failed))
		stream_tell(&c->io, c->call, IO_in, f->_fileno, -1);
	else if (moved > 0 && avail <= (size_t)(f->_IO_buf_end - f->_IO_buf_base) &&
		 !(f->_flags & STREAM_in_backup))
		stream_tell(&c->io, c->call, IO_in, f->_fileno, moved);
}

/* The open streams, one after the other: all of them when nobody else can change
 * libc's list, or stdout and stderr. NULL at the end. */
FILE *stream_first(bool alone);
FILE *stream_next(FILE *f, bool alone);

/* libc is about to write out what this stream holds: a record of it. Bytes. */
uint64_t stream_tell_pending(struct probe_thread *t, const FILE *f);

/* The same for all streams, at the end of the process. */
uint64_t streams_tell_pending(struct probe_thread *t, bool alone);

#pragma GCC visibility pop

#endif
