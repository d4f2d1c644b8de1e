/* SPDX-License-Identifier: MIT */
/*
 * An object no SPEC means is not even opened: most of what a program loads are libraries
 * of the system, and it waits.
 */
#include "maker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../preload/clock.h"
#include "making.h"
#include "request.h"

#define FUNCTION_ID_MAX (1u << 24)

int maker_init(struct maker *m)
{
	m->metric_id = calloc(m->specs->count + 1, sizeof(*m->metric_id));
	return m->metric_id ? 0 : -ENOMEM;
}

void maker_fini(struct maker *m)
{
	inlined_fini(&m->inlined);
	free(m->metric_id);
	m->metric_id = NULL;
}

uint32_t making_text_id(struct maker *m)
{
	return atomic_fetch_add(&m->arena->header->next_text, 1);
}

int making_tell_text(struct maker *m, uint32_t kind, uint32_t id, const void *text, size_t bytes)
{
	return outbox_text(m->outbox, kind, id, arena_view_now(m->arena), text, bytes);
}

/* Name, symbol, path of the object, other names: each closed by NUL. */
static int tell_function(struct making *k, const struct candidate *c, uint32_t id)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	int err;

	if (!f)
		return -ENOMEM;
	fprintf(f, "%s%c%s%c%s%c", c->name, 0, c->symbol, 0, k->r->path, 0);
	for (uint32_t i = 0; i < c->other_count; i++)
		fprintf(f, "%s%c", c->others[i], 0);
	err = fclose(f) ? -ENOMEM : making_tell_text(k->m, TEXT_FUNCTION, id, text, bytes);
	free(text);
	return err;
}

static void refuse(struct making *k, const struct candidate *c, const char *why)
{
	k->refused++;
	for (uint32_t i = 0; i < c->match_count; i++)
		results_refused(k->m->results, k->candidates.matches[c->first_match + i], why,
				c->name);
}

/* The user says how many words of arguments on the stack it reads. */
static bool has_args(const struct making *k, const struct candidate *c)
{
	for (uint32_t i = 0; i < c->match_count; i++)
		if (k->m->specs->all[k->candidates.matches[c->first_match + i]].args >= 0)
			return true;
	return false;
}

/* Whether one of the names of its address says that it must not be. */
static const char *never_by_name(const struct symbols *s, uint64_t address)
{
	const char *why = NULL;
	uint32_t low = 0, high = s->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (s->all[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->count && s->all[low].address == address && !why; low++)
		why = function_never(s->all[low].name);
	return why;
}

static int plan_function_of(struct making *k, const struct candidate *c)
{
	struct plan_metric metrics[MAKING_METRICS_MAX];
	struct plan_purpose purpose = { .metrics = metrics, .stack_words = -1 };
	struct function_code code;
	enum refusal refusal;
	unsigned declared = 0;
	const char *never = c->why ? c->why : never_by_name(&k->symbols, c->address);
	int err;

	if (never) {
		refuse(k, c, never);
		return 0;
	}
	refusal = function_plan(k->object, c->address, c->size, &code);
	/* How much there is at an address that is taken, only its declaration can tell. */
	if (!has_args(k, c) &&
	    (refusal == REFUSAL_many_arguments || (!refusal && code.by_address))) {
		declared = arguments_stack_words(making_arguments(k), c->address);
		if (declared > PLAN_STACK_WORDS_MAX)
			refusal = REFUSAL_many_arguments;
	}
	if (refusal && !(refusal == REFUSAL_many_arguments &&
			 (has_args(k, c) || (declared && declared <= PLAN_STACK_WORDS_MAX)))) {
		refuse(k, c, refusal_text(refusal));
		return 0;
	}
	making_purpose(k, c, metrics, &purpose);
	if (refusal && purpose.stack_words < 0)
		purpose.stack_words = PLAN_STACK_WORDS_MAX;
	if (!purpose.flags && !purpose.metrics_n)
		return 0; /* metrics alone, and none can be had */
	purpose.function = making_text_id(k->m);
	if (purpose.function >= FUNCTION_ID_MAX) {
		refuse(k, c, "the session has no number for it left");
		return 0;
	}
	err = plan_file_add(k->file, &code, &purpose);
	if (err == -EEXIST || err == -E2BIG || err == -EINVAL) {
		refuse(k, c,
		       err == -EEXIST  ? "another function begins at the same instruction"
		       : err == -E2BIG ? "the plan of its object is full"
				       : "its code does not fit into a plan");
		return 0;
	}
	if (!err)
		err = tell_function(k, c, purpose.function);
	for (uint32_t i = 0; !err && i < c->match_count; i++) {
		uint32_t spec = k->candidates.matches[c->first_match + i];

		if (!k->in_vain[spec])
			results_patched(k->m->results, spec);
	}
	return err;
}

/* All symbols are places where something begins, whether they are candidates or not. */
static int tell_entries(struct making *k)
{
	uint64_t *entries = malloc((k->symbols.count + 1) * sizeof(*entries));
	int err;

	if (!entries)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->symbols.count; i++)
		entries[i] = k->symbols.all[i].address;
	err = object_set_entries(k->object, entries, k->symbols.count);
	free(entries);
	return err;
}

