/* SPDX-License-Identifier: MIT */
/*
 * Arguments and results in all the ways that the ABI knows: registers of each kind,
 * the stack, memory. Prints every sum, so that one word that goes astray shows.
 */
#include <complex.h>
#include <immintrin.h>
#include <stdarg.h>
#include <stdint.h>

#include "ledger.h"

struct mixed {
	double d;
	long n;
};
struct four {
	float a, b, c, d;
};
struct large {
	long n[12];
};
struct larger {
	long n[40];
};

static volatile long zero;

OWN static long t_varargs(int n, ...)
{
	va_list list;
	long sum = 0;

	va_start(list, n);
	for (int i = 0; i < n; i++)
		sum = sum * 3 + va_arg(list, long);
	va_end(list);
	return sum;
}

OWN static double t_vpairs(int n, va_list list)
{
	double sum = 0;

	for (int i = 0; i < n; i++) {
		sum = sum * 0.5 + va_arg(list, int);
		sum += va_arg(list, double);
	}
	return sum;
}

OWN static double t_pairs(int n, ...)
{
	va_list list, copy;
	double sum;

	va_start(list, n);
	va_copy(copy, list);
	sum = t_vpairs(n, list) + t_vpairs(n, copy);
	va_end(copy);
	va_end(list);
	return sum;
}

OWN static long double t_vlong_double(int n, ...)
{
	va_list list;
	long double sum = 0;

	va_start(list, n);
	for (int i = 0; i < n; i++)
		sum = sum * 2 + va_arg(list, long double);
	va_end(list);
	return sum;
}

OWN static long t_nine(int a, long b, short c, long d, char e, long f, int g, long h, int i)
{
	return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + h * 17 + i * 19 + zero;
}

/* Its call is a jump where the compiler optimises: the words on the stack are its own arguments. */
OWN static long t_nine_by(int a, long b, short c, long d, char e, long f, int g, long h, int i)
{
	if (zero)
		return 0;
	return t_nine(a + 1, b, c, d, e, f, g + 1, h, i + 1);
}

typedef long nine_fn(int, long, short, long, char, long, int, long, int);
static nine_fn *volatile nine_pointer = t_nine;

OWN static long t_nine_pointer(int a, long b, short c, long d, char e, long f, int g, long h, int i)
{
	return nine_pointer(a + 2, b, c, d, e, f, g, h, i + 2);
}

OWN static struct large t_large(struct large s, long k)
{
	for (int i = 0; i < 12; i++)
		s.n[i] = s.n[i] * k + i;
	return s;
}

OWN static struct larger t_larger(int first, struct larger s, double x, struct large last)
{
	for (int i = 0; i < 40; i++)
		s.n[i] += first + (long)x + last.n[i % 12];
	return s;
}

OWN static struct mixed t_mixed(struct mixed a, struct mixed b)
{
	return (struct mixed){ a.d * b.d, a.n + b.n + zero };
}

OWN static struct four t_four(struct four a, struct four b)
{
	return (struct four){ a.a + b.d + (float)zero, a.b + b.c, a.c + b.b, a.d + b.a };
}

OWN static long double t_long_double(long double a, long double b)
{
	return a / b + zero;
}

OWN static complex long double t_complex(complex long double a, double b)
{
	return a * b + zero;
}

OWN static complex double t_complex_double(complex double a, complex double b)
{
	return a * b + (double)zero;
}

OWN static __int128 t_wide(__int128 a, long b, __int128 c, long d, __int128 e)
{
	return a * b + c * d + e + zero;
}

OWN static double t_doubles(double a, double b, double c, double d, double e, double f, double g,
			    double h, double i, double j, int n)
{
	return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + n +
	       (double)zero;
}

OWN static int t_small(int x)
{
	return x + 1;
}

OWN static void t_nothing(void)
{
	__asm__ volatile("");
}

OWN static _Bool t_bool(char a, unsigned char b)
{
	return a + (char)zero == (char)b;
}

/* Trusts the alignment of the stack that the ABI promises. */
OWN static int t_aligned(float x)
{
	_Alignas(16) volatile float local[4];
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	_mm_store_ps((float *)local, _mm_set1_ps(x));
	return (int)(local[0] + local[3]) + (int)(frame % 16);
}

OWN static int t_dynamic(int n)
{
	int room[n + 1], sum = 0;

	for (int i = 0; i <= n; i++)
		room[i] = i + (int)zero;
	for (int i = 0; i <= n; i++)
		sum += room[i];
	return sum;
}

__attribute__((target("avx"))) OWN static __m256d t_avx(__m256d a, __m256d b, long k)
{
	return _mm256_add_pd(_mm256_mul_pd(a, b), _mm256_set1_pd((double)(k + zero)));
}

__attribute__((target("avx"))) OWN static void t_avx_use(void)
{
	double out[4];
	__m256d x = _mm256_set_pd(1, 2, 3, 4);

	for (int i = 0; i < 10; i++)
		x = t_avx(x, _mm256_set_pd(0.5, 0.25, 2, 1), i);
	_mm256_storeu_pd(out, x);
	printf("avx %a %a %a %a\n", out[0], out[1], out[2], out[3]);
	tally("t_avx", RETURN, 10);
	tally("t_avx_use", RETURN, 1);
}

__attribute__((target("avx512f"))) OWN static __m512d t_ten_zmm(__m512d a, __m512d b, __m512d c,
								__m512d d, __m512d e, __m512d f,
								__m512d g, __m512d h, __m512d i,
								__m512d j)
{
	__m512d sum = a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10;

	return sum + (double)zero;
}

