/* SPDX-License-Identifier: MIT */
/* What the files of Intel ITT share; the functions of itt.def that are values. */
#ifndef TPPROBE_TASK_ITT_H
#define TPPROBE_TASK_ITT_H

#include "itt.h"
#include "task_mark.h"

#pragma GCC visibility push(hidden)

/* The open task that the program calls so; 0 none. */
uint64_t itt_task_of(struct probe_thread *t, const struct itt_id *id);

/* The id of a name: of the string, or of the domain where there is no string. */
uint32_t itt_name_of(struct probe_thread *t, enum text_kind kind, const struct itt_string *name,
		     const struct itt_domain *domain);

void itt_metadata_add(const struct itt_domain *domain, struct itt_id id, struct itt_string *key,
		      int type, size_t count, void *data);
void itt_metadata_str_add(const struct itt_domain *domain, struct itt_id id, struct itt_string *key,
			  const char *data, size_t bytes);
struct itt_counter *itt_counter_create_typed(const char *name, const char *domain, int type);
struct itt_counter *itt_counter_create(const char *name, const char *domain);
void itt_counter_inc_delta(struct itt_counter *counter, unsigned long long value);
void itt_counter_inc(struct itt_counter *counter);
void itt_counter_dec_delta(struct itt_counter *counter, unsigned long long value);
void itt_counter_dec(struct itt_counter *counter);
void itt_counter_set_value(struct itt_counter *counter, void *value);
void itt_counter_inc_delta_v3(const struct itt_domain *domain, struct itt_string *name,
			      unsigned long long value);
void itt_counter_inc_v3(const struct itt_domain *domain, struct itt_string *name);
void itt_counter_dec_delta_v3(const struct itt_domain *domain, struct itt_string *name,
			      unsigned long long value);
void itt_counter_dec_v3(const struct itt_domain *domain, struct itt_string *name);

#pragma GCC visibility pop

#endif
