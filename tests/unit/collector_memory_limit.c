/* SPDX-License-Identifier: MIT */
/* Limits of cgroups, old and new, in trees made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "collector/memory_limit.h"

static char top[] = "/tmp/tpprobe-limit-XXXXXX";

static void put(const char *dir, const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", top, dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s%s/%s", top, dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	put("/v2", "cgroup.procs", "");
	put("/v2/slice", "memory.max", "300000000\n");
	put("/v2/slice/app", "memory.max", "max\n");
	put("/v2/slice/tight", "memory.max", "200000000\n");
	put("/v2/slice/loose", "memory.max", "400000000\n");
	put("/v2/free", "memory.max", "max\n");
	put("/v1", "memory.limit_in_bytes", "9223372036854771712\n");
	put("/v1/job", "memory.limit_in_bytes", "100000000\n");
	put("/v1/job/step", "memory.limit_in_bytes", "9223372036854771712\n");
	return 0;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command);
}

static uint64_t limit(const char *cgroups, const char *root2)
{
	char mounts[1000];

	snprintf(mounts, sizeof(mounts),
		 "22 1 0:20 / / rw - ext4 /dev/sda1 rw\n"
		 "23 22 0:21 / /nowhere rw,relatime - cgroup cgroup rw,cpu\n"
		 "24 22 0:22 / %s/v1 rw,relatime - cgroup cgroup rw,memory\n"
		 "25 22 0:23 %s %s/v2 rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
		 top, root2, top);
	return memory_limit_find(cgroups, mounts);
}

static void test_v2(void **state)
{
	(void)state;
	assert_int_equal(limit("0::/slice/app\n", "/"), 300000000);
	assert_int_equal(limit("0::/slice/tight\n", "/"), 200000000);
	assert_int_equal(limit("0::/slice/loose\n", "/"), 300000000);
	assert_int_equal(limit("0::/free\n", "/"), 0);
	assert_int_equal(limit("0::/\n", "/"), 0);
	assert_int_equal(limit("0::/not/there\n", "/"), 0);
}

static void test_v2_in_a_container(void **state)
{
	(void)state;
	assert_int_equal(limit("0::/host/docker/slice/tight\n", "/host/docker"), 200000000);
	assert_int_equal(limit("0::/host/docker\n", "/host/docker"), 0);
	assert_int_equal(limit("0::/elsewhere\n", "/host/docker"), 0);
}

static void test_v1(void **state)
{
	(void)state;
	assert_int_equal(limit("5:cpu,cpuacct:/\n4:memory:/job/step\n0::/slice/app\n", "/"),
			 100000000);
	assert_int_equal(limit("4:hugetlb,memory:/job\n", "/"), 100000000);
	assert_int_equal(limit("4:memory:/\n0::/\n", "/"), 0);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(memory_limit_find("", ""), 0);
	assert_int_equal(memory_limit_find("0::/", "x"), 0);
	assert_int_equal(memory_limit_find("nonsense\n:\n0:", "- - -\n"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v2_in_a_container),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
