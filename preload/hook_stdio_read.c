/* SPDX-License-Identifier: MIT */
/* Blocks, lines and characters that come out of a stream; records when it is refilled. */
#include "stream.h"

/* Of an item that came in part the real function would not say how much: it is
 * asked for bytes, which is what it reads anyway. Nothing at all comes out of any
 * stream, even out of NULL. */
static inline size_t items(size_t got, size_t bytes, size_t size, size_t count)
{
	return got == bytes ? count : got / size;
}

static inline size_t get_block(size_t (*real)(void *, size_t, size_t, FILE *), enum call call,
			       void *buf, size_t size, size_t count, FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	size_t bytes, got;

	if (!t || __builtin_mul_overflow(size, count, &bytes) || !bytes ||
	    stream_has_data(f, bytes) || !stream_read_begin(&c, t, call, f, true))
		return real(buf, size, count, f);
	got = real(buf, 1, bytes, f);
	stream_got(&c, f, (ssize_t)got);
	return items(got, bytes, size, count);
}

size_t fread(void *buf, size_t size, size_t count, FILE *stream)
{
	return get_block(real_fread, CALL_fread, buf, size, count, stream);
}

size_t fread_unlocked(void *buf, size_t size, size_t count, FILE *stream)
{
	return get_block(real_fread_unlocked, CALL_fread_unlocked, buf, size, count, stream);
}

static inline size_t get_block_chk(size_t (*real)(void *, size_t, size_t, size_t, FILE *),
				   enum call call, void *buf, size_t room, size_t size,
				   size_t count, FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	size_t bytes, got;

	if (!t || __builtin_mul_overflow(size, count, &bytes) || !bytes ||
	    stream_has_data(f, bytes) || !stream_read_begin(&c, t, call, f, true))
		return real(buf, room, size, count, f);
	got = real(buf, room, 1, bytes, f);
	stream_got(&c, f, (ssize_t)got);
	return items(got, bytes, size, count);
}

size_t __fread_chk(void *buf, size_t room, size_t size, size_t count, FILE *stream)
{
	return get_block_chk(real___fread_chk, CALL___fread_chk, buf, room, size, count, stream);
}

size_t __fread_unlocked_chk(void *buf, size_t room, size_t size, size_t count, FILE *stream)
{
	return get_block_chk(real___fread_unlocked_chk, CALL___fread_unlocked_chk, buf, room, size,
			     count, stream);
}

static inline char *get_line(char *(*real)(char *, int, FILE *), enum call call, char *buf, int n,
			     FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	char *line;

	if (!t || n < 2 || stream_has_line(f, '\n', (size_t)n - 1) ||
	    !stream_read_begin(&c, t, call, f, true))
		return real(buf, n, f);
	line = real(buf, n, f);
	stream_got(&c, f, line ? (ssize_t)strlen(line) : 0);
	return line;
}

char *fgets(char *buf, int n, FILE *stream)
{
	return get_line(real_fgets, CALL_fgets, buf, n, stream);
}

char *fgets_unlocked(char *buf, int n, FILE *stream)
{
	return get_line(real_fgets_unlocked, CALL_fgets_unlocked, buf, n, stream);
}

static inline char *get_line_chk(char *(*real)(char *, size_t, int, FILE *), enum call call,
				 char *buf, size_t room, int n, FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	char *line;

	if (!t || n < 2 || stream_has_line(f, '\n', (size_t)n - 1) ||
	    !stream_read_begin(&c, t, call, f, true))
		return real(buf, room, n, f);
	line = real(buf, room, n, f);
	stream_got(&c, f, line ? (ssize_t)strlen(line) : 0);
	return line;
}

char *__fgets_chk(char *buf, size_t room, int n, FILE *stream)
{
	return get_line_chk(real___fgets_chk, CALL___fgets_chk, buf, room, n, stream);
}

