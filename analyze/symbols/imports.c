/* SPDX-License-Identifier: MIT */
/*
 * What an object calls in others. Slots come from the relocations (.rela.plt,
 * .rela.dyn), stubs from the code of the .plt sections:
 *
 *	[endbr64] [bnd] jmp [rip + slot]  …padding, or push and jmp
 */
#include "imports.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../grow.h"

#define STUB_BYTES 16 /* where the section does not say */
#define JUMP_BYTES 6  /* ff 25 and the distance */

static int by_address(const void *a, const void *b)
{
	const struct import *one = a, *other = b;

	return (one->address > other->address) - (one->address < other->address);
}

static int add(struct imports *im, uint64_t address, const char *name)
{
	struct import *more = array_grown(im->import, im->count, &im->room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	im->import = more;
	more[im->count++] = (struct import){ address, name };
	return 0;
}

/* The name of a symbol; NULL: none that can be read. */
static const char *symbol_name(struct object_bytes symbols, struct object_bytes names, uint32_t n)
{
	Elf64_Sym s;

	if (n >= symbols.bytes / sizeof(s))
		return NULL;
	memcpy(&s, symbols.at + n * sizeof(s), sizeof(s));
	if (!names.at || s.st_name >= names.bytes ||
	    !memchr(names.at + s.st_name, '\0', names.bytes - s.st_name))
		return NULL;
	return (const char *)names.at + s.st_name;
}

static int take_relocations(struct imports *im, struct object *o, const struct object_section *h)
{
	const struct object_section *table = object_section(o, h->link);
	const struct object_section *strings = table ? object_section(o, table->link) : NULL;
	struct object_bytes relocations = object_section_bytes(o, h), symbols, names;
	int err = 0;

	if (!relocations.at || !strings)
		return 0;
	symbols = object_section_bytes(o, table);
	names = object_section_bytes(o, strings);
	if (!symbols.at)
		return 0;
	for (uint64_t i = 0; !err && i < relocations.bytes / sizeof(Elf64_Rela); i++) {
		const char *name;
		Elf64_Rela r;

		memcpy(&r, relocations.at + i * sizeof(r), sizeof(r));
		if (ELF64_R_TYPE(r.r_info) != R_X86_64_JUMP_SLOT &&
		    ELF64_R_TYPE(r.r_info) != R_X86_64_GLOB_DAT)
			continue;
		name = symbol_name(symbols, names, (uint32_t)ELF64_R_SYM(r.r_info));
		if (name && *name)
			err = add(im, r.r_offset, name);
	}
	return err;
}

static int take_stubs(struct imports *im, uint32_t slots, struct object *o,
		      const struct object_section *h)
{
	uint64_t stub = h->entry_bytes ? h->entry_bytes : STUB_BYTES;
	struct object_bytes code = object_section_bytes(o, h);
	int err = 0;

	for (uint64_t i = 0; code.at && slots && !err && i + JUMP_BYTES <= code.bytes; i++) {
		struct import key = { 0, NULL }, *found;
		int32_t distance;

		if (code.at[i] != 0xff || code.at[i + 1] != 0x25)
			continue;
		memcpy(&distance, code.at + i + 2, sizeof(distance));
		key.address = h->address + i + JUMP_BYTES + (uint64_t)(int64_t)distance;
		found = bsearch(&key, im->import, slots, sizeof(key), by_address);
		if (found)
			err = add(im, h->address + i - i % stub, found->name);
		i += JUMP_BYTES - 1;
	}
	return err;
}

int imports_init(struct imports *im, struct object *o)
{
	unsigned sections = o ? object_sections(o) : 0;
	uint32_t slots;
	int err = 0;

	*im = (struct imports){ .import = NULL };
	for (unsigned i = 0; i < sections && !err; i++)
		if (object_section(o, i)->type == SHT_RELA)
			err = take_relocations(im, o, object_section(o, i));
	slots = im->count;
	if (slots)
		qsort(im->import, slots, sizeof(*im->import), by_address);
	for (unsigned i = 0; i < sections && !err; i++) {
		const struct object_section *s = object_section(o, i);

		if (!strncmp(s->name, ".plt", 4) && s->type == SHT_PROGBITS)
			err = take_stubs(im, slots, o, s);
	}
	if (im->count)
		qsort(im->import, im->count, sizeof(*im->import), by_address);
	if (err)
		imports_fini(im);
	return err;
}

void imports_fini(struct imports *im)
{
	free(im->import);
	*im = (struct imports){ .import = NULL };
}

const char *imports_find(const struct imports *im, uint64_t address)
{
	struct import key = { address, NULL };
	const struct import *found =
		im->count ? bsearch(&key, im->import, im->count, sizeof(key), by_address) : NULL;

	return found ? found->name : NULL;
}
