/* SPDX-License-Identifier: MIT */
/* Plans as files: laid out as preload/plan.h says, complete when they have their name. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "collector/plan/plan_file.h"
#include "plan_elf.h"

#define KEY UINT64_C(0x00c0ffee12345678)

static char dir[] = "/tmp/plan_file.XXXXXX";
static int dir_fd;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	close(dir_fd);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static unsigned files(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

static uint8_t *load(size_t *bytes)
{
	char path[128];
	struct stat st;
	uint8_t *all;
	int fd;

	snprintf(path, sizeof(path), "%s/plan-00c0ffee12345678", dir);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	all = malloc((size_t)st.st_size);
	*bytes = (size_t)st.st_size;
	assert_int_equal(read(fd, all, *bytes), st.st_size);
	close(fd);
	return all;
}

/* The same function many times over, so far apart that each has its own entry. */
static void make(struct function_code *f, uint64_t entry, unsigned variant)
{
	*f = (struct function_code){
		.entry = entry,
		.original_bytes = 5,
		.original = { 0xb8, (uint8_t)variant },
		.stack_words = 4,
		.code_bytes = (uint8_t)(10 + variant % 7),
		.fixups = 1 + variant % 3,
	};
	memset(f->code, (int)variant, f->code_bytes);
	for (unsigned i = 0; i < f->fixups; i++)
		f->fixup[i] = (struct plan_fixup){ 6, 10, PLAN_rel32, entry + 5 + 100 * i };
}

static void test_layout(void **state)
{
	enum { N = 3000 };
	struct plan_metric metrics[2] = { { 7, PLAN_integer_argument, 1, PLAN_i32, 0 },
					  { 8, PLAN_integer_return, 0, PLAN_auto, 0 } };
	struct plan_file *p = plan_file_new();
	const struct plan_header *h;
	const struct plan_function *functions;
	const struct plan_fixup *fixups;
	const struct plan_metric *rows;
	const uint8_t *code;
	struct function_code f;
	uint8_t *all;
	size_t bytes;
	uint64_t low = UINT64_MAX, high = 0;

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		/* In an order that is neither rising nor falling. */
		unsigned number = i * 7919 % N;
		struct plan_purpose purpose = { .function = number + 1,
						.flags = PLAN_task,
						.fail = PLAN_lt,
						.fail_type = PLAN_i32,
						.fail_value = -(int64_t)number,
						.stack_words = number % 2 ? 8 : -1,
						.metrics_n = (uint16_t)(number % 3),
						.metrics = metrics };

		make(&f, 0x1000 + 64 * (uint64_t)number, number);
		assert_int_equal(plan_file_add(p, &f, &purpose), 0);
		assert_int_equal(plan_file_add(p, &f, &purpose), -EEXIST);
	}
	assert_int_equal(plan_file_functions(p), N);
	assert_int_equal(plan_file_write(p, dir_fd, KEY, 99), 0);
	plan_file_free(p);
	assert_int_equal(files(), 1);

	all = load(&bytes);
	h = (const struct plan_header *)all;
	assert_memory_equal(h->magic, PLAN_MAGIC, 8);
	assert_int_equal(h->key, KEY);
	assert_int_equal(h->text, 99);
	assert_int_equal(h->functions, N);
	assert_int_equal(bytes, h->header_bytes + h->functions * h->function_bytes +
					h->fixups * h->fixup_bytes + h->metrics * h->metric_bytes +
					h->code_bytes);
	functions = (const void *)(h + 1);
	fixups = (const void *)(functions + h->functions);
	rows = (const void *)(fixups + h->fixups);
	code = (const void *)(rows + h->metrics);
	for (unsigned i = 0; i < N; i++) {
		const struct plan_function *is = &functions[i];

		make(&f, 0x1000 + 64 * (uint64_t)i, i);
		assert_int_equal(is->entry, f.entry);
		assert_int_equal(is->function, i + 1);
		assert_int_equal(is->flags, PLAN_task);
		assert_int_equal(is->fail, PLAN_lt);
		assert_int_equal(is->fail_type, PLAN_i32);
		assert_true(is->fail_value == -(int64_t)i);
		assert_int_equal(is->stack_words, i % 2 ? 8 : 4);
		assert_int_equal(is->original_bytes, 5);
		assert_memory_equal(is->original, f.original, PLAN_ORIGINAL_MAX);
		assert_int_equal(is->code_bytes, f.code_bytes);
		assert_memory_equal(code + is->code, f.code, f.code_bytes);
		assert_int_equal(is->fixups, f.fixups);
		assert_memory_equal(fixups + is->first_fixup, f.fixup,
				    f.fixups * sizeof(f.fixup[0]));
		assert_int_equal(is->metrics, i % 3);
		assert_memory_equal(rows + is->first_metric, metrics, i % 3 * sizeof(metrics[0]));
		if (is->entry < low)
			low = is->entry;
		for (unsigned k = 0; k < is->fixups; k++)
			if (fixups[is->first_fixup + k].target > high)
				high = fixups[is->first_fixup + k].target;
	}
	assert_true(h->reach_low <= low && h->reach_high >= high);
	free(all);
}

/* The one that is there is replaced; none of its bytes remain. */
static void test_empty(void **state)
{
	struct plan_file *p = plan_file_new();
	const struct plan_header *h;
	uint8_t *all;
	size_t bytes;

	(void)state;
	assert_int_equal(plan_file_write(p, dir_fd, KEY, 3), 0);
	plan_file_free(p);
	assert_int_equal(files(), 1);
	all = load(&bytes);
	h = (const struct plan_header *)all;
	assert_int_equal(bytes, sizeof(*h));
	assert_int_equal(h->functions + h->fixups + h->metrics + h->code_bytes, 0);
	free(all);
}

static void test_refused(void **state)
{
	struct plan_file *p = plan_file_new();
	struct plan_purpose good = { .function = 1, .flags = PLAN_task, .stack_words = -1 }, bad;
	struct function_code f;
	int nowhere = open("/dev/null", O_RDONLY);

	(void)state;
	make(&f, 0x1000, 0);
	bad = good;
	bad.function = 1u << 24;
	assert_int_equal(plan_file_add(p, &f, &bad), -EINVAL);
	bad = good;
	bad.function = 0;
	assert_int_equal(plan_file_add(p, &f, &bad), -EINVAL);
	bad = good;
	bad.fail = PLAN_ne + 1;
	assert_int_equal(plan_file_add(p, &f, &bad), -EINVAL);
	bad = good;
	bad.fail_type = PLAN_f64;
	assert_int_equal(plan_file_add(p, &f, &bad), -EINVAL);
	bad = good;
	bad.stack_words = PLAN_STACK_WORDS_MAX + 1;
	assert_int_equal(plan_file_add(p, &f, &bad), -EINVAL);
	assert_int_equal(plan_file_functions(p), 0);
	assert_int_equal(plan_file_add(p, &f, &good), 0);
	assert_int_equal(plan_file_write(p, nowhere, KEY, 3), -ENOTDIR);
	assert_int_equal(files(), 1); /* of the test before */
	/* Where the name is taken by a directory nothing is left behind. */
	assert_int_equal(mkdirat(dir_fd, "plan-0000000000000001", 0700), 0);
	assert_int_equal(plan_file_write(p, dir_fd, 1, 3), -EISDIR);
	assert_int_equal(files(), 2);
	close(nowhere);
	plan_file_free(p);
	plan_file_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
