/* SPDX-License-Identifier: MIT */
/* Segments: what is written is read again; what is damaged does no harm. */
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

#include "collector/segment.h"
#include "collector/segment_file.h"

#define EVENTS_MAX 4096

static char dir[64], path[96];

/* A block that a test fills. */
static struct made {
	struct event events[EVENTS_MAX];
	uint64_t words[EVENTS_MAX * 20];
	char text[1 << 16];
	uint32_t text_at[EVENTS_MAX];
	uint32_t count, words_used, text_used;
} made;

static const struct segment_header header = {
	.clock = 1,
	.session_id = { 1, 2 },
	.number = 7,
	.base_ticks = 3,
	.base_raw_ns = 4,
	.base_real_ns = 5,
	.boot_id = "boot",
	.host = "host",
};

static uint64_t random_word(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> (x & 63);
}

/* An event whose fields are all random, within their bits. */
static void add_event(unsigned type, uint64_t stamp, unsigned follow)
{
	const struct event_info *info = event_info_get(type);
	uint64_t *v = made.words + made.words_used;
	struct event *e = &made.events[made.count];

	*e = (struct event){ .stamp = stamp, .first = made.words_used, .type = (uint8_t)type };
	e->words = info ? (uint16_t)(info->words ? info->words : 1) : 0;
	memset(v, 0, (e->words + follow) * 8u);
	for (unsigned f = 0; info && f < info->fields; f++)
		v[info->field[f].word] |= (random_word() & EVENT_MASK(info->field[f].bits))
					  << info->field[f].shift;
	if (info && !info->words) {
		v[0] = (v[0] & EVENT_MASK(48)) | (uint64_t)follow << 48;
		if (type == EVENT_TEXT) {
			made.text_at[made.count] = made.text_used;
			for (unsigned i = 0; i < follow; i++)
				made.text[made.text_used++] = (char)random_word();
		} else {
			for (unsigned i = 1; i <= follow; i++)
				v[i] = random_word();
			e->words = (uint16_t)(1 + follow);
		}
	}
	made.words_used += e->words;
	made.count++;
}

static struct block made_block(void)
{
	return (struct block){
		.thread = 11,
		.process = 12,
		.cycle = 13,
		.watermark = 14,
		.count = made.count,
		.events = made.events,
		.words = made.words,
		.text = made.text,
		.text_at = made.text_at,
	};
}

static void clear(void)
{
	made.count = made.words_used = made.text_used = 0;
}

static void some_of_everything(unsigned rounds)
{
	uint64_t stamp = 1000;

	clear();
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned type = 1; type < EVENT_TYPES; type++)
			if (event_info_get(type))
				add_event(type, stamp += random_word() % 5000 - 100,
					  round * 7 % 60);
}

static void write_file(unsigned blocks)
{
	struct segment_writer *w;
	struct block b = made_block();

	unlink(path);
	assert_int_equal(segment_writer_open(path, &header, &w), 0);
	for (unsigned i = 0; i < blocks; i++)
		assert_int_equal(segment_writer_block(w, &b), 0);
	assert_int_equal(segment_writer_close(w), 0);
}

static void check_block(const struct block *b)
{
	assert_int_equal(b->thread, 11);
	assert_int_equal(b->process, 12);
	assert_int_equal(b->cycle, 13);
	assert_int_equal(b->watermark, 14);
	assert_int_equal(b->count, made.count);
	for (uint32_t i = 0; i < b->count; i++) {
		const struct event *e = &b->events[i], *m = &made.events[i];

		assert_int_equal(e->type, m->type);
		assert_int_equal(e->stamp, m->stamp);
		assert_int_equal(e->words, m->words);
		if (e->words)
			assert_memory_equal(b->words + e->first, made.words + m->first,
					    e->words * 8u);
		if (e->type == EVENT_TEXT)
			assert_memory_equal(b->text + b->text_at[i], made.text + made.text_at[i],
					    b->words[e->first] >> 48);
	}
}

static size_t load(unsigned char *bytes, size_t room)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, room);

	assert_true(n > 0 && (size_t)n < room);
	close(fd);
	return (size_t)n;
}

static void store(const unsigned char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void test_every_event_comes_back(void **state)
{
	struct segment_reader *r;
	struct block b;

	(void)state;
	some_of_everything(60);
	write_file(2);
	assert_int_equal(segment_open(path, &r, NULL), 0);
	assert_int_equal(segment_header_get(r)->number, 7);
	assert_string_equal(segment_header_get(r)->host, "host");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(segment_next(r, &b), 1);
		check_block(&b);
	}
	assert_int_equal(segment_next(r, &b), 0);
	assert_int_equal(segment_cut(r), 0);
	segment_close(r);
}

