/* SPDX-License-Identifier: MIT */
/* Any bytes as an ELF file, and as the code of one: planned as far as it goes. */
#include "tests/unit/plan_elf.h"

#define FUNCTIONS_MAX 64

static volatile uint64_t sink;

/* What comes of it must at least be within its own bounds. */
static void plan(struct object *o, uint64_t address, uint64_t size)
{
	struct function_code f;

	if (function_plan(o, address, size, &f))
		return;
	if (f.original_bytes < PLAN_PATCH_BYTES || f.original_bytes > PLAN_ORIGINAL_MAX ||
	    f.stack_words > PLAN_STACK_WORDS_MAX || f.code_bytes > FUNCTION_CODE_MAX ||
	    f.fixups > FUNCTION_FIXUPS_MAX)
		abort();
	for (unsigned i = 0; i < f.fixups; i++)
		if (f.fixup[i].at + (f.fixup[i].kind == PLAN_abs64 ? 8u : 4u) > f.code_bytes)
			abort();
	sink += f.entry;
}

static void plan_all(struct object *o)
{
	struct named_function *functions = NULL;
	size_t n = functions_of(o, &functions);
	uint32_t frames = object_frames(o);

	for (size_t i = 0; i < n && i < FUNCTIONS_MAX; i++)
		plan(o, functions[i].address, functions[i].size);
	for (uint32_t i = 0; i < frames && i < FUNCTIONS_MAX; i++)
		plan(o, object_frame(o, i).begin, 0);
	for (unsigned i = 0; i < object_sections(o); i++) {
		const struct object_section *s = object_section(o, i);
		struct object_bytes bytes = object_section_bytes(o, s);

		sink += strlen(s->name) + (bytes.bytes ? bytes.at[bytes.bytes - 1] : 0);
	}
	sink += object_build_id(o).bytes + strlen(object_soname(o));
	free(functions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("object", MFD_CLOEXEC);
	struct object *o;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (!object_open(fd, &o)) {
		plan_all(o);
		object_close(o);
	}
	close(fd);
	if (!size)
		return 0;
	o = object_of_code(data, size);
	if (o) {
		plan(o, CODE_AT, size);
		plan(o, CODE_AT + size / 2, 0);
		object_close(o);
	}
	return 0;
}
