/* SPDX-License-Identifier: MIT */
/*
 * Plans are carried out: all functions of a library are patched, and it still does what it
 * did. Functions of the test's own library count their calls; the thunk has to have counted
 * the same.
 *
 *	entry: jmp stub ─▶ push rbp; mov rbp,rsp; push descriptor; jmp thunk
 *	thunk: count; copy words of arguments; call trampoline; leave; ret
 */
#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "plan_elf.h"

#define STUB_BYTES 32u

struct descriptor {
	void *trampoline;
	uint64_t words;
	uint64_t calls;
	const char *name;
};

void plan_run_thunk(void);

/* No vector register may change here. */
__attribute__((target("general-regs-only"), used)) static void count_call(struct descriptor *d)
{
	d->calls++;
}

__asm__(".text\n"
	"plan_run_thunk:\n"
	"	push %rax\n push %rcx\n push %rdx\n push %rsi\n push %rdi\n"
	"	push %r8\n push %r9\n push %r10\n push %r11\n"
	"	mov -8(%rbp), %rdi\n"
	"	call count_call\n"
	"	mov -8(%rbp), %rdi\n"
	"	mov 8(%rdi), %rcx\n"
	"	mov (%rdi), %rdi\n"
	"	mov %rdi, -8(%rbp)\n"
	"	test %rcx, %rcx\n"
	"	jz 2f\n"
	"1:	push 8(%rbp,%rcx,8)\n"
	"	dec %rcx\n"
	"	jnz 1b\n"
	"2:	mov -16(%rbp), %rax\n mov -24(%rbp), %rcx\n mov -32(%rbp), %rdx\n"
	"	mov -40(%rbp), %rsi\n mov -48(%rbp), %rdi\n mov -56(%rbp), %r8\n"
	"	mov -64(%rbp), %r9\n mov -72(%rbp), %r10\n mov -80(%rbp), %r11\n"
	"	call *-8(%rbp)\n"
	"	leave\n"
	"	ret\n");

