/* SPDX-License-Identifier: MIT */
/*
 * hooks_stdio: every stdio function that is hooked, each call so that the kernel
 * moves bytes exactly once, or not at all. The ledger has the calls that moved
 * some, and their bytes.
 *
 * out: a stream on hooks_stdio.tmp. in: one on hooks_stdio.in, whose lines are
 * numbered, opened anew for each call, so that its buffer is empty: one read of
 * BLOCK bytes, what fstat calls the best size of a block.
 */
#define __NO_INLINE__ 1 /* the functions, not what the headers put in their place */
/* Else scanf is another name of __isoc99_scanf. */
#include <features.h>
#undef __GLIBC_USE_DEPRECATED_SCANF
#define __GLIBC_USE_DEPRECATED_SCANF 1

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger.h"

#undef fread_unlocked
#undef fwrite_unlocked

/* Names that headers keep for the compiler's use. */
size_t __fread_chk(void *buf, size_t room, size_t size, size_t count, FILE *stream);
size_t __fread_unlocked_chk(void *buf, size_t room, size_t size, size_t count, FILE *stream);
char *__fgets_chk(char *buf, size_t room, int n, FILE *stream);
char *__fgets_unlocked_chk(char *buf, size_t room, int n, FILE *stream);
int _IO_getc(FILE *stream);
int _IO_putc(int ch, FILE *stream);
int __underflow(FILE *stream);
int __isoc99_scanf(const char *format, ...);
int __isoc99_fscanf(FILE *stream, const char *format, ...);
int __isoc99_vscanf(const char *format, va_list list);
int __isoc99_vfscanf(FILE *stream, const char *format, va_list list);
int __printf_chk(int flag, const char *format, ...);
int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
int __vprintf_chk(int flag, const char *format, va_list list);
int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list list);
int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list list);

#define BLOCK 4096

static const char *const in_path = "hooks_stdio.in", *const out_path = "hooks_stdio.tmp";
static char block[2 * BLOCK];
static uint64_t written; /* into out_path, as the ledger has it */

static void told(const char *name, uint64_t calls, uint64_t bytes)
{
	char with_bytes[64];

	ledger_add(name, calls);
	snprintf(with_bytes, sizeof(with_bytes), "%s.bytes", name);
	ledger_add(with_bytes, bytes);
}

/* `expression` reads one block from a stream `in` that was just opened, and comes
 * out true; done again, it is served from the buffer. */
