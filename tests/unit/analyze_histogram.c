/* SPDX-License-Identifier: MIT */
/*
 * Histograms: percentiles against the exact ones of the sorted values, merging
 * against the whole, bytes there and back.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/profile/histogram.h"

#define MANY 20000

static uint64_t seed = 42;

static double uniform(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform());
}

static double lognormal(void)
{
	return exp(3 * normal()) * 1e-6;
}

static double bimodal(void)
{
	return uniform() < 0.93 ? 0.001 + 1e-5 * normal() : 60 + normal();
}

static double constant(void)
{
	return 0.3;
}

static double deltas(void)
{
	return uniform() < 0.2 ? 0 : 100 * normal(); /* memory grows and shrinks */
}

static double tiny(void)
{
	return ldexp(uniform(), -1000); /* towards what a double can hold */
}

static int number_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double exact(const double *sorted, size_t n, double share)
{
	size_t rank = (size_t)ceil(share * (double)n);

	return sorted[rank ? rank - 1 : 0];
}

static void near(double got, double wanted, double error)
{
	if (!(fabs(got - wanted) <= error * fabs(wanted)))
		fail_msg("%.17g instead of %.17g", got, wanted);
}

static void check(const struct histogram *h, double *value, size_t n, double error)
{
	static const double share[] = { 0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1 };
	double mean = 0, squares = 0;

	qsort(value, n, sizeof(*value), number_compare);
	for (size_t i = 0; i < n; i++)
		mean += value[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (value[i] - mean) * (value[i] - mean);
	assert_int_equal(h->count, n);
	assert_true(h->min == value[0] && h->max == value[n - 1]);
	near(h->sum / (double)n, mean, 1e-9);
	if (n > 1)
		assert_true(fabs(histogram_stdev(h) - sqrt(squares / (double)(n - 1))) <=
			    1e-9 * fmax(fabs(value[0]), fabs(value[n - 1])));
	else
		assert_true(isnan(histogram_stdev(h)));
	for (unsigned i = 0; i < sizeof(share) / sizeof(share[0]); i++)
		near(histogram_percentile(h, share[i]), exact(value, n, share[i]), error);
	near(histogram_median(h), (value[(n - 1) / 2] + value[n / 2]) / 2, error);
}

static double (*const shape[])(void) = { uniform, lognormal, bimodal, constant, deltas, tiny };
#define SHAPES (sizeof(shape) / sizeof(shape[0]))

/* Few values are exact; beyond that the error stays within 1 %. */
static void percentiles(void **state)
{
	static const size_t count[] = { 1, 2, 3, HISTOGRAM_RAW, HISTOGRAM_RAW + 1, 1000, MANY };
	double *value = malloc(MANY * sizeof(*value));

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned c = 0; c < sizeof(count) / sizeof(count[0]); c++) {
			struct histogram h = { 0 };

			for (size_t i = 0; i < count[c]; i++) {
				value[i] = shape[s]();
				assert_int_equal(histogram_add(&h, value[i]), 0);
			}
			assert_true((h.bucket != NULL) ==
				    (count[c] > HISTOGRAM_RAW && h.min != h.max));
			check(&h, value, count[c], count[c] <= HISTOGRAM_RAW ? 0 : 0.01);
			if (shape[s] == constant)
				check(&h, value, count[c], 0);
			histogram_fini(&h);
		}
	free(value);
}

