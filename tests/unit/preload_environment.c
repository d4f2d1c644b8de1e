/* SPDX-License-Identifier: MIT */
/* The program's own environment: what is taken out, what its children get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "preload/environment.c"

struct probe probe;
static struct arena_header header;

static int setup(void **state)
{
	(void)state;
	memset(&probe, 0, sizeof(probe));
	probe.arena = (char *)&header;
	strcpy(header.probe_path, "/opt/tp/lib/libtpprobe.so");
	strcpy(probe.session_dir, "/dev/shm/tpprobe-abc");
	return 0;
}

/* The lines of envp, joined by '\n'. */
static const char *joined(char *const *envp)
{
	static char text[4096];

	text[0] = '\0';
	for (; *envp; envp++) {
		strcat(text, *envp);
		strcat(text, "\n");
	}
	return text;
}

static void test_hide_takes_out_what_we_added(void **state)
{
	char preload[] = "LD_PRELOAD=/opt/tp/lib/libtpprobe.so";
	char *envp[] = { "A=1", preload, "TPPROBE_SESSION=1;p;0;/dev/shm/x", "B=2", NULL };

	(void)state;
	environment_hide(envp, true);
	assert_string_equal(joined(envp), "A=1\nB=2\n");
}

static void test_hide_leaves_the_users_entries(void **state)
{
	char preload[] = "LD_PRELOAD=/opt/tp/lib/libtpprobe.so:/usr/lib/libfake.so libother.so";
	char own[] = "LD_PRELOAD=./libtpprobe.so";
	char *mixed[] = { preload, NULL };
	char *raw[] = { "TPPROBE_SESSION=1;-;0;/d", own, "TPPROBE_LEVEL=trace", NULL };

	(void)state;
	environment_hide(mixed, true);
	assert_string_equal(joined(mixed), "LD_PRELOAD=/usr/lib/libfake.so libother.so\n");
	environment_hide(raw, false);
	assert_string_equal(joined(raw), "LD_PRELOAD=./libtpprobe.so\nTPPROBE_LEVEL=trace\n");
}

static void test_child_of_a_clean_environment(void **state)
{
	char *envp[] = { "A=1", NULL };
	struct environment *e = environment_make(envp, 0x1f);

	(void)state;
	assert_non_null(e);
	assert_string_equal(joined(e->envp),
			    "LD_PRELOAD=/opt/tp/lib/libtpprobe.so\n"
			    "TPPROBE_SESSION=1;p;000000000000001f;/dev/shm/tpprobe-abc\nA=1\n");
	environment_free(e);
	e = environment_make(NULL, 0);
	assert_string_equal(joined(e->envp),
			    "LD_PRELOAD=/opt/tp/lib/libtpprobe.so\n"
			    "TPPROBE_SESSION=1;p;0000000000000000;/dev/shm/tpprobe-abc\n");
	environment_free(e);
}

static void test_child_keeps_the_users_preload(void **state)
{
	char *raw[] = { "LD_PRELOAD=libtpprobe.so", "A=1", NULL };
	char *fake[] = { "LD_PRELOAD=/usr/lib/libfake.so", NULL };
	struct environment *e = environment_make(raw, 1);

	(void)state;
	/* the user's own entry is not ours to hide later, but made absolute */
	assert_string_equal(
		joined(e->envp),
		"LD_PRELOAD=/opt/tp/lib/libtpprobe.so\n"
		"TPPROBE_SESSION=1;-;0000000000000001;/dev/shm/tpprobe-abc\nTPPROBE_PAD=\nA=1\n");
	environment_free(e);
	e = environment_make(fake, 1);
	assert_string_equal(
		joined(e->envp),
		"LD_PRELOAD=/opt/tp/lib/libtpprobe.so:/usr/lib/libfake.so\n"
		"TPPROBE_SESSION=1;p;0000000000000001;/dev/shm/tpprobe-abc\nTPPROBE_PAD=\n");
	environment_free(e);
}

static void test_an_empty_preload_stays_empty(void **state)
{
	char *envp[] = { "LD_PRELOAD=", "A=1", NULL };
	struct environment *e = environment_make(envp, 2);

	(void)state;
	environment_hide(e->envp, true);
	assert_string_equal(joined(e->envp), "LD_PRELOAD=\nA=1\n");
	environment_free(e);
}

static void test_hidden_stays_hidden_over_generations(void **state)
{
	char *envp[] = { "LD_PRELOAD=/usr/lib/libfake.so", "A=1", NULL };
	struct environment *e;

	(void)state;
	probe.preload_added = 1;
	e = environment_make(envp, 2);
	environment_hide(e->envp, true);
	assert_string_equal(joined(e->envp), "LD_PRELOAD=/usr/lib/libfake.so\nA=1\n");
	environment_free(e);
}

static void test_strip_for_programs_that_cannot_load_us(void **state)
{
	char *clean[] = { "A=1", NULL };
	char *envp[] = { "A=1", "LD_PRELOAD=libx.so:/opt/tp/lib/libtpprobe.so",
			 "TPPROBE_SESSION=1;p;1;/d", NULL };
	struct environment *e;

	(void)state;
	assert_null(environment_strip(clean));
	e = environment_strip(envp);
	assert_string_equal(joined(e->envp), "A=1\nLD_PRELOAD=libx.so\n");
	environment_free(e);
}

static void test_values_are_found_by_whole_names(void **state)
{
	char *envp[] = { "LD_PRELOAD_X=no", "XLD_PRELOAD=no", "LD_PRELOAD=yes", NULL };

	(void)state;
	assert_string_equal(environment_get(envp, "LD_PRELOAD"), "yes");
	assert_null(environment_get(envp, "LD"));
	assert_null(environment_get(NULL, "LD"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_hide_takes_out_what_we_added, setup),
		cmocka_unit_test_setup(test_hide_leaves_the_users_entries, setup),
		cmocka_unit_test_setup(test_child_of_a_clean_environment, setup),
		cmocka_unit_test_setup(test_child_keeps_the_users_preload, setup),
		cmocka_unit_test_setup(test_an_empty_preload_stays_empty, setup),
		cmocka_unit_test_setup(test_hidden_stays_hidden_over_generations, setup),
		cmocka_unit_test_setup(test_strip_for_programs_that_cannot_load_us, setup),
		cmocka_unit_test_setup(test_values_are_found_by_whole_names, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