#define READS(name, expression)                                                                    \
	do {                                                                                       \
		FILE *in = fopen(in_path, "r");                                                    \
                                                                                                   \
		CHECK(in && (expression));                                                         \
		in_again(in);                                                                      \
		CHECK(expression);                                                                 \
		CHECK(!fclose(in));                                                                \
		opens++;                                                                           \
		told(#name, 1, BLOCK);                                                             \
	} while (0)

/* The same with stdin. */
#define READS_STDIN(name, expression)                                                              \
	do {                                                                                       \
		CHECK(freopen(in_path, "r", stdin));                                               \
		reopens++;                                                                         \
		CHECK(expression);                                                                 \
		in_again(stdin);                                                                   \
		CHECK(expression);                                                                 \
		told(#name, 1, BLOCK);                                                             \
	} while (0)

static uint64_t opens, reopens;

/* Back to the first byte without a call that may be hooked. */
static void in_again(FILE *in)
{
	in->_IO_read_ptr = in->_IO_read_base;
}

static void make_input(void)
{
	int fd = open(in_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	for (int i = 0; i < 8 * BLOCK; i += 8)
		CHECK(write(fd, "1234567\n", 8) == 8);
	CHECK(!close(fd));
}

static int v_scan(int (*scan)(FILE *, const char *, va_list), FILE *in, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = scan(in, format, list);
	va_end(list);
	return n;
}

static int v_scan_in(int (*scan)(const char *, va_list), const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = scan(format, list);
	va_end(list);
	return n;
}

static void blocks(void)
{
	READS(fread, fread(block, 8, 3, in) == 3 && !memcmp(block + 16, "1234567\n", 8));
	READS(fread_unlocked, fread_unlocked(block, 8, 3, in) == 3);
	READS(__fread_chk, __fread_chk(block, sizeof(block), 8, 3, in) == 3);
	READS(__fread_unlocked_chk, __fread_unlocked_chk(block, sizeof(block), 8, 3, in) == 3);
}

static void lines(void)
{
	char *line = NULL;
	size_t room = 0;

#define IS_LINE(got) (!strcmp(got, "1234567\n"))
	READS(fgets, IS_LINE(fgets(block, 100, in)));
	READS(fgets_unlocked, IS_LINE(fgets_unlocked(block, 100, in)));
	READS(__fgets_chk, IS_LINE(__fgets_chk(block, sizeof(block), 100, in)));
	READS(__fgets_unlocked_chk, IS_LINE(__fgets_unlocked_chk(block, sizeof(block), 100, in)));
	READS(getline, getline(&line, &room, in) == 8 && IS_LINE(line));
	READS(getdelim, getdelim(&line, &room, '4', in) == 4 && !strcmp(line, "1234"));
	READS(__getdelim, __getdelim(&line, &room, '4', in) == 4);
	free(line);
}

static void characters(void)
{
	READS(getc, getc(in) == '1');
	READS(fgetc, fgetc(in) == '1');
	READS(_IO_getc, _IO_getc(in) == '1');
	READS(getc_unlocked, getc_unlocked(in) == '1');
	READS(fgetc_unlocked, fgetc_unlocked(in) == '1');
	READS(__uflow, __uflow(in) == '1');
	READS_STDIN(getchar, getchar() == '1');
	READS_STDIN(getchar_unlocked, getchar_unlocked() == '1');
}

static void scans(void)
{
	int n = 0;

#define IS_NUMBER(call) (n = 0, (call) == 1 && n == 1234567)
	READS(fscanf, IS_NUMBER(fscanf(in, "%d", &n)));
	READS(vfscanf, IS_NUMBER(v_scan(vfscanf, in, "%d", &n)));
	READS(__isoc99_fscanf, IS_NUMBER(__isoc99_fscanf(in, "%d", &n)));
	READS(__isoc99_vfscanf, IS_NUMBER(v_scan(__isoc99_vfscanf, in, "%d", &n)));
	READS_STDIN(scanf, IS_NUMBER(scanf("%d", &n)));
	READS_STDIN(vscanf, IS_NUMBER(v_scan_in(vscanf, "%d", &n)));
	READS_STDIN(__isoc99_scanf, IS_NUMBER(__isoc99_scanf("%d", &n)));
	READS_STDIN(__isoc99_vscanf, IS_NUMBER(v_scan_in(__isoc99_vscanf, "%d", &n)));
}

/* `expression` writes n bytes to the unbuffered stream `out`, at once. */
#define WRITES(name, n, expression)                                                                \
	do {                                                                                       \
		CHECK(expression);                                                                 \
		written += (n);                                                                    \
		told(#name, 1, n);                                                                 \
	} while (0)

static int v_put(int (*put)(FILE *, const char *, va_list), FILE *out, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = put(out, format, list);
	va_end(list);
	return n;
}

static int v_put_out(int (*put)(const char *, va_list), const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = put(format, list);
	va_end(list);
	return n;
}

static int v_put_chk(int chk, FILE *out, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = chk == 2   ? __vdprintf_chk(fileno(out), 1, format, list)
	    : chk == 1 ? __vfprintf_chk(out, 1, format, list)
		       : __vprintf_chk(1, format, list);
	va_end(list);
	return n;
}

static int v_put_fd(int fd, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vdprintf(fd, format, list);
	va_end(list);
	return n;
}

static void texts(FILE *out)
{
	WRITES(fwrite, 30, fwrite(block, 10, 3, out) == 3);
	WRITES(fwrite_unlocked, 30, fwrite_unlocked(block, 10, 3, out) == 3);
	WRITES(fputs, 5, fputs("text\n", out) >= 0);
	WRITES(fputs_unlocked, 5, fputs_unlocked("text\n", out) >= 0);
	WRITES(putc, 1, putc('a', out) == 'a');
	WRITES(fputc, 1, fputc('a', out) == 'a');
	WRITES(_IO_putc, 1, _IO_putc('a', out) == 'a');
	WRITES(putc_unlocked, 1, putc_unlocked('a', out) == 'a');
	WRITES(fputc_unlocked, 1, fputc_unlocked('a', out) == 'a');
	WRITES(__overflow, 1, __overflow(out, 'a') == 'a');
	WRITES(fprintf, 7, fprintf(out, "%s %.2f\n", "x", 1.5) == 7);
	WRITES(vfprintf, 3, v_put(vfprintf, out, "%d\n", 42) == 3);
	WRITES(__fprintf_chk, 3, __fprintf_chk(out, 1, "%d\n", 42) == 3);
	WRITES(__vfprintf_chk, 3, v_put_chk(1, out, "%d\n", 42) == 3);
	WRITES(dprintf, 3, dprintf(fileno(out), "%d\n", 42) == 3);
	WRITES(vdprintf, 3, v_put_fd(fileno(out), "%d\n", 42) == 3);
	WRITES(__dprintf_chk, 3, __dprintf_chk(fileno(out), 1, "%d\n", 42) == 3);
	WRITES(__vdprintf_chk, 3, v_put_chk(2, out, "%d\n", 42) == 3);
}

/* stdout is unbuffered here, and a file. */
static void to_stdout(void)
{
	WRITES(puts, 5, puts("text") >= 0);
	WRITES(putchar, 1, putchar('a') == 'a');
	WRITES(putchar_unlocked, 1, putchar_unlocked('a') == 'a');
	WRITES(printf, 3, printf("%d\n", 42) == 3);
	WRITES(vprintf, 3, v_put_out(vprintf, "%d\n", 42) == 3);
	WRITES(__printf_chk, 3, __printf_chk(1, "%d\n", 42) == 3);
	WRITES(__vprintf_chk, 3, v_put_chk(0, NULL, "%d\n", 42) == 3);
}

/* Each writes out 10 bytes that a buffered stream holds. */
#define FLUSHES(name, expression)                                                                  \
	do {                                                                                       \
		CHECK(fwrite(block, 1, 10, out) == 10);                                            \
		WRITES(name, 10, expression);                                                      \
	} while (0)

static void flushes(void)
{
	static char own[BLOCK]; /* without one setvbuf keeps the buffer that is there */
	FILE *out = fdopen(open(out_path, O_WRONLY | O_APPEND), "w");
	fpos_t place;
	fpos64_t place64;

	CHECK(out && !setvbuf(out, own, _IOFBF, BLOCK) && !fgetpos(out, &place));
	CHECK(!fgetpos64(out, &place64));
	FLUSHES(fflush, !fflush(out) && !fflush(out));
	FLUSHES(fflush_unlocked, !fflush_unlocked(out) && !fflush_unlocked(out));
	FLUSHES(fseek, !fseek(out, 0, SEEK_END));
	FLUSHES(fseeko, !fseeko(out, 0, SEEK_END));
	FLUSHES(fseeko64, !fseeko64(out, 0, SEEK_END));
	FLUSHES(rewind, (rewind(out), 1));
	FLUSHES(fsetpos, !fsetpos(out, &place));
	FLUSHES(fsetpos64, !fsetpos64(out, &place64));
	FLUSHES(setvbuf, !setvbuf(out, own, _IOFBF, BLOCK));
	FLUSHES(setbuffer, (setbuffer(out, NULL, 0), 1)); /* from here on unbuffered */
	CHECK(!setvbuf(out, own, _IOFBF, BLOCK));
	FLUSHES(setbuf, (setbuf(out, NULL), 1));
	CHECK(!setvbuf(out, own, _IOFBF, BLOCK));
	FLUSHES(fclose, !fclose(out));
}

/* A seek into a file that is read takes in the block that it lands in. */
static void underflows(void)
{
	FILE *in = fopen(in_path, "r");

	opens++;
	CHECK(in && __underflow(in) == '1' && getc(in) == '1');
	CHECK(!fseek(in, 3 * BLOCK + 8, SEEK_SET) && getc(in) == '1');
	CHECK(!fseek(in, 3 * BLOCK, SEEK_SET) && getc(in) == '1'); /* in the buffer */
	CHECK(ungetc('x', in) == 'x' && ungetc('y', in) == 'y' && getc(in) == 'y');
	CHECK(!fclose(in));
	told("__underflow", 2, 2 * BLOCK);
}

static void quiet(void)
{
	char memory[100], *text;
	FILE *in = fopen(in_path, "r"), *f;
	size_t bytes;

	/* read by a stream: opened, nothing more */
	opens++;
	CHECK(in && !fclose(in));
	errno = 0;
	f = fopen("/nonexistent/file", "r");
	CHECK(!f && errno == ENOENT);
	opens++;
	/* streams without a descriptor */
	f = fmemopen(memory, sizeof(memory), "w");
	CHECK(f && fprintf(f, "%d", 5) == 1 && !fflush(f) && !fclose(f) && !strcmp(memory, "5"));
	f = open_memstream(&text, &bytes);
	CHECK(f && fputs("hello", f) >= 0 && putc('!', f) && !fclose(f) && bytes == 6);
	free(text);
}

static void opened(void)
{
	FILE *f = fopen64(in_path, "r"), *t;

	CHECK(f && (f = freopen64(out_path, "a", f)) && !fclose(f));
	told("fopen64", 1, 0);
	told("freopen64", 1, 0);
	CHECK((t = tmpfile()) && !fclose(t) && (t = tmpfile64()) && !fclose(t));
	ledger_add("tmpfile", 1);
	ledger_add("tmpfile64", 1);
}

int main(void)
{
	int report = dup(1);
	struct stat st;
	FILE *out;

	make_input();
	CHECK((out = fopen(out_path, "w")));
	opens++;
	setbuf(out, NULL);
	blocks();
	lines();
	characters();
	scans();
	texts(out);
	CHECK(!fclose(out));
	CHECK(freopen(out_path, "a", stdout));
	reopens++;
	setbuf(stdout, NULL);
	to_stdout();
	flushes();
	underflows();
	quiet();
	opened();
	CHECK(!stat(out_path, &st) && (uint64_t)st.st_size == written);
	ledger_add("fopen", opens);
	ledger_add("freopen", reopens);
	ledger_close();
	unlink(in_path);
	unlink(out_path);
	CHECK(write(report, "as it should be\n", 16) == 16);
	return 0;
}
