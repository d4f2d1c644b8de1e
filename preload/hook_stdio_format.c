/* SPDX-License-Identifier: MIT */
/*
 * The printf and scanf families. The real functions are the v-variants, which is
 * what libc's own variadic ones call.
 *
 * How much a format takes is known afterwards only, so the clock is read when
 * little room or data is left; a longer text that surprises us has no duration.
 * scanf does not say what it consumed: when the buffer was refilled, one refill is
 * assumed. An unbuffered stream is refilled for each character, and is not told.
 */
#include "stream.h"

#define USUAL_TEXT 256

typedef int scan_function(FILE *, const char *, va_list);

static inline bool may_overflow(const FILE *f)
{
	return !stream_has_room(f, USUAL_TEXT);
}

static inline int put_format(enum call call, FILE *f, const char *format, va_list list)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	int n;

	if (!t || !stream_write_begin(&c, t, call, f, may_overflow(f)))
		return real_vfprintf(f, format, list);
	n = real_vfprintf(f, format, list);
	stream_wrote(&c, f, n);
	return n;
}

static inline int put_format_chk(enum call call, FILE *f, int flag, const char *format,
				 va_list list)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	int n;

	if (!t || !stream_write_begin(&c, t, call, f, may_overflow(f)))
		return real___vfprintf_chk(f, flag, format, list);
	n = real___vfprintf_chk(f, flag, format, list);
	stream_wrote(&c, f, n);
	return n;
}

/* What `call` gives, with the arguments behind `format` as its list. */
#define WITH_LIST(format, call)                                                                    \
	va_list list;                                                                              \
	int n;                                                                                     \
	va_start(list, format);                                                                    \
	n = call;                                                                                  \
	va_end(list);                                                                              \
	return n

int vfprintf(FILE *stream, const char *format, va_list list)
{
	return put_format(CALL_vfprintf, stream, format, list);
}

int vprintf(const char *format, va_list list)
{
	return put_format(CALL_vprintf, stdout, format, list);
}

int fprintf(FILE *stream, const char *format, ...)
{
	WITH_LIST(format, put_format(CALL_fprintf, stream, format, list));
}

int printf(const char *format, ...)
{
	WITH_LIST(format, put_format(CALL_printf, stdout, format, list));
}

int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list list)
{
	return put_format_chk(CALL___vfprintf_chk, stream, flag, format, list);
}

int __vprintf_chk(int flag, const char *format, va_list list)
{
	return put_format_chk(CALL___vprintf_chk, stdout, flag, format, list);
}

int __fprintf_chk(FILE *stream, int flag, const char *format, ...)
{
	WITH_LIST(format, put_format_chk(CALL___fprintf_chk, stream, flag, format, list));
}

int __printf_chk(int flag, const char *format, ...)
{
	WITH_LIST(format, put_format_chk(CALL___printf_chk, stdout, flag, format, list));
}

/* Straight to the descriptor, through a stream that lives as long as the call: as exact
 * as write is. */
static inline int put_fd(enum call call, int fd, const char *format, va_list list)
{
	struct io_call c;
	int n;

	if (!io_begin(&c))
		return real_vdprintf(fd, format, list);
	n = real_vdprintf(fd, format, list);
	return n ? (int)io_end(&c, call, IO_out, fd, n) : 0; /* no text, no call */
}

static inline int put_fd_chk(enum call call, int fd, int flag, const char *format, va_list list)
{
	struct io_call c;
	int n;

	if (!io_begin(&c))
		return real___vdprintf_chk(fd, flag, format, list);
	n = real___vdprintf_chk(fd, flag, format, list);
	return n ? (int)io_end(&c, call, IO_out, fd, n) : 0; /* no text, no call */
}

int vdprintf(int fd, const char *format, va_list list)
{
	return put_fd(CALL_vdprintf, fd, format, list);
}

int dprintf(int fd, const char *format, ...)
{
	WITH_LIST(format, put_fd(CALL_dprintf, fd, format, list));
}

int __vdprintf_chk(int fd, int flag, const char *format, va_list list)
{
	return put_fd_chk(CALL___vdprintf_chk, fd, flag, format, list);
}

int __dprintf_chk(int fd, int flag, const char *format, ...)
{
	WITH_LIST(format, put_fd_chk(CALL___dprintf_chk, fd, flag, format, list));
}

/* The buffer before: a refill moves its end, or the place in it backwards. */
static inline int scan(scan_function *real, enum call call, FILE *f, const char *format,
		       va_list list)
{
	struct probe_thread *t = probe_enter();
	const char *at, *end;
	struct stream_call c;
	int n;

	if (!t || f->_flags & STREAM_unbuffered ||
	    !stream_read_begin(&c, t, call, f, !stream_has_data(f, USUAL_TEXT)))
		return real(f, format, list);
	at = f->_IO_read_ptr;
	end = f->_IO_read_end;
	n = real(f, format, list);
	if (f->_IO_read_end == end && f->_IO_read_ptr >= at)
		return n;
	/* what was there is consumed, and what lies before the place as well */
	stream_got(&c, f, (ssize_t)c.before + (f->_IO_read_ptr - f->_IO_buf_base));
	return n;
}

int vfscanf(FILE *stream, const char *format, va_list list)
{
	return scan(real_vfscanf, CALL_vfscanf, stream, format, list);
}

int vscanf(const char *format, va_list list)
{
	return scan(real_vfscanf, CALL_vscanf, stdin, format, list);
}

int fscanf(FILE *stream, const char *format, ...)
{
	WITH_LIST(format, scan(real_vfscanf, CALL_fscanf, stream, format, list));
}

int scanf(const char *format, ...)
{
	WITH_LIST(format, scan(real_vfscanf, CALL_scanf, stdin, format, list));
}

int __isoc99_vfscanf(FILE *stream, const char *format, va_list list)
{
	return scan(real___isoc99_vfscanf, CALL___isoc99_vfscanf, stream, format, list);
}

int __isoc99_vscanf(const char *format, va_list list)
{
	return scan(real___isoc99_vfscanf, CALL___isoc99_vscanf, stdin, format, list);
}

int __isoc99_fscanf(FILE *stream, const char *format, ...)
{
	WITH_LIST(format, scan(real___isoc99_vfscanf, CALL___isoc99_fscanf, stream, format, list));
}

int __isoc99_scanf(const char *format, ...)
{
	WITH_LIST(format, scan(real___isoc99_vfscanf, CALL___isoc99_scanf, stdin, format, list));
}
