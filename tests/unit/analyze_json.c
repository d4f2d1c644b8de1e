/* SPDX-License-Identifier: MIT */
/* Numbers and strings in JSON: what printf says, and what JSON allows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/json_out.h"

static char written[256];

static void written_real(double number)
{
	FILE *file = fmemopen(written, sizeof(written), "w");
	struct json_out j = { .file = file, .flat_from = 1, .depth = 1 };

	assert_non_null(file);
	jout_real(&j, NULL, number);
	fclose(file);
}

static double any(uint64_t i, uint64_t random)
{
	double number;

	switch (i % 6) {
	case 0:
		return (double)(random % 1000000007) / 1000;
	case 1:
		return ldexp((double)(random >> 11), -(int)(random % 80));
	case 2: /* many of these lie between two decimals of nine digits */
		return (double)(random % 200000) / 16384;
	case 3:
		return (double)(random % 100000) * 1e-9;
	case 4:
		return -(double)(random % 100000000000) / 1e7;
	default:
		memcpy(&number, &random, sizeof(number));
		return number;
	}
}

static void as_printf(void **state)
{
	static const double exact[] = { 0,	   -0.0,	  1,
					0.1,	   999999999.5,	  1e9,
					1e-4,	   9.99999999e-5, 0.9999999995,
					123456789, 1234567890 };
	uint64_t random = UINT64_C(88172645463325252);
	char expected[64];

	(void)state;
	for (uint64_t i = 0; i < 300000; i++) {
		double number = i < sizeof(exact) / sizeof(exact[0]) ? exact[i] : any(i, random);

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (!isfinite(number))
			continue;
		snprintf(expected, sizeof(expected), "%.9g", number);
		written_real(number);
		assert_string_equal(written, expected);
	}
	written_real(NAN);
	assert_string_equal(written, "null");
}

static void integers(void **state)
{
	static const int64_t number[] = { 0, 7, -7, 1000000007, INT64_MAX, INT64_MIN };
	char expected[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		FILE *file = fmemopen(written, sizeof(written), "w");
		struct json_out j = { .file = file, .flat_from = 1, .depth = 1 };

		jout_int(&j, "n", number[i]);
		fclose(file);
		snprintf(expected, sizeof(expected), "\"n\": %lld", (long long)number[i]);
		assert_string_equal(written, expected);
	}
}

static void strings(void **state)
{
	FILE *file = fmemopen(written, sizeof(written), "w");
	struct json_out j = { .file = file, .flat_from = 1, .depth = 1 };

	(void)state;
	jout_text(&j, NULL, "a\"b\\c\n\x7f\xc3\xa9\xff\xf0\x9f");
	fclose(file);
	assert_string_equal(written, "\"a\\\"b\\\\c\\u000a\\u007f\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd"
				     "\xef\xbf\xbd\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_printf), cmocka_unit_test(integers),
					    cmocka_unit_test(strings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
