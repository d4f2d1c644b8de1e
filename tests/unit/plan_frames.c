/* SPDX-License-Identifier: MIT */
/* Unwind information of real files, row by row, is what readelf says it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "collector/plan/object_parts.h"
#include "plan_elf.h"

/* "rsp+8" in readelf's words; "exp" where it is an expression. */
static void text_of(const struct frame_cfa *cfa, char *out, size_t bytes)
{
	static const char *const names[FRAME_REGISTERS] = {
		"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
		"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
	};

	if (cfa->is_known)
		snprintf(out, bytes, "%s+%ld", names[cfa->reg], (long)cfa->offset);
	else
		snprintf(out, bytes, "exp");
}

/* Each row of each FDE; addresses of a row up to the next have the same CFA. */
static void compare(const char *path, unsigned enough)
{
	struct object *o = object_of_file(path);
	char command[300], line[512], want[64], text[64];
	struct frame_walk walk;
	unsigned long low, high = 0, at, previous = 0, cie, signal_cie = 1;
	unsigned rows = 0, frames = 0;
	bool has_frame = false;
	FILE *f;

	if (!o) {
		print_message("# %s: not here\n", path);
		return;
	}
	snprintf(command, sizeof(command), "readelf --debug-dump=frames-interp %s 2>&1", path);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct frame_cfa cfa;
		char *found = strstr(line, " FDE ");

		if (strstr(line, " CIE ")) {
			if (strstr(line, "\"zRS\""))
				signal_cie = strtoul(line, NULL, 16);
			has_frame = false;
		} else if (found) {
			int64_t index;

			assert_int_equal(
				sscanf(found, " FDE cie=%lx pc=%lx..%lx", &cie, &low, &high), 3);
			has_frame = cie != signal_cie && low < high;
			if (!has_frame)
				continue;
			index = frames_find(&o->frames, low);
			assert_true(index >= 0);
			assert_int_equal(o->frames.entries[index].begin, low);
			assert_int_equal(o->frames.entries[index].end, high);
			frame_walk_begin(&walk, &o->frames, (uint32_t)index);
			frames++;
			previous = low;
		} else if (has_frame && strspn(line, "0123456789abcdef") == 16 &&
			   sscanf(line, "%16lx %63s", &at, want) == 2 && at < high) {
			/* The row before holds up to here. */
			for (previous++; previous < at; previous++)
				frame_walk_at(&walk, previous);
			previous = at;
			cfa = frame_walk_at(&walk, at);
			text_of(&cfa, text, sizeof(text));
			/* Two rows of one address: the second is right. */
			if (strcmp(text, want))
				fail_msg("%s: at %lx readelf has %s, here is %s", path, at, want,
					 text);
			rows++;
		}
	}
	pclose(f); /* its status is 1 for libc, though it complains of nothing */
	print_message("# %s: %u ranges, %u rows\n", path, frames, rows);
	assert_true(frames >= enough);
	object_close(o);
}

static void test_files(void **state)
{
	char self[256] = { 0 };

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	compare(self, 40);
	compare("/lib/x86_64-linux-gnu/libc.so.6", 3000);
	compare("/usr/lib/x86_64-linux-gnu/libsqlite3.so.0", 2000);
	compare("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", 4000);
}

/* Without section headers the header that the loader uses leads to it. */
static void test_without_sections(void **state)
{
	static const char path[] = "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0";
	struct object *with = object_of_file(path), *without = NULL;
	static char bytes[1 << 16];
	FILE *from = fopen(path, "r");
	int fd = memfd_create("stripped", MFD_CLOEXEC);
	Elf64_Ehdr header;
	size_t n;

	(void)state;
	assert_non_null(with);
	assert_non_null(from);
	while ((n = fread(bytes, 1, sizeof(bytes), from)))
		assert_int_equal(write(fd, bytes, n), n);
	fclose(from);
	assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
	header.e_shoff = 0;
	header.e_shnum = header.e_shstrndx = 0;
	assert_int_equal(pwrite(fd, &header, sizeof(header), 0), sizeof(header));
	assert_int_equal(object_open(fd, &without), 0);
	assert_int_equal(object_sections(without), 0);
	assert_int_equal(object_frames(without), object_frames(with));
	for (uint32_t i = 0; i < object_frames(with); i++)
		assert_int_equal(object_frame(with, i).begin, object_frame(without, i).begin);
	assert_int_equal(object_build_id(with).bytes, object_build_id(without).bytes);
	assert_string_equal(object_soname(without), "libsqlite3.so.0");
	object_close(with);
	object_close(without);
	close(fd);
}

/* Cut off anywhere, or with any byte of its headers changed: opened or not, never worse. */
static void test_damaged(void **state)
{
	static uint8_t whole[1 << 17];
	struct object *o;
	int self = open("/usr/bin/true", O_RDONLY), fd = memfd_create("damaged", MFD_CLOEXEC);
	ssize_t n = read(self, whole, sizeof(whole));
	unsigned opened = 0, refused = 0;

	(void)state;
	close(self);
	assert_true(n > 4096);
	assert_int_equal(write(fd, whole, (size_t)n), n);
	assert_int_equal(object_open(fd, &o), 0);
	object_close(o);
	for (unsigned i = 0; i < 64 + 56 * 13; i++)
		for (unsigned bit = 0; bit < 8; bit += 3) {
			uint8_t byte = whole[i] ^ (uint8_t)(1 << bit);

			assert_int_equal(pwrite(fd, &byte, 1, i), 1);
			if (object_open(fd, &o)) {
				refused++;
			} else {
				opened++;
				object_close(o);
			}
			assert_int_equal(pwrite(fd, &whole[i], 1, i), 1);
		}
	assert_true(opened > 100 && refused > 10);
	for (ssize_t length = n; length > 0; length -= 97) {
		assert_int_equal(ftruncate(fd, length), 0);
		if (!object_open(fd, &o))
			object_close(o);
	}
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_not_equal(object_open(fd, &o), 0);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	assert_int_not_equal(object_open(fd, &o), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_without_sections),
		cmocka_unit_test(test_damaged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