/* Parts of any size in any order are the whole. */
static void merge_is_the_whole(void **state)
{
	static const size_t cut[] = { 0, 1, 30, 31, 64, 65, 128, 129, 500, 501, 3000 };
	enum { PARTS = sizeof(cut) / sizeof(cut[0]) - 1 };
	double value[3000];

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned last = 1; last <= PARTS; last++) {
			struct histogram whole = { 0 }, merged = { 0 };

			for (size_t i = 0; i < cut[last]; i++) {
				value[i] = shape[s]();
				histogram_add(&whole, value[i]);
			}
			for (unsigned p = last; p-- > 0;) {
				struct histogram part = { 0 };

				for (size_t i = cut[p]; i < cut[p + 1]; i++)
					histogram_add(&part, value[i]);
				assert_int_equal(histogram_merge(&merged, &part), 0);
				histogram_fini(&part);
			}
			assert_int_equal(merged.buckets, whole.buckets);
			for (uint32_t i = 0; i < whole.buckets; i++) {
				assert_int_equal(merged.bucket[i].index, whole.bucket[i].index);
				assert_int_equal(merged.bucket[i].count, whole.bucket[i].count);
			}
			check(&merged, value, cut[last], cut[last] <= HISTOGRAM_RAW ? 0 : 0.01);
			histogram_fini(&whole);
			histogram_fini(&merged);
		}
}

static void bytes_there_and_back(void **state)
{
	static const size_t count[] = { 0, 1, HISTOGRAM_RAW, 5000 };
	double *value = malloc(MANY * sizeof(*value));

	(void)state;
	for (unsigned s = 0; s < SHAPES; s++)
		for (unsigned c = 0; c < sizeof(count) / sizeof(count[0]); c++) {
			struct histogram h = { 0 }, back;
			size_t bytes;
			void *data;

			for (size_t i = 0; i < count[c]; i++)
				histogram_add(&h, value[i] = shape[s]());
			data = histogram_encode(&h, &bytes);
			assert_non_null(data);
			if (count[c] == 1)
				assert_int_equal(bytes, 10);
			assert_int_equal(histogram_decode(&back, data, bytes), 0);
			if (count[c])
				check(&back, value, count[c], count[c] <= HISTOGRAM_RAW ? 0 : 0.01);
			assert_int_equal(back.buckets, h.buckets);
			histogram_fini(&back);
			/* cut off or of another version: refused, not misread */
			for (size_t cut = 0; count[c] > HISTOGRAM_RAW && cut < 42; cut++)
				assert_int_equal(histogram_decode(&back, data, cut), -EBADMSG);
			((unsigned char *)data)[0] = HISTOGRAM_VERSION + 1;
			assert_int_equal(histogram_decode(&back, data, bytes), -EPROTONOSUPPORT);
			free(data);
			histogram_fini(&h);
		}
	free(value);
}

/* Random bytes: no crash, and what is accepted can be asked. */
static void bytes_of_somebody_else(void **state)
{
	unsigned char data[200];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t bytes = (size_t)(uniform() * sizeof(data));
		struct histogram h;

		for (size_t k = 0; k < bytes; k++)
			data[k] = (unsigned char)(uniform() * 256);
		data[0] = HISTOGRAM_VERSION;
		data[1] = (unsigned char)(i & 1);
		if (histogram_decode(&h, data, bytes))
			continue;
		histogram_percentile(&h, 0.95);
		histogram_median(&h);
		histogram_fini(&h);
	}
}

static void what_is_no_number(void **state)
{
	struct histogram h = { 0 };

	(void)state;
	assert_true(isnan(histogram_percentile(&h, 0.5)) && isnan(histogram_median(&h)));
	assert_int_equal(histogram_add(&h, NAN), 0);
	assert_int_equal(histogram_add(&h, INFINITY), 0);
	assert_int_equal(h.count, 0);
	for (int i = 0; i < 100; i++) {
		histogram_add(&h, 0);
		histogram_add(&h, i % 2 ? -5 : 1e300);
	}
	assert_true(histogram_median(&h) == 0 && h.min == -5 && h.max == 1e300);
	near(histogram_percentile(&h, 0.1), -5, 0.01);
	near(histogram_percentile(&h, 0.9), 1e300, 0.01);
	histogram_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles),		cmocka_unit_test(merge_is_the_whole),
		cmocka_unit_test(bytes_there_and_back), cmocka_unit_test(bytes_of_somebody_else),
		cmocka_unit_test(what_is_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
