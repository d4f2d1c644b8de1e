/* SPDX-License-Identifier: MIT */
/*
 * Traces that are whole by their checksums and make no sense: random records of
 * every type about a few ids. Nothing may break (run it under ASan and UBSan);
 * the sums must still be finite.
 */
#include "analyze/show/report.h"
#include "analyze/store/import.h"
#include "tests/unit/analyze_trace.h"

#define ROUNDS 60
#define RECORDS 600

static uint64_t seed;

static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	switch (seed >> 60) {
	case 0:
		return seed; /* anything */
	case 1:
		return 0;
	case 2:
		return UINT64_MAX >> 2;
	default:
		return seed % 12; /* an id that others use as well */
	}
}

/* Every second round is about tasks alone, so that some of them make sense together. */
static unsigned random_type(bool of_tasks)
{
	static const uint8_t of_task[] = {
		EVENT_TASK_BEGIN, EVENT_TASK_BEGIN, EVENT_TASK_END,	 EVENT_TASK_JUMP,
		EVENT_METRIC,	  EVENT_PATCHED,    EVENT_TASK,		 EVENT_TEXT,
		EVENT_ALLOC,	  EVENT_FREE,	    EVENT_PROCESS_START, EVENT_THREAD_START,
		EVENT_SAMPLE,	  EVENT_LOCK_WAIT,  EVENT_PROCESS_GONE,	 EVENT_THREAD_GONE,
		EVENT_EXCEPTION,  EVENT_THREAD_END,
	};

	if (of_tasks)
		return of_task[random_word() % sizeof(of_task)];
	return (unsigned)(random_word() + random_word() * 5) % EVENT_TYPES;
}

static void put_random(struct trace *t, uint64_t stamp, bool of_tasks)
{
	unsigned type = random_type(of_tasks);
	const struct event_info *info = event_info_get(type);
	uint64_t v[24], thread = random_word() % 10, process = 1 + random_word() % 4;
	unsigned words;

	if (!info)
		return;
	for (unsigned i = 0; i < 24; i++)
		v[i] = random_word() & (UINT64_MAX >> 2);
	words = info->words;
	if (type == EVENT_TEXT) {
		put_text(t, thread, process, stamp, random_word() % 20, (uint32_t)random_word(),
			 "a\0b\xff\033", (uint32_t)(random_word() % 5));
		return;
	}
	if (!words) {
		words = 1 + (unsigned)(random_word() % 8);
		v[0] = (v[0] & 0xff) | (uint64_t)(words - 1) << 48;
	}
	trace_words(t, thread, process, stamp, type, words, v, NULL, 0);
}

static void one_round(unsigned round)
{
	const struct report_options options = { .all = 1 };
	struct fault fault = { "" };
	enum import_result result;
	struct store store;
	struct trace t;
	char name[32], *text = NULL;
	size_t bytes;
	FILE *out;
	int64_t id;

	seed = 88172645463325252u + round;
	snprintf(name, sizeof(name), "hostile%u", round);
	trace_begin(&t, name);
	for (unsigned i = 0; i < RECORDS; i++) {
		put_random(&t, random_word() % 3 ? i * 1000 : random_word() >> 8, round & 1);
		if (i % 100 == 99)
			trace_cycle(&t, i * 1000);
	}
	trace_end(&t, name);
	assert_int_equal(store_open(&store, NULL, STORE_MEMORY, &fault), 0);
	if (import_trace(&store, t.dir, &id, &result, &fault))
		fail_msg("round %u: %s", round, fault.text);
	out = open_memstream(&text, &bytes);
	assert_int_equal(report_json(&store, id, &options, out, &fault), 0);
	assert_int_equal(report_text(&store, id, &options, out, &fault), 0);
	fclose(out);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "nan"));
	free(text);
	store_close(&store);
	trace_remove(&t);
}

static void nonsense_breaks_nothing(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++)
		one_round(round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsense_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