/* It is no mistake, only hardly more than what there is anyway. */
static void note_main(struct making *k)
{
	const struct specs *specs = k->m->specs;

	for (uint32_t i = 0; k->r->is_main && i < specs->count; i++)
		if (k->candidates.of_spec[i].matched && specs->all[i].kind == SPEC_task &&
		    !strcmp(specs->all[i].pattern, "main"))
			outbox_say(k->m->outbox, LETTER_note,
				   "--task main: the task of a process tells the same, and what "
				   "comes before and after");
}

static void tell_matches(struct making *k)
{
	const struct specs *specs = k->m->specs;
	bool in_vain = false;

	for (uint32_t i = 0; i < specs->count; i++) {
		const struct candidates_of_spec *of = &k->candidates.of_spec[i];

		if (!of->in_scope)
			continue;
		in_vain |= !of->matched;
		results_met(k->m->results, i, of->matched, symbols_are_stripped(&k->symbols));
		if (of->too_many)
			results_problem(k->m->results, i,
					"it names %u functions of %.200s, more than %u: none of "
					"them is patched; name fewer",
					of->matched, k->r->path, CANDIDATES_MAX);
	}
	note_main(k);
	if (in_vain)
		inlined_remember(&k->m->inlined, k->r, k->fd, k->root_fd);
}

static int plan_all(struct making *k, const struct candidates_where *where)
{
	int err = symbols_open(k->object, k->r->path, k->root_fd, &k->symbols);

	if (!err)
		err = candidates_find(&k->symbols, k->m->specs, where, &k->candidates);
	if (err)
		return err;
	tell_matches(k);
	if (!k->candidates.count)
		return 0;
	k->in_vain = calloc(k->m->specs->count, sizeof(*k->in_vain));
	err = k->in_vain ? tell_entries(k) : -ENOMEM;
	for (uint32_t i = 0; !err && i < k->candidates.count && !*k->m->stops; i++)
		err = plan_function_of(k, &k->candidates.all[i]);
	return err;
}

static void say_what_came(struct making *k, uint64_t begun_ns)
{
	uint32_t planned = plan_file_functions(k->file);

	if (planned || k->refused)
		outbox_say(k->m->outbox, LETTER_line,
			   "%.500s: %u functions planned, %u refused; it has %u names of "
			   "functions, %s; %u ms",
			   k->r->path, planned, k->refused, k->symbols.count,
			   symbols_source_name(k->symbols.source),
			   (unsigned)((clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1000000));
}

/* What no pattern may touch: the probe itself, the dynamic loader … */
static bool is_out_of_reach(const struct plan_request *r)
{
	const char *slash = strrchr(r->path, '/');

	return !r->is_main && function_never_object(slash ? slash + 1 : r->path);
}

static bool is_meant(const struct maker *m, const struct plan_request *r,
		     const struct candidates_where *where)
{
	if (is_out_of_reach(r))
		return false;
	for (uint32_t i = 0; i < m->specs->count; i++)
		if (candidates_means(&m->specs->all[i], where))
			return true;
	return false;
}

int maker_make(struct maker *m, const struct plan_request *r)
{
	struct candidates_where where = { .path = r->path,
					  .is_main = r->is_main,
					  .limit = CANDIDATES_MAX };
	struct making k = { .m = m, .r = r, .fd = -1, .root_fd = -1, .symbols.debug_fd = -1 };
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	uint32_t id = making_text_id(m);
	char why[256];
	int err;

	k.file = plan_file_new();
	if (!k.file)
		return -ENOMEM;
	err = making_tell_text(m, TEXT_PLAN, id, r->path, strlen(r->path));
	if (!err && is_meant(m, r, &where)) {
		if (request_open(r, &k.object, &k.fd, &k.root_fd, why))
			outbox_say(m->outbox, LETTER_note, "%s: none of its functions are tasks",
				   why);
		else
			err = plan_all(&k, &where);
	}
	if (!err && !*m->stops) {
		err = plan_file_write(k.file, m->dir, r->key, id);
		say_what_came(&k, begun_ns);
	}
	arguments_close(k.arguments);
	candidates_fini(&k.candidates);
	symbols_close(&k.symbols);
	object_close(k.object);
	plan_file_free(k.file);
	free(k.in_vain);
	if (k.fd >= 0)
		close(k.fd);
	if (k.root_fd >= 0)
		close(k.root_fd);
	return err;
}
