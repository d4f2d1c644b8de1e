/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a SPEC, as a name of the linker, and as an ELF file whose symbols and debug
 * information are read.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/plan/arguments.h"
#include "collector/plan/candidates.h"
#include "collector/plan/match.h"

static volatile uint64_t sink;

static void as_text(const uint8_t *data, size_t size)
{
	static struct match_name name;
	char *text = strndup((const char *)data, size), why[SPEC_WHY];
	struct match m;
	struct spec s;

	if (!text)
		abort();
	for (enum spec_kind kind = SPEC_task; kind <= SPEC_metric; kind++) {
		int err = spec_parse(kind, text, &s, why);

		if (!err == !!why[0] || (!err && (!s.pattern || !*s.pattern)))
			abort(); /* a sentence for each failure, and for nothing else */
		spec_fini(&s);
	}
	match_name_init(&name, text);
	sink += strlen(match_name_get(&name)->full) + strlen(match_name_get(&name)->brief);
	match_init(&m, text);
	match_name_init(&name, "_ZN2ns1C3runEi.constprop.0");
	sink += match_function(&m, &name);
	sink += match_library(text, "/usr/lib/libfoo.so.1") + match_is_system(text);
	free(text);
}

static void look_at(struct object *o, int fd, const struct candidates *c)
{
	struct arguments *arguments;
	struct plan_metric m;

	if (arguments_open(fd, o, NULL, -1, &arguments))
		abort();
	for (uint32_t i = 0; i < c->count && i < 32; i++) {
		sink += strlen(c->all[i].full) + c->all[i].other_count;
		for (unsigned n = 0; n < 4; n++)
			if (!arguments_metric(arguments, c->all[i].address, c->all[i].symbol, n,
					      PLAN_auto, &m) &&
			    (m.source < PLAN_integer_argument || m.source > PLAN_float_return ||
			     (m.source == PLAN_integer_argument && m.index > 5) ||
			     (m.source == PLAN_float_argument && m.index > 7)))
				abort();
	}
	arguments_close(arguments);
}

static void as_file(const uint8_t *data, size_t size)
{
	const struct candidates_where where = { .path = "x", .is_main = true };
	int fd = memfd_create("object", MFD_CLOEXEC);
	struct candidates candidates;
	struct symbols symbols;
	struct specs specs = { 0 };
	struct object *o;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (!object_open(fd, &o)) {
		if (specs_add(&specs, SPEC_task, "*") || symbols_open(o, NULL, -1, &symbols) ||
		    candidates_find(&symbols, &specs, &where, &candidates))
			abort();
		look_at(o, fd, &candidates);
		candidates_fini(&candidates);
		symbols_close(&symbols);
		specs_fini(&specs);
		object_close(o);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_text(data, size);
	as_file(data, size);
	return 0;
}
