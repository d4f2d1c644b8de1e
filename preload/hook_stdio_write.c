/* SPDX-License-Identifier: MIT */
/* Blocks, texts and characters that go into a stream; records when it overflows. */
#include "stream.h"

static inline size_t put_block(size_t (*real)(const void *, size_t, size_t, FILE *), enum call call,
			       const void *buf, size_t size, size_t count, FILE *f)
{
	struct probe_thread *t = probe_enter();
	size_t bytes = size * count, done;
	struct stream_call c;

	/* nothing at all goes into any stream, even into NULL */
	if (!t || !bytes || stream_has_text_room(f, buf, bytes) ||
	    !stream_write_begin(&c, t, call, f, true))
		return real(buf, size, count, f);
	done = real(buf, size, count, f);
	stream_wrote(&c, f, done == count ? (ssize_t)bytes : done ? (ssize_t)(done * size) : -1);
	return done;
}

size_t fwrite(const void *buf, size_t size, size_t count, FILE *stream)
{
	return put_block(real_fwrite, CALL_fwrite, buf, size, count, stream);
}

size_t fwrite_unlocked(const void *buf, size_t size, size_t count, FILE *stream)
{
	return put_block(real_fwrite_unlocked, CALL_fwrite_unlocked, buf, size, count, stream);
}

static inline int put_text(int (*real)(const char *, FILE *), enum call call, const char *text,
			   FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	size_t n;
	int result;

	if (!t || stream_has_text_room(f, text, n = strlen(text)) ||
	    !stream_write_begin(&c, t, call, f, true))
		return real(text, f);
	result = real(text, f);
	stream_wrote(&c, f, result < 0 ? -1 : (ssize_t)n);
	return result;
}

int fputs(const char *text, FILE *stream)
{
	return put_text(real_fputs, CALL_fputs, text, stream);
}

int fputs_unlocked(const char *text, FILE *stream)
{
	return put_text(real_fputs_unlocked, CALL_fputs_unlocked, text, stream);
}

int puts(const char *text)
{
	struct probe_thread *t = probe_enter();
	FILE *f = stdout;
	struct stream_call c;
	size_t n;
	int result;

	if (!t ||
	    (stream_has_room(f, n = strlen(text) + 1) && !(f->_flags & STREAM_line_buffered)) ||
	    !stream_write_begin(&c, t, CALL_puts, f, true))
		return real_puts(text);
	result = real_puts(text);
	stream_wrote(&c, f, result < 0 ? -1 : (ssize_t)n);
	return result;
}

static inline bool has_room_for_one(const FILE *f, int ch)
{
	return likely(stream_has_room(f, 1)) ||
	       (f->_flags & STREAM_line_buffered && ch != '\n' && stream_has_line_room(f, "", 1));
}

static __attribute__((noinline)) int put_one_slowly(struct probe_thread *t,
						    int (*real)(int, FILE *), enum call call,
						    int ch, FILE *f)
{
	struct stream_call c;
	int result;

	if (!stream_write_begin(&c, t, call, f, true))
		return real(ch, f);
	result = real(ch, f);
	stream_wrote(&c, f, result == EOF ? -1 : 1);
	return result;
}

/* Into the buffer mostly, which takes 3 ns: the hook must not be felt. */
static inline int put_one(int (*real)(int, FILE *), enum call call, int ch, FILE *f)
{
	struct probe_thread *t = probe_enter();

	if (likely(!t || has_room_for_one(f, (unsigned char)ch)))
		return real(ch, f);
	return put_one_slowly(t, real, call, ch, f);
}

int putc(int ch, FILE *stream)
{
	return put_one(real_putc, CALL_putc, ch, stream);
}

int fputc(int ch, FILE *stream)
{
	return put_one(real_fputc, CALL_fputc, ch, stream);
}

int _IO_putc(int ch, FILE *stream)
{
	return put_one(real__IO_putc, CALL__IO_putc, ch, stream);
}

int putc_unlocked(int ch, FILE *stream)
{
	return put_one(real_putc_unlocked, CALL_putc_unlocked, ch, stream);
}

int fputc_unlocked(int ch, FILE *stream)
{
	return put_one(real_fputc_unlocked, CALL_fputc_unlocked, ch, stream);
}

static inline int put_one_out(int (*real)(int), enum call call, int ch)
{
	struct probe_thread *t = probe_enter();
	FILE *f = stdout;
	struct stream_call c;
	int result;

	if (!t || has_room_for_one(f, (unsigned char)ch) ||
	    !stream_write_begin(&c, t, call, f, true))
		return real(ch);
	result = real(ch);
	stream_wrote(&c, f, result == EOF ? -1 : 1);
	return result;
}

int putchar(int ch)
{
	return put_one_out(real_putchar, CALL_putchar, ch);
}

int putchar_unlocked(int ch)
{
	return put_one_out(real_putchar_unlocked, CALL_putchar_unlocked, ch);
}

/* What the inlined putc_unlocked calls when its buffer is full. EOF: only empty it. */
int __overflow(FILE *stream, int ch)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	int result;

	if (!t || !stream_write_begin(&c, t, CALL___overflow, stream, true))
		return real___overflow(stream, ch);
	result = real___overflow(stream, ch);
	stream_wrote(&c, stream, result == EOF ? -1 : ch != EOF);
	return result;
}