/* Every way of taking arguments and of beginning that compilers have; run() writes what came out. */
static const char source[] =
	"#include <stdarg.h>\n"
	"#include <stdio.h>\n"
	"#include <stdlib.h>\n"
	"#include <string.h>\n"
	"#define F(type, name, ...) volatile unsigned long told_##name; \\\n"
	"	__attribute__((noinline)) type name(__VA_ARGS__)\n"
	"#define TELL(name) told_##name++\n"
	"struct big { long v[12]; };\n"
	"struct mixed { double d; long l; };\n"
	"typedef double wide __attribute__((vector_size(16)));\n"
	"long global = 7;\n"
	"F(long, nine, int a, int b, int c, int d, int e, int f, int g, int h, long i)\n"
	"{ TELL(nine); return a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h + 9*i; }\n"
	"F(long, passes_nine, int a, int b, int c, int d, int e, int f, int g, int h, long i)\n"
	"{ TELL(passes_nine); return nine(b, a, c, d, e, f, h, g, i); }\n"
	"F(long, sum, int n, ...)\n"
	"{ va_list l; long s = 0; TELL(sum); va_start(l, n); while (n--) s = s * 3 + va_arg(l, "
	"int); va_end(l); return s; }\n"
	"F(double, dsum, int n, ...)\n"
	"{ va_list l; double s = 0; TELL(dsum); va_start(l, n); while (n--) s = s / 2 + va_arg(l, "
	"double); va_end(l); return s; }\n"
	"F(struct big, reversed, struct big b)\n"
	"{ struct big r; TELL(reversed); for (int i = 0; i < 12; i++) r.v[i] = b.v[11 - i]; return "
	"r; }\n"
	"F(struct mixed, mix, struct mixed m, double d, long l)\n"
	"{ TELL(mix); m.d += d; m.l -= l; return m; }\n"
	"F(long double, precise, long double a, int b, long double c)\n"
	"{ TELL(precise); return a * b + c; }\n"
	"F(wide, ten, wide a, wide b, wide c, wide d, wide e, wide f, wide g, wide h, wide i, wide "
	"j)\n"
	"{ TELL(ten); return a + b * c - d + e * f - g + h * i - j; }\n"
	"F(int, chosen, int i)\n"
	"{ TELL(chosen); switch (i) { case 0: return 3; case 1: return global; case 2: return 99; "
	"case 3: return rand() & 0;\n"
	"  case 4: return 17; case 5: return (int)strlen(\"five\"); case 6: return 4; case 7: "
	"return -1; } return 8; }\n"
	"F(long, fib, int n) { TELL(fib); return n < 2 ? n : fib(n - 1) - 3 * fib(n - 2); }\n"
	"int odd(int n);\n"
	"F(int, even, int n) { TELL(even); return n ? odd(n - 1) : 1; }\n"
	"F(int, odd, int n) { TELL(odd); return n ? even(n - 1) : 0; }\n"
	"F(long, reads_global, void) { TELL(reads_global); return global++; }\n"
	"__attribute__((noinline)) long bare_global(void) { return global; }\n"
	"__attribute__((noinline)) long one(void) { return 1; }\n"
	"__attribute__((noinline)) void nothing(void) { }\n"
	"__attribute__((noinline)) long length(const char *s) { const char *e = s; while (*e) e++; "
	"return e - s; }\n"
	"__attribute__((noinline)) long first_call(long n) { return one() + n * 2; }\n"
	"__attribute__((noinline)) long is_null(const char *s) { if (!s) return -1; return "
	"length(s) + 1; }\n"
	"__attribute__((noinline)) long through(long (*f)(void)) { return f() + 1; }\n"
	"__attribute__((noinline)) long jumps(long (*f)(void)) { return f(); }\n"
	"F(long, on_stack, int n, int b, int c, int d, int e, int f, long g)\n"
	"{ volatile char *p = __builtin_alloca(n); TELL(on_stack); p[n - 1] = (char)g; return p[n "
	"- 1] + g + b + c + d + e + f; }\n"
	"F(long, aligned, int a, int b, int c, int d, int e, int f, long g)\n"
	"{ volatile char p[64] __attribute__((aligned(64))); TELL(aligned); p[a] = (char)g;\n"
	"  return p[a] + g + (((unsigned long)p) & 63) + b + c + d + e + f; }\n"
	"__attribute__((cold, noinline)) void complain(const char *s) { if (s) global += *s; }\n"
	"F(long, rarely, long a, const char *s)\n"
	"{ TELL(rarely); if (__builtin_expect(a < 0, 0)) { complain(s); return -a; } return a * 3; "
	"}\n"
	"static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int "
	"*)b; }\n"
	"size_t run(char *to, size_t room)\n"
	"{\n"
	"	struct big b = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } };\n"
	"	struct mixed m = { 2.5, 100 };\n"
	"	wide w = { 1.5, -2 };\n"
	"	int list[] = { 5, 3, 9, 1, 7, 2 };\n"
	"	size_t n = 0;\n"
	"#define SAY(...) n += (size_t)snprintf(to + n, room - n, __VA_ARGS__)\n"
	"	for (int i = 0; i < 50; i++) {\n"
	"		global = 7;\n"
	"		SAY(\"%ld %ld \", nine(1, 2, 3, 4, 5, 6, 7, i, 9), passes_nine(1, 2, 3, 4, "
	"i, 6, 7, 8, 9));\n"
	"		SAY(\"%ld %g \", sum(20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, "
	"15, 16, 17, 18, 19, i),\n"
	"		    dsum(12, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., (double)i));\n"
	"		b = reversed(b); m = mix(m, i, 3); w = ten(w, w, w, w, w, w, w, w + i, w, "
	"w) / 1e3;\n"
	"		SAY(\"%ld %g %ld %Lg %g \", b.v[2], m.d, m.l, precise(i, 3, 2.25L), "
	"w[0]);\n"
	"		SAY(\"%d %ld %d %ld \", chosen(i % 10), fib(i % 12), even(i), "
	"reads_global() + bare_global());\n"
	"		nothing();\n"
	"		SAY(\"%ld %ld %ld %ld \", first_call(i), is_null(i & 1 ? 0 : \"text\"), "
	"through(one), jumps(one));\n"
	"		SAY(\"%ld %ld %ld %ld\\n\", on_stack(10 + i, 2, 3, 4, 5, 6, i), aligned(i, "
	"2, 3, 4, 5, 6, i),\n"
	"		    rarely(i - 25, \"x\"), global);\n"
	"	}\n"
	"	qsort(list, 6, sizeof(int), by_value);\n"
	"	for (int i = 0; i < 6; i++) SAY(\"%d\", list[i]);\n"
	"	return n;\n"
	"}\n";

static char dir[] = "/tmp/plan_run.XXXXXX";

struct patched {
	struct object *object;
	struct descriptor *descriptors;
	size_t n, refused;
};