__attribute__((target("avx512f"))) OWN static void t_zmm_use(void)
{
	double out[8], sum = 0;
	__m512d x[10], y;

	for (int i = 0; i < 10; i++)
		x[i] = _mm512_set1_pd(i + 0.5);
	y = t_ten_zmm(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9]);
	_mm512_storeu_pd(out, y);
	for (int i = 0; i < 8; i++)
		sum += out[i] * (i + 1);
	printf("avx512 %a\n", sum);
	tally("t_ten_zmm", RETURN, 1);
	tally("t_zmm_use", RETURN, 1);
}

#if !defined(__clang__)
static long call_back(long (*f)(long), long x)
{
	return f(x) + f(x + 1);
}

/* Nested functions find their frame through r10; by address they go through code on the stack. */
OWN static long t_outer(long n)
{
	long sum = 0;

	OWN long t_inner(long x)
	{
		sum += x * n;
		return sum;
	}
	sum = t_inner(1) + t_inner(2);
	return call_back(t_inner, 3) + sum;
}
#endif

/* Callers of these know which registers they leave alone (-fipa-ra). */
__attribute__((noinline)) static long t_leaf(long x)
{
	return x * 3 + zero;
}

__attribute__((noinline)) static long t_trusting(long a, long b, long c, long d)
{
	return t_leaf(a) + a * b + c * d + t_leaf(b) + a + c * 2 + t_leaf(d) + b * c * d;
}

static void on_the_stack(void)
{
	struct large s;
	struct larger l;
	long sum = 0;

	printf("varargs %ld\n", t_varargs(20, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L,
					  13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L));
	printf("varargs %ld %ld\n", t_varargs(0), t_varargs(3, 5L, 6L, 7L));
	tally("t_varargs", RETURN, 3);
	printf("pairs %a\n", t_pairs(20, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8,
				     8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 14.5,
				     15, 15.5, 16, 16.5, 17, 17.5, 18, 18.5, 19, 19.5, 20, 20.5));
	tally("t_pairs", RETURN, 1);
	tally("t_vpairs", RETURN, 2);
	printf("long doubles %La\n", t_vlong_double(6, 1.5L, 2.5L, 3.5L, 4.5L, 5.5L, 6.5L));
	tally("t_vlong_double", RETURN, 1);
	for (int i = 0; i < 10; i++)
		sum += t_nine(i, 2, 3, 4, 5, 6, 7, 8, 9) + t_nine_by(i, 9, 8, 7, 6, 5, 4, 3, 2) +
		       t_nine_pointer(i, 9, 8, 7, 6, 5, 4, 3, 2);
	printf("nine %ld\n", sum);
	tally("t_nine", RETURN, 30);
	tally("t_nine_by", RETURN, 10);
	tally("t_nine_pointer", RETURN, 10);
	for (int i = 0; i < 12; i++)
		s.n[i] = i * i;
	for (int i = 0; i < 40; i++)
		l.n[i] = i * 7;
	s = t_large(t_large(s, 3), 5);
	l = t_larger(4, l, 2.5, s);
	for (int i = 0; i < 40; i++)
		sum = sum * 3 + l.n[i];
	printf("structs %ld %ld\n", sum, s.n[11]);
	tally("t_large", RETURN, 2);
	tally("t_larger", RETURN, 1);
	printf("doubles %a\n", t_doubles(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
	tally("t_doubles", RETURN, 1);
}

static void in_registers(void)
{
	struct mixed m = t_mixed((struct mixed){ 1.5, 7 }, (struct mixed){ 2.25, 8 });
	struct four f = t_four((struct four){ 1, 2, 3, 4 }, (struct four){ 5, 6, 7, 8 });
	complex long double c = t_complex(1.5L + 2.5L * I, 3);
	complex double d = t_complex_double(1 + 2 * I, 3 + 4 * I);
	__int128 w = t_wide(3, 4, (__int128)5 << 70, 6, 7);

	printf("mixed %a %ld four %a %a %a %a\n", m.d, m.n, f.a, f.b, f.c, f.d);
	tally("t_mixed", RETURN, 1);
	tally("t_four", RETURN, 1);
	printf("long double %La complex %La %La %a %a\n", t_long_double(10, 3), creall(c),
	       cimagl(c), creal(d), cimag(d));
	tally("t_long_double", RETURN, 1);
	tally("t_complex", RETURN, 1);
	tally("t_complex_double", RETURN, 1);
	printf("wide %lx %lx\n", (long)(w >> 64), (long)w);
	tally("t_wide", RETURN, 1);
}

int main(void)
{
	long sum = 0;

	ledger_open();
	on_the_stack();
	in_registers();
	for (int i = 0; i < 1000; i++) {
		sum += t_small(i);
		t_nothing();
	}
	printf("small %ld %d %d\n", sum, t_bool('a', 'a'), t_bool('a', 'b'));
	tally("t_small", RETURN, 1000);
	tally("t_nothing", RETURN, 1000);
	tally("t_bool", RETURN, 2);
	printf("aligned %d dynamic %d\n", t_aligned(2.5), t_dynamic(100));
	tally("t_aligned", RETURN, 1);
	tally("t_dynamic", RETURN, 1);
	sum = 0;
	for (int i = 0; i < 100; i++)
		sum += t_trusting(i, i + 1, i + 2, i + 3);
	printf("trusting %ld\n", sum);
	tally("t_trusting", RETURN, 100);
	tally("t_leaf", RETURN, 300);
#if !defined(__clang__)
	printf("nested %ld\n", t_outer(5));
	tally("t_outer", RETURN, 1);
	tally("t_inner", RETURN, 4);
#endif
	if (__builtin_cpu_supports("avx"))
		t_avx_use();
	if (__builtin_cpu_supports("avx512f"))
		t_zmm_use();
	return ledger_close();
}
