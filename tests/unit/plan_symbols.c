/* SPDX-License-Identifier: MIT */
/* Functions of files as readelf lists them, wherever their symbols are kept. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/plan/debug_file.h"
#include "collector/plan/symbols.h"

static char top[64];

static void run(const char *format, ...)
{
	char command[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("%s", command);
}

static int enter(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "%s/symbols.XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(top) || chdir(top))
		return -1;
	run("cat >program.cc <<'EOF'\n"
	    "#include <string>\n"
	    "#include <map>\n"
	    "int table[9];\n"
	    "namespace ns { struct C { int n; C(int); virtual ~C(); int run(std::string &); }; }\n"
	    "ns::C::C(int n) : n(n) {} ns::C::~C() { table[1] = n; }\n"
	    "int ns::C::run(std::string &s) { std::map<int, std::string> m; m[n] = s; return "
	    "m.size(); }\n"
	    "static int hidden(int n) { return table[n] + n; }\n"
	    "int (*volatile pointer)(int) = hidden;\n"
	    "extern \"C\" int twin(int n) { return table[n]; }\n"
	    "extern \"C\" int other_twin(int) __attribute__((alias(\"twin\"), weak));\n"
	    "extern \"C\" { static void *choose(void) { return (void *)hidden; }\n"
	    "int chosen(int) __attribute__((ifunc(\"choose\"))); }\n"
	    "int main() { std::string s; ns::C c(1); return c.run(s) + pointer(1) + twin(2); }\n"
	    "EOF\n"
	    "g++ -O2 -fPIC -Wl,--build-id -o program program.cc\n"
	    "g++ -O1 -fPIC -Wl,--build-id -o another program.cc\n"
	    "g++ -O2 -fPIC -Wl,--build-id=none -o without_id program.cc\n"
	    "g++ -O2 -fPIC -shared -Wl,--build-id -o libone.so program.cc\n");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	run("rm -rf %s", top);
	return chdir("/");
}

static void open_file(const char *name, const char *path, int root_fd, struct object **o,
		      struct symbols *s)
{
	int fd = open(name, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(object_open(fd, o), 0);
	close(fd);
	assert_int_equal(symbols_open(*o, path, root_fd, s), 0);
	for (uint32_t i = 1; i < s->count; i++)
		assert_true(s->all[i - 1].address <= s->all[i].address);
}

/* What readelf prints of this table (`-D` for .dynsym): FUNC and IFUNC that are defined. */
static void same_as_readelf(const struct symbols *s, const char *file, const char *options)
{
	FILE *ours = fopen("ours", "w");

	for (uint32_t i = 0; i < s->count; i++)
		fprintf(ours, "%016lx %lu %s %s\n", s->all[i].address, s->all[i].size,
			s->all[i].is_ifunc ? "IFUNC" : "FUNC", s->all[i].name);
	fclose(ours);
	run("sort -u ours >ours.sorted; readelf -W %s %s | awk '($4 == \"FUNC\" || $4 == "
	    "\"IFUNC\") && "
	    "$7 != \"UND\" && $2 !~ /^0+$/ { sub(/@.*/, \"\", $8); if ($8 !~ /\\.cold(\\.|$)/) "
	    "print $2, $3, $4, $8 }' "
	    "| sort -u >readelf.sorted; diff ours.sorted readelf.sorted >&2",
	    options, file);
	assert_true(s->count > 3);
}

static const struct symbol *find(const struct symbols *s, const char *name)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (!strcmp(s->all[i].name, name))
			return &s->all[i];
	return NULL;
}

static void test_own(void **state)
{
	struct symbols s;
	struct object *o;
	const struct symbol *twin;

	(void)state;
	open_file("program", "./program", -1, &o, &s);
	assert_int_equal(s.source, SYMBOLS_symtab);
	assert_false(symbols_are_stripped(&s));
	same_as_readelf(&s, "program", "--syms");
	assert_non_null(find(&s, "_ZL6hiddeni"));
	assert_true(find(&s, "chosen")->is_ifunc);
	twin = find(&s, "twin"); /* global goes before weak */
	assert_non_null(twin);
	assert_int_equal(twin[1].address, twin->address);
	assert_string_equal(twin[1].name, "other_twin");
	symbols_close(&s);
	object_close(o);
}

static void test_system(void **state)
{
	static const char *const files[] = { "/usr/bin/python3",
					     "/lib/x86_64-linux-gnu/libc.so.6" };
	struct symbols s;
	struct object *o;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		open_file(files[i], NULL, -1, &o, &s);
		if (s.source == SYMBOLS_dynsym)
			same_as_readelf(&s, files[i], "--dyn-syms");
		symbols_close(&s);
		object_close(o);
	}
}

