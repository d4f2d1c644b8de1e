/* SPDX-License-Identifier: MIT */
/* From the SPECs that name a function to what is done when it is called. */
#include <string.h>

#include "making.h"

/* The same metric from several functions is one metric. 0: no memory. */
static uint32_t metric_id_of(struct maker *m, uint32_t spec)
{
	const char *name = m->specs->all[spec].metric;

	for (uint32_t i = 0; i < m->specs->count; i++)
		if (m->metric_id[i] && !strcmp(m->specs->all[i].metric, name))
			return m->metric_id[i];
	m->metric_id[spec] = making_text_id(m);
	if (making_tell_text(m, TEXT_METRIC, m->metric_id[spec], name, strlen(name)))
		m->metric_id[spec] = 0;
	return m->metric_id[spec];
}

struct arguments *making_arguments(struct making *k)
{
	if (!k->arguments)
		arguments_open(k->fd, k->object, k->r->path, k->root_fd, &k->arguments);
	return k->arguments;
}

static void add_metric(struct making *k, const struct candidate *c, uint32_t spec,
		       struct plan_metric *metrics, struct plan_purpose *purpose)
{
	const struct spec *s = &k->m->specs->all[spec];
	struct plan_metric *metric = &metrics[purpose->metrics_n];
	const char *why = NULL;

	if (purpose->metrics_n == MAKING_METRICS_MAX)
		why = "it has too many metrics already";
	else
		why = arguments_metric(making_arguments(k), c->address, c->symbol, s->argument,
				       s->type, metric);
	if (why) {
		results_refused(k->m->results, spec, why, c->name);
		k->in_vain[spec] = true;
		return;
	}
	metric->name = metric_id_of(k->m, spec);
	if (metric->name) {
		if (arguments_is_float(metric))
			purpose->flags |= PLAN_floats;
		purpose->metrics_n++;
	}
}

static void set_fail(struct making *k, const struct candidate *c, uint32_t spec,
		     struct plan_purpose *purpose)
{
	const struct spec *s = &k->m->specs->all[spec];
	enum plan_type type;
	const char *why;

	if (s->fail == PLAN_never || purpose->fail)
		return;
	why = arguments_fail_type(making_arguments(k), c->address, c->symbol, &type);
	if (why) {
		results_problem(k->m->results, spec, "fail= cannot be judged for %.200s: %s",
				c->name, why);
		return;
	}
	purpose->fail = (uint8_t)s->fail;
	purpose->fail_value = s->fail_value;
	purpose->fail_type = (uint8_t)type;
}

void making_purpose(struct making *k, const struct candidate *c, struct plan_metric *metrics,
		    struct plan_purpose *purpose)
{
	for (uint32_t i = 0; i < c->match_count; i++) {
		uint32_t spec = k->candidates.matches[c->first_match + i];
		const struct spec *s = &k->m->specs->all[spec];

		k->in_vain[spec] = false;
		if (s->args >= 0)
			purpose->stack_words = (int16_t)s->args;
		switch (s->kind) {
		case SPEC_task:
			purpose->flags |= PLAN_task;
			set_fail(k, c, spec, purpose);
			break;
		case SPEC_event:
			purpose->flags |= PLAN_event;
			break;
		case SPEC_metric:
			add_metric(k, c, spec, metrics, purpose);
			break;
		}
	}
}