/* Room within reach of the library; the test ends if there is none. */
static uint8_t *map_near(uint64_t base, size_t bytes)
{
	for (uint64_t away = 1 << 24; away < UINT64_C(1) << 30; away += 1 << 20) {
		void *at = mmap((void *)((base - away) & ~UINT64_C(4095)), bytes,
				PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (at != MAP_FAILED)
			return at;
	}
	fail_msg("no memory near %lx", (unsigned long)base);
	return NULL;
}

static void put_jump(uint8_t *at, const uint8_t *target)
{
	int32_t distance = (int32_t)(target - (at + 5));

	at[0] = 0xe9;
	memcpy(at + 1, &distance, 4);
}

static void put_stub(uint8_t *at, struct descriptor *d)
{
	/* push rbp; mov rbp,rsp; push [rip+6]; jmp [rip+8]; descriptor; thunk */
	static const uint8_t code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0x35, 6, 0,
					0,    0,    0xff, 0x25, 8,    0,    0, 0 };
	void (*thunk)(void) = plan_run_thunk;

	memcpy(at, code, sizeof(code));
	memcpy(at + 16, &d, 8);
	memcpy(at + 24, &thunk, 8);
}

static void put_trampoline(uint8_t *at, uint64_t base, const struct function_code *f)
{
	memcpy(at, f->code, f->code_bytes);
	for (unsigned i = 0; i < f->fixups; i++) {
		const struct plan_fixup *fix = &f->fixup[i];
		uint64_t target = base + fix->target;
		int64_t distance = (int64_t)(target - (uint64_t)(at + fix->from));

		if (fix->kind == PLAN_abs64) {
			memcpy(at + fix->at, &target, 8);
		} else {
			assert_int_equal(distance, (int32_t)distance);
			memcpy(at + fix->at, &distance, 4);
		}
	}
}

/* All of its functions whose names do not begin with `but`. */
static void patch_all(struct patched *p, const char *path, uint64_t base, const char *but)
{
	struct named_function *functions = NULL;
	struct function_code f;
	uint64_t low, high;
	size_t n;
	uint8_t *stubs;

	p->object = object_of_file(path);
	assert_non_null(p->object);
	n = functions_of(p->object, &functions);
	p->descriptors = calloc(n, sizeof(*p->descriptors));
	p->n = p->refused = 0;
	stubs = map_near(base, n * (STUB_BYTES + FUNCTION_CODE_MAX));
	object_range(p->object, &low, &high);
	for (size_t i = 0; i < n; i++) {
		uint64_t at, page;
		uint8_t *stub = stubs + p->n * (STUB_BYTES + FUNCTION_CODE_MAX);
		struct descriptor *d = &p->descriptors[p->n];

		if (function_never(functions[i].name) ||
		    !strncmp(functions[i].name, but, strlen(but)))
			continue;
		if (function_plan(p->object, functions[i].address, functions[i].size, &f)) {
			p->refused++;
			continue;
		}
		at = base + f.entry;
		if (*(uint8_t *)at == 0xe9 && f.original[0] != 0xe9)
			continue; /* another name of one that is patched */
		assert_memory_equal((void *)at, f.original, f.original_bytes);
		*d = (struct descriptor){ stub + STUB_BYTES, f.stack_words, 0, functions[i].name };
		put_stub(stub, d);
		put_trampoline(stub + STUB_BYTES, base, &f);
		page = at & ~UINT64_C(4095);
		assert_int_equal(mprotect((void *)page, at + 5 - page,
					  PROT_READ | PROT_WRITE | PROT_EXEC),
				 0);
		put_jump((uint8_t *)at, stub);
		p->n++;
	}
	free(functions);
}

static void forget(struct patched *p)
{
	object_close(p->object);
	free(p->descriptors);
}

static uint64_t base_of(void *handle)
{
	struct link_map *map = NULL;

	assert_int_equal(dlinfo(handle, RTLD_DI_LINKMAP, &map), 0);
	return map->l_addr;
}

