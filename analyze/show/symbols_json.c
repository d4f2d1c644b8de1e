/* SPDX-License-Identifier: MIT */
/*
 * `tpprobe symbols` for programs: JSON (schema tpprobe.symbols/1) and CSV.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../json_out.h"
#include "symbols.h"

#define SPEC_ROOM 8192

static void put_function(struct json_out *j, const struct symbols_view *v, uint32_t function)
{
	const struct catalog_function *f = &v->catalog->function[function];
	char spec[SPEC_ROOM];

	jout_open(j, NULL, '{');
	jout_text(j, "name", f->name);
	jout_text(j, "full_name", f->full);
	jout_text(j, "symbol", f->symbol);
	jout_text(j, "module", v->catalog->module[f->module].path);
	jout_int(j, "address", (int64_t)f->address);
	jout_int(j, "size", (int64_t)f->size);
	jout_open(j, "aliases", '[');
	for (uint32_t i = 0; i < f->alias_count; i++)
		jout_text(j, NULL, f->aliases[i]);
	jout_close(j, ']');
	jout_text(j, "spec", symbols_spec(spec, sizeof(spec), v, function));
	jout_text(j, "why_not", f->why_not);
	jout_close(j, '}');
}

static void put_modules(struct json_out *j, const struct catalog *c)
{
	jout_open(j, "modules", '[');
	for (uint32_t i = 0; i < c->modules; i++) {
		const struct catalog_module *m = &c->module[i];

		jout_open(j, NULL, '{');
		jout_text(j, "path", m->path);
		jout_raw(j, "stripped", m->is_stripped ? "true" : "false");
		jout_text(j, "problem", *m->problem ? m->problem : NULL);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	jout_text(j, "missing_libraries", c->missing);
}

int symbols_json(const struct symbols_view *v, FILE *out)
{
	struct json_out j = { .file = out, .flat_from = 3 };
	const struct catalog *c = v->catalog;
	struct symbols_reason *reason = NULL;
	int reasons = symbols_reasons(c, &reason);
	char spec[SPEC_ROOM];

	if (reasons < 0)
		return reasons;
	jout_open(&j, NULL, '{');
	jout_text(&j, "schema", "tpprobe.symbols/1");
	jout_text(&j, "file", v->target->path);
	jout_text(&j, "pattern", v->pattern);
	put_modules(&j, c);
	jout_int(&j, "functions_total", c->matches);
	jout_int(&j, "tasks_total", c->tasks);
	jout_open(&j, "refused", '[');
	for (int i = 0; i < reasons; i++) {
		jout_open(&j, NULL, '{');
		jout_text(&j, "why", reason[i].why);
		jout_int(&j, "count", reason[i].count);
		jout_close(&j, '}');
	}
	jout_close(&j, ']');
	free(reason);
	jout_open(&j, "functions", '[');
	for (uint32_t i = 0; i < c->matches && !v->is_suggesting; i++)
		put_function(&j, v, v->order[i]);
	jout_close(&j, ']');
	jout_open(&j, "suggestions", '[');
	for (int i = 0; i < v->suggestions; i++) {
		const struct suggestion *s = &v->suggestion[i];

		jout_open(&j, NULL, '{');
		jout_text(&j, "name", c->function[s->function].name);
		jout_text(&j, "spec", symbols_spec(spec, sizeof(spec), v, s->function));
		jout_int(&j, "score", s->score);
		jout_text(&j, "why", s->why);
		jout_close(&j, '}');
	}
	jout_close(&j, ']');
	jout_close(&j, '}');
	return 0;
}

/* Quoted when it has to be (RFC 4180). */
static void put_cell(FILE *out, const char *text, char after)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
	} else {
		fputc('"', out);
		for (; *text; text++) {
			if (*text == '"')
				fputc('"', out);
			fputc(*text, out);
		}
		fputc('"', out);
	}
	fputc(after, out);
}

int symbols_csv(const struct symbols_view *v, FILE *out)
{
	const struct catalog *c = v->catalog;

	if (v->is_suggesting) {
		fputs("score,name,module,size,why\n", out);
		for (int i = 0; i < v->suggestions; i++) {
			const struct suggestion *s = &v->suggestion[i];
			const struct catalog_function *f = &c->function[s->function];

			fprintf(out, "%d,", s->score);
			put_cell(out, f->name, ',');
			put_cell(out, c->module[f->module].path, ',');
			fprintf(out, "%llu,", (unsigned long long)f->size);
			put_cell(out, s->why, '\n');
		}
		return 0;
	}
	fputs("name,full_name,symbol,module,address,size,why_not\n", out);
	for (uint32_t i = 0; i < c->matches; i++) {
		const struct catalog_function *f = &c->function[v->order[i]];

		put_cell(out, f->name, ',');
		put_cell(out, f->full, ',');
		put_cell(out, f->symbol, ',');
		put_cell(out, c->module[f->module].path, ',');
		fprintf(out, "%llu,%llu,", (unsigned long long)f->address,
			(unsigned long long)f->size);
		put_cell(out, f->why_not ? f->why_not : "", '\n');
	}
	return 0;
}