char *__fgets_unlocked_chk(char *buf, size_t room, int n, FILE *stream)
{
	return get_line_chk(real___fgets_unlocked_chk, CALL___fgets_unlocked_chk, buf, room, n,
			    stream);
}

static inline ssize_t get_until(ssize_t (*real)(char **, size_t *, int, FILE *), enum call call,
				char **line, size_t *room, int end, FILE *f)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	ssize_t got;

	if (!t || stream_has_line(f, end, SIZE_MAX) || !stream_read_begin(&c, t, call, f, true))
		return real(line, room, end, f);
	got = real(line, room, end, f);
	stream_got(&c, f, got > 0 ? got : 0);
	return got;
}

ssize_t getdelim(char **line, size_t *room, int end, FILE *stream)
{
	return get_until(real_getdelim, CALL_getdelim, line, room, end, stream);
}

ssize_t __getdelim(char **line, size_t *room, int end, FILE *stream)
{
	return get_until(real___getdelim, CALL___getdelim, line, room, end, stream);
}

ssize_t getline(char **line, size_t *room, FILE *stream)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	ssize_t got;

	if (!t || stream_has_line(stream, '\n', SIZE_MAX) ||
	    !stream_read_begin(&c, t, CALL_getline, stream, true))
		return real_getline(line, room, stream);
	got = real_getline(line, room, stream);
	stream_got(&c, stream, got > 0 ? got : 0);
	return got;
}

static __attribute__((noinline)) int get_one_slowly(struct probe_thread *t, int (*real)(FILE *),
						    enum call call, FILE *f)
{
	struct stream_call c;
	int ch;

	if (!stream_read_begin(&c, t, call, f, true))
		return real(f);
	ch = real(f);
	stream_got(&c, f, ch != EOF);
	return ch;
}

/* Out of the buffer mostly, which takes 3 ns: the hook must not be felt. */
static inline int get_one(int (*real)(FILE *), enum call call, FILE *f)
{
	struct probe_thread *t = probe_enter();

	if (likely(!t || stream_has_data(f, 1)))
		return real(f);
	return get_one_slowly(t, real, call, f);
}

int getc(FILE *stream)
{
	return get_one(real_getc, CALL_getc, stream);
}

int fgetc(FILE *stream)
{
	return get_one(real_fgetc, CALL_fgetc, stream);
}

int _IO_getc(FILE *stream)
{
	return get_one(real__IO_getc, CALL__IO_getc, stream);
}

int getc_unlocked(FILE *stream)
{
	return get_one(real_getc_unlocked, CALL_getc_unlocked, stream);
}

int fgetc_unlocked(FILE *stream)
{
	return get_one(real_fgetc_unlocked, CALL_fgetc_unlocked, stream);
}

static inline int get_one_in(int (*real)(void), enum call call)
{
	struct probe_thread *t = probe_enter();
	FILE *f = stdin;
	struct stream_call c;
	int ch;

	if (!t || stream_has_data(f, 1) || !stream_read_begin(&c, t, call, f, true))
		return real();
	ch = real();
	stream_got(&c, f, ch != EOF);
	return ch;
}

int getchar(void)
{
	return get_one_in(real_getchar, CALL_getchar);
}

int getchar_unlocked(void)
{
	return get_one_in(real_getchar_unlocked, CALL_getchar_unlocked);
}

/* What the inlined getc_unlocked calls when its buffer is empty. */
int __uflow(FILE *stream)
{
	return get_one(real___uflow, CALL___uflow, stream);
}

/* The same without taking the character. */
int __underflow(FILE *stream)
{
	struct probe_thread *t = probe_enter();
	struct stream_call c;
	int ch;

	if (!t || stream_has_data(stream, 1) ||
	    !stream_read_begin(&c, t, CALL___underflow, stream, true))
		return real___underflow(stream);
	ch = real___underflow(stream);
	stream_got(&c, stream, 0);
	return ch;
}