static void run_built(const char *compiler)
{
	char command[512], path[64], before[65536], after[65536];
	size_t (*run)(char *, size_t);
	struct patched p;
	void *handle;
	unsigned compared = 0;

	snprintf(path, sizeof(path), "%s/lib.so", dir);
	unlink(path);
	snprintf(command, sizeof(command), "%s -w -fPIC -shared -o %s %s/lib.c", compiler, path,
		 dir);
	if (system(command)) {
		print_message("# %s: not here\n", compiler);
		return;
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(handle);
	run = (size_t(*)(char *, size_t))dlsym(handle, "run");
	assert_true(run(before, sizeof(before)) > 1000);
	patch_all(&p, path, base_of(handle), "run");
	for (size_t i = 0; i < p.n; i++) {
		char name[128];
		unsigned long *told;

		snprintf(name, sizeof(name), "told_%s", p.descriptors[i].name);
		told = dlsym(handle, name);
		if (told)
			*told = 0;
	}
	run(after, sizeof(after));
	assert_string_equal(before, after);
	for (size_t i = 0; i < p.n; i++) {
		char name[128];
		unsigned long *told;

		snprintf(name, sizeof(name), "told_%s", p.descriptors[i].name);
		told = dlsym(handle, name);
		if (!told)
			continue;
		assert_int_equal(p.descriptors[i].calls, *told);
		compared += *told > 0;
	}
	print_message("# %s: %zu patched, %zu refused, %u compared\n", compiler, p.n, p.refused,
		      compared);
	assert_true(p.n >= 20 && compared >= 14);
	dlclose(handle);
	forget(&p);
}

static void test_compilers(void **state)
{
	static const char *const flags[] = {
		"-O0",
		"-O1",
		"-O2",
		"-O3",
		"-Os",
		"-O2 -fno-omit-frame-pointer",
		"-O2 -fcf-protection",
		"-O2 -fcf-protection=none -fno-plt",
		"-O3 -march=x86-64-v3",
		"-O2 -fno-asynchronous-unwind-tables",
		"-O0 -fno-asynchronous-unwind-tables -g",
		"-O2 -fno-asynchronous-unwind-tables -fno-omit-frame-pointer",
	};
	static const char *const compilers[] = { "gcc", "clang" };
	char path[64], command[128];
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lib.c", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(source, f);
	fclose(f);
	for (size_t c = 0; c < 2; c++)
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
			/* Which this machine can run is for the compiler's own test to say. */
			if (strstr(flags[i], "v3") && !__builtin_cpu_supports("avx2"))
				continue;
			snprintf(command, sizeof(command), "%s %s", compilers[c], flags[i]);
			run_built(command);
		}
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

static int collect(void *to, int columns, char **values, char **names)
{
	(void)names;
	for (int i = 0; i < columns; i++)
		*(uint64_t *)to = plan_hash(*(uint64_t *)to, values[i] ? values[i] : "-",
					    values[i] ? strlen(values[i]) + 1 : 1);
	return 0;
}

/* A hash of what a good part of the library comes to. */
static uint64_t use_sqlite(void)
{
	static const char *const work[] = {
		"create table t(a integer primary key, b text, c real)",
		"with recursive n(i) as (select 1 union all select i+1 from n where i<2000) "
		"insert into t select i, printf('%d-%s-%x', i, hex(i*7), i), i*1.25 from n",
		"create index tb on t(b)",
		"select count(*), sum(c), max(b), min(b), avg(a) from t where b like '%9%'",
		"select a%7, group_concat(substr(b,1,3)), total(c) from t group by 1 order by 3 "
		"desc",
		"update t set b=upper(b)||'x', c=round(c,1) where a between 100 and 300",
		"select x.b, y.c from t x join t y on x.a=y.a+1 where x.b>'500' order by x.b limit "
		"50",
		"delete from t where a%3=0",
		"select json_group_array(b), json_extract('{\"a\":[1,2,{\"b\":3}]}','$.a[2].b') "
		"from t "
		"where a<50",
		"select strftime('%Y-%m-%d', 86400*a, 'unixepoch'), row_number() over (order by c "
		"desc) "
		"from t where a<200",
		"vacuum",
		"pragma integrity_check",
		"select no_such_function(1)",
	};
	uint64_t hash = 1;
	sqlite3 *db;

	if (sqlite3_open(":memory:", &db))
		fail_msg("sqlite3_open");
	for (size_t i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
		char *error = NULL;
		int err = sqlite3_exec(db, work[i], collect, &hash, &error);

		hash = plan_hash(hash, &err, sizeof(err));
		if (error)
			hash = plan_hash(hash, error, strlen(error));
		sqlite3_free(error);
	}
	sqlite3_close(db);
	return hash;
}

static void test_sqlite(void **state)
{
	struct patched p;
	uint64_t before = use_sqlite(), calls = 0;
	Dl_info info;
	void *handle;
	size_t called = 0;

	(void)state;
	assert_true(dladdr((void *)sqlite3_open, &info) && strstr(info.dli_fname, ".so"));
	handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
	assert_non_null(handle);
	patch_all(&p, info.dli_fname, base_of(handle), "_");
	assert_true(use_sqlite() == before);
	for (size_t i = 0; i < p.n; i++) {
		calls += p.descriptors[i].calls;
		called += p.descriptors[i].calls > 0;
	}
	print_message("# %s: %zu patched, %zu refused, %zu called, %lu calls\n", info.dli_fname,
		      p.n, p.refused, called, (unsigned long)calls);
	assert_true(p.n > 200 && p.refused * 50 < p.n && called > 50);
	forget(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compilers),
		cmocka_unit_test(test_sqlite),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