static void test_stripped(void **state)
{
	struct symbols s;
	struct object *o;

	(void)state;
	run("strip -o stripped.so libone.so");
	open_file("stripped.so", "/nowhere/stripped.so", -1, &o, &s);
	assert_int_equal(s.source, SYMBOLS_dynsym);
	assert_true(symbols_are_stripped(&s));
	same_as_readelf(&s, "stripped.so", "--dyn-syms");
	assert_null(find(&s, "_ZL6hiddeni"));
	symbols_close(&s);
	object_close(o);
	run("strip -o bare program"); /* an executable exports next to nothing */
	open_file("bare", "/nowhere/bare", -1, &o, &s);
	assert_true(symbols_are_stripped(&s));
	symbols_close(&s);
	object_close(o);
}

static void same_as_unstripped(const char *name, const char *path, int root_fd,
			       enum symbols_source source, const char *unstripped)
{
	struct symbols s;
	struct object *o;

	open_file(name, path, root_fd, &o, &s);
	assert_int_equal(s.source, source);
	assert_false(symbols_are_stripped(&s));
	assert_non_null(find(&s, "_ZL6hiddeni"));
	same_as_readelf(&s, unstripped, "--syms");
	symbols_close(&s);
	object_close(o);
}

static void test_debug_link(void **state)
{
	char path[200];

	(void)state;
	run("for f in program without_id; do mkdir $f.d $f.d/.debug && "
	    "objcopy --only-keep-debug $f $f.d/$f.debug && strip -o $f.d/$f $f && "
	    "objcopy --add-gnu-debuglink=$f.d/$f.debug $f.d/$f || exit 1; done; "
	    "mv without_id.d/without_id.debug without_id.d/.debug");
	snprintf(path, sizeof(path), "%s/program.d/program", top);
	same_as_unstripped("program.d/program", path, -1, SYMBOLS_debug_file, "program");
	snprintf(path, sizeof(path), "%s/without_id.d/without_id", top); /* by its checksum */
	same_as_unstripped("without_id.d/without_id", path, -1, SYMBOLS_debug_file, "without_id");
}

static void test_wrong_debug_file(void **state)
{
	static const char *const names[] = { "program", "without_id" };
	struct symbols s;
	struct object *o;
	char path[200];

	(void)state;
	/* Of another build; and with the right name, but changed since. */
	run("objcopy --only-keep-debug another program.d/program.debug; "
	    "printf x >>without_id.d/.debug/without_id.debug");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s.d/%s", top, names[i], names[i]);
		open_file(path, path, -1, &o, &s);
		assert_true(symbols_are_stripped(&s));
		symbols_close(&s);
		object_close(o);
	}
}

/* As Debian's -dbgsym packages: below the root directory of the process. */
static void test_build_id(void **state)
{
	int root_fd;

	(void)state;
	run("id=$(readelf -n libone.so | sed -n 's/.*Build ID: //p'); "
	    "d=root/usr/lib/debug/.build-id/${id%%${id#??}}; mkdir -p $d && "
	    "objcopy --only-keep-debug libone.so real.debug && strip -o one.stripped libone.so && "
	    "mkdir root/elsewhere && mv real.debug root/elsewhere && "
	    "ln -s /elsewhere/real.debug $d/${id#??}.debug");
	root_fd = open("root", O_PATH | O_DIRECTORY);
	assert_true(root_fd >= 0);
	same_as_unstripped("one.stripped", "/lib/one.so", root_fd, SYMBOLS_debug_file, "libone.so");
	close(root_fd);
}

static void test_debug_data(void **state)
{
	struct symbols s;
	struct object *o;

	(void)state;
	/* As Fedora does it: .symtab alone, packed. */
	run("objcopy -S --remove-section .comment --keep-symbol=_ZL6hiddeni program mini && "
	    "xz -k mini && strip -o with_data program && "
	    "objcopy --add-section .gnu_debugdata=mini.xz with_data");
	open_file("with_data", "/nowhere/with_data", -1, &o, &s);
	assert_int_equal(s.source, SYMBOLS_debug_data);
	assert_non_null(find(&s, "_ZL6hiddeni"));
	symbols_close(&s);
	object_close(o);
	/* Damaged: what is left is .dynsym. */
	run("head -c 700 mini.xz >cut.xz; strip -o damaged libone.so; "
	    "objcopy --add-section .gnu_debugdata=cut.xz damaged");
	open_file("damaged", "/nowhere/damaged", -1, &o, &s);
	assert_int_equal(s.source, SYMBOLS_dynsym);
	same_as_readelf(&s, "damaged", "--dyn-syms");
	symbols_close(&s);
	object_close(o);
}

static void test_no_devices(void **state)
{
	(void)state;
	run("mkfifo pipe");
	assert_int_equal(debug_file_open_path(-1, "pipe"), -EINVAL);
	assert_int_equal(debug_file_open_path(-1, "/dev/null"), -EINVAL);
	assert_int_equal(debug_file_open_path(-1, "."), -EINVAL);
	assert_int_equal(debug_file_open_path(-1, "missing"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_system),
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_debug_link),
		cmocka_unit_test(test_wrong_debug_file),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_debug_data),
		cmocka_unit_test(test_no_devices),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
