/* SPDX-License-Identifier: MIT */
/*
 * Values of Intel ITT: counters and what a program says about its tasks. Metrics have the
 * program's names. A counter that goes up and down gives a value for each step, one that
 * is set the value itself.
 */
#include <string.h>

#include "task_itt.h"
#include "task_name.h"

/* One value of a type that the program names. False: we do not know it. */
static bool tell_value(struct probe_thread *t, uint32_t name, int type, const char *at,
		       uint64_t task)
{
#define VALUE(id, c_type, kind, as)                                                                \
	case id: {                                                                                 \
		c_type value;                                                                      \
		as wide;                                                                           \
		uint64_t bits;                                                                     \
                                                                                                   \
		memcpy(&value, at, sizeof(value));                                                 \
		wide = (as)value;                                                                  \
		memcpy(&bits, &wide, sizeof(bits));                                                \
		task_tell_metric(t, name, kind, bits, task);                                       \
		return true;                                                                       \
	}
	switch (type) {
		VALUE(ITT_u64, uint64_t, VALUE_unsigned, uint64_t)
		VALUE(ITT_s64, int64_t, VALUE_signed, int64_t)
		VALUE(ITT_u32, uint32_t, VALUE_unsigned, uint64_t)
		VALUE(ITT_s32, int32_t, VALUE_signed, int64_t)
		VALUE(ITT_u16, uint16_t, VALUE_unsigned, uint64_t)
		VALUE(ITT_s16, int16_t, VALUE_signed, int64_t)
		VALUE(ITT_float, float, VALUE_float, double)
		VALUE(ITT_double, double, VALUE_float, double)
	default:
		return false;
	}
#undef VALUE
}

static size_t size_of(int type)
{
	static const uint8_t bytes[] = { 0, 8, 8, 4, 4, 2, 2, 4, 8 };

	return type > ITT_unknown && type <= ITT_double ? bytes[type] : 0;
}

void itt_metadata_add(const struct itt_domain *domain, struct itt_id id, struct itt_string *key,
		      int type, size_t count, void *data)
{
	struct probe_thread *t = probe_enter();
	uint32_t name;

	(void)domain;
	if (!t || !key || !data || !size_of(type))
		return;
	name = itt_name_of(t, TEXT_METRIC, key, NULL);
	for (size_t i = 0; i < count; i++)
		tell_value(t, name, type, (const char *)data + i * size_of(type),
			   MARK_ID(itt_task_of(t, &id)));
}

void itt_metadata_str_add(const struct itt_domain *domain, struct itt_id id, struct itt_string *key,
			  const char *data, size_t bytes)
{
	struct probe_thread *t = probe_enter();

	(void)domain;
	if (t && key && data)
		task_tell_metric_text(t, itt_name_of(t, TEXT_METRIC, key, NULL), data,
				      strnlen(data, bytes && bytes < TASK_TEXT_MAX ? bytes
										   : TASK_TEXT_MAX),
				      MARK_ID(itt_task_of(t, &id)));
}

/* For old static parts, which leave counters to the collector. */
struct itt_counter *itt_counter_create_typed(const char *name, const char *domain, int type)
{
	static struct itt_counter counters[128];
	static _Atomic uint32_t used;
	uint32_t i = atomic_load(&used);

	do {
		if (!name || i >= sizeof(counters) / sizeof(counters[0]))
			return NULL;
	} while (!atomic_compare_exchange_weak(&used, &i, i + 1));
	counters[i].name = name;
	counters[i].domain = domain;
	counters[i].type = type;
	return &counters[i];
}

struct itt_counter *itt_counter_create(const char *name, const char *domain)
{
	return itt_counter_create_typed(name, domain, ITT_u64);
}

static void count(const char *name, enum value_type type, uint64_t value)
{
	struct probe_thread *t = probe_enter();

	if (t && name)
		task_tell_metric(t, task_name(t, TEXT_METRIC, name), type, value, 0);
}

void itt_counter_inc_delta(struct itt_counter *counter, unsigned long long value)
{
	if (counter)
		count(counter->name, VALUE_unsigned, value);
}

void itt_counter_inc(struct itt_counter *counter)
{
	itt_counter_inc_delta(counter, 1);
}

void itt_counter_dec_delta(struct itt_counter *counter, unsigned long long value)
{
	if (counter)
		count(counter->name, VALUE_signed, -value);
}

void itt_counter_dec(struct itt_counter *counter)
{
	itt_counter_dec_delta(counter, 1);
}

void itt_counter_set_value(struct itt_counter *counter, void *value)
{
	struct probe_thread *t = probe_enter();

	if (t && counter && counter->name && value)
		tell_value(t, task_name(t, TEXT_METRIC, counter->name), counter->type, value, 0);
}

void itt_counter_inc_delta_v3(const struct itt_domain *domain, struct itt_string *name,
			      unsigned long long value)
{
	(void)domain;
	if (name)
		count(name->text, VALUE_unsigned, value);
}

void itt_counter_inc_v3(const struct itt_domain *domain, struct itt_string *name)
{
	itt_counter_inc_delta_v3(domain, name, 1);
}

void itt_counter_dec_delta_v3(const struct itt_domain *domain, struct itt_string *name,
			      unsigned long long value)
{
	(void)domain;
	if (name)
		count(name->text, VALUE_signed, -value);
}

void itt_counter_dec_v3(const struct itt_domain *domain, struct itt_string *name)
{
	itt_counter_dec_delta_v3(domain, name, 1);
}