static void test_an_empty_block_and_one_event(void **state)
{
	struct segment_reader *r;
	struct block b;

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		clear();
		if (n)
			add_event(EVENT_ALLOC, 5, 0);
		write_file(1);
		assert_int_equal(segment_open(path, &r, NULL), 0);
		assert_int_equal(segment_next(r, &b), 1);
		check_block(&b);
		segment_close(r);
	}
}

static void test_an_unknown_type_is_delivered_without_words(void **state)
{
	struct segment_reader *r;
	struct block b;

	(void)state;
	clear();
	add_event(EVENT_FREE, 1, 0);
	add_event(EVENT_TYPES - 1, 2, 0);
	add_event(EVENT_FREE, 3, 0);
	write_file(1);
	assert_int_equal(segment_open(path, &r, NULL), 0);
	assert_int_equal(segment_next(r, &b), 1);
	check_block(&b);
	segment_close(r);
}

static void test_wrong_events_are_refused(void **state)
{
	struct segment_writer *w;
	struct block b;

	(void)state;
	clear();
	add_event(EVENT_ALLOC, 1, 0);
	made.events[0].words = 2;
	unlink(path);
	assert_int_equal(segment_writer_open(path, &header, &w), 0);
	b = made_block();
	assert_int_equal(segment_writer_block(w, &b), -EINVAL);
	made.events[0] = (struct event){ .type = EVENT_NOP };
	assert_int_equal(segment_writer_block(w, &b), -EINVAL);
	segment_writer_close(w);
}

/* Cut at every byte: whole frames are read, nothing else, and it ends. */
static void test_cut_at_every_byte(void **state)
{
	static unsigned char bytes[1 << 18];
	size_t n;

	(void)state;
	some_of_everything(1);
	write_file(2);
	n = load(bytes, sizeof(bytes));
	for (size_t cut = 0; cut < n; cut++) {
		struct segment_reader *r;
		struct block b;
		int blocks = 0, err;

		store(bytes, cut);
		err = segment_open(path, &r, NULL);
		if (cut < sizeof(struct segment_file_header)) {
			assert_int_equal(err, -EBADMSG);
			continue;
		}
		assert_int_equal(err, 0);
		while (segment_next(r, &b) == 1) {
			check_block(&b);
			blocks++;
		}
		assert_true(blocks <= 2);
		assert_int_equal(segment_next(r, &b), 0);
		segment_close(r);
	}
}

/* One bit wrong anywhere: an error or the right events, never wrong ones; the
 * other frames are still read. */
static void test_every_bit_flip(void **state)
{
	static unsigned char bytes[1 << 18];
	size_t n;

	(void)state;
	some_of_everything(1);
	write_file(2);
	n = load(bytes, sizeof(bytes));
	for (size_t at = 0; at < n; at++) {
		struct segment_reader *r;
		struct block b;
		int got, good = 0, rounds = 0;

		bytes[at] ^= (unsigned char)(1u << at % 8);
		store(bytes, n);
		bytes[at] ^= (unsigned char)(1u << at % 8);
		if (segment_open(path, &r, NULL))
			continue;
		while ((got = segment_next(r, &b)) && rounds++ < 100) {
			if (got != 1)
				continue;
			check_block(&b);
			good++;
		}
		assert_true(rounds < 100);
		assert_true(good >= 1);
		segment_close(r);
	}
}

static void test_foreign_and_newer_files(void **state)
{
	static unsigned char bytes[1 << 18];
	struct segment_reader *r;
	uint32_t version = 0;
	size_t n;

	(void)state;
	store((const unsigned char *)"#!/bin/sh\nexit 0\n", 17);
	assert_int_equal(segment_open(path, &r, NULL), -EBADMSG);
	assert_int_equal(segment_open(dir, &r, NULL), -EBADMSG);
	unlink(path);
	assert_int_equal(segment_open(path, &r, NULL), -ENOENT);
	some_of_everything(1);
	write_file(1);
	n = load(bytes, sizeof(bytes));
	bytes[offsetof(struct segment_file_header, version)] = SEGMENT_VERSION + 1;
	store(bytes, n);
	assert_int_equal(segment_open(path, &r, &version), -EPROTONOSUPPORT);
	assert_int_equal(version, SEGMENT_VERSION + 1);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(event_info_get(EVENT_IO)->name, "IO");
	assert_int_equal(event_info_get(EVENT_IO)->fields, 6);
	assert_string_equal(event_info_get(EVENT_SAMPLE)->field[0].name, "pid");
	assert_null(event_info_get(0));
	assert_null(event_info_get(1000));
	assert_string_equal(call_name(CALL_malloc), "malloc");
	assert_null(call_name(0));
	assert_null(call_name(100000));
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/tpprobe-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/0001.tps", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_event_comes_back),
		cmocka_unit_test(test_an_empty_block_and_one_event),
		cmocka_unit_test(test_an_unknown_type_is_delivered_without_words),
		cmocka_unit_test(test_wrong_events_are_refused),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_every_bit_flip),
		cmocka_unit_test(test_foreign_and_newer_files),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
