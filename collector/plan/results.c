/* SPDX-License-Identifier: MIT */
/* Counts per SPEC. */
#include "results.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../json_text.h"

int results_init(struct results *r, const struct specs *specs)
{
	*r = (struct results){ .specs = specs };
	r->all = calloc(specs->count + 1, sizeof(*r->all));
	if (!r->all)
		return -ENOMEM;
	pthread_mutex_init(&r->lock, NULL);
	for (uint32_t i = 0; i < specs->count; i++)
		if (specs->all[i].problem)
			r->all[i].problem = strdup(specs->all[i].problem);
	return 0;
}

void results_fini(struct results *r)
{
	if (!r->all)
		return;
	for (uint32_t i = 0; i < r->specs->count; i++) {
		for (uint32_t k = 0; k < r->all[i].reasons; k++)
			for (uint32_t e = 0; e < r->all[i].reason[k].examples; e++)
				free(r->all[i].reason[k].example[e]);
		free(r->all[i].problem);
	}
	free(r->all);
	pthread_mutex_destroy(&r->lock);
	*r = (struct results){ 0 };
}

void results_met(struct results *r, uint32_t spec, uint32_t matched, bool stripped)
{
	pthread_mutex_lock(&r->lock);
	r->all[spec].met = true;
	r->all[spec].matched += matched;
	r->all[spec].stripped |= stripped;
	r->changes++;
	pthread_mutex_unlock(&r->lock);
}

uint32_t results_matched(struct results *r, uint32_t spec)
{
	uint32_t matched;

	pthread_mutex_lock(&r->lock);
	matched = r->all[spec].matched;
	pthread_mutex_unlock(&r->lock);
	return matched;
}

void results_patched(struct results *r, uint32_t spec)
{
	pthread_mutex_lock(&r->lock);
	r->all[spec].patched++;
	r->changes++;
	pthread_mutex_unlock(&r->lock);
}

static struct result_reason *reason_of(struct result *one, const char *why)
{
	uint32_t i = 0;

	while (i < one->reasons && strcmp(one->reason[i].why, why))
		i++;
	if (i == RESULTS_REASONS)
		return &one->reason[i - 1];
	if (i == one->reasons)
		one->reason[one->reasons++] = (struct result_reason){ .why = why };
	return &one->reason[i];
}

void results_refused(struct results *r, uint32_t spec, const char *why, const char *name)
{
	struct result_reason *reason;
	char *example;

	pthread_mutex_lock(&r->lock);
	reason = reason_of(&r->all[spec], why);
	reason->count++;
	if (reason->examples < RESULTS_EXAMPLES) {
		example = strndup(name, 200);
		if (example)
			reason->example[reason->examples++] = example;
	}
	r->changes++;
	pthread_mutex_unlock(&r->lock);
}

static void set_problem(struct result *one, const char *sentence)
{
	if (!one->problem)
		one->problem = strdup(sentence);
}

void results_problem(struct results *r, uint32_t spec, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	pthread_mutex_lock(&r->lock);
	set_problem(&r->all[spec], sentence);
	r->changes++;
	pthread_mutex_unlock(&r->lock);
}

/* Why nothing came of it. */
static void judge(struct result *one, const struct spec *spec)
{
	char sentence[512];

	if (!one->met && spec->library)
		snprintf(sentence, sizeof(sentence), "no library \"%.200s\" was loaded",
			 spec->library);
	else if (!one->met)
		snprintf(sentence, sizeof(sentence), "no program was looked at");
	else if (!one->matched && one->stripped)
		snprintf(sentence, sizeof(sentence),
			 "no function matched; static functions have no names in a file that is "
			 "stripped: install its debug file or keep its symbols");
	else if (!one->matched)
		snprintf(sentence, sizeof(sentence),
			 "no function matched; `tpprobe symbols FILE` lists what can be named%s",
			 spec->library ? "" : ", and lib! names a library of the system");
	else if (!one->patched)
		snprintf(sentence, sizeof(sentence), "none of the functions can be patched");
	else
		return;
	set_problem(one, sentence);
}

void results_end(struct results *r, void (*say)(void *context, const char *sentence), void *context)
{
	pthread_mutex_lock(&r->lock);
	for (uint32_t i = 0; i < r->specs->count; i++) {
		const struct spec *spec = &r->specs->all[i];
		char sentence[800];

		judge(&r->all[i], spec);
		if (!r->all[i].problem)
			continue;
		snprintf(sentence, sizeof(sentence), "--%s %.200s: %s", spec_kind_name(spec->kind),
			 spec->text, r->all[i].problem);
		say(context, sentence);
	}
	r->changes++;
	pthread_mutex_unlock(&r->lock);
}

static json_t *refused_of(const struct result *one)
{
	json_t *refused = json_array();

	for (uint32_t i = 0; i < one->reasons; i++) {
		json_t *reason = json_object(), *examples = json_array();

		for (uint32_t e = 0; e < one->reason[i].examples; e++)
			json_array_append_new(examples, json_text(one->reason[i].example[e]));
		json_object_set_new(reason, "why", json_text(one->reason[i].why));
		json_object_set_new(reason, "count", json_integer(one->reason[i].count));
		json_object_set_new(reason, "examples", examples);
		json_array_append_new(refused, reason);
	}
	return refused;
}

json_t *results_tell(struct results *r)
{
	json_t *tasks = json_array();

	pthread_mutex_lock(&r->lock);
	for (uint32_t i = 0; i < r->specs->count; i++) {
		const struct result *one = &r->all[i];
		const struct spec *spec = &r->specs->all[i];
		json_t *task = json_object();

		json_object_set_new(task, "spec", json_text(spec->text));
		json_object_set_new(task, "kind", json_string(spec_kind_name(spec->kind)));
		json_object_set_new(task, "matched", json_integer(one->matched));
		json_object_set_new(task, "patched", json_integer(one->patched));
		json_object_set_new(task, "refused", refused_of(one));
		if (one->problem)
			json_object_set_new(task, "problem", json_text(one->problem));
		json_array_append_new(tasks, task);
	}
	pthread_mutex_unlock(&r->lock);
	return tasks;
}
