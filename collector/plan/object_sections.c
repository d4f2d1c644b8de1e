/* SPDX-License-Identifier: MIT */
/* Section headers of an object: what they say is passed on, their bytes only where they exist. */
#include "object_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How many there are and which one holds the names: large numbers stand in the first section. */
static bool count_sections(struct object *o, const Elf64_Ehdr *h, uint64_t *n, uint64_t *names)
{
	Elf64_Shdr *first;
	int err;

	if (!h->e_shoff || h->e_shentsize != sizeof(Elf64_Shdr))
		return false;
	first = (Elf64_Shdr *)object_read(o, h->e_shoff, sizeof(*first), &err);
	if (!first)
		return false;
	*n = h->e_shnum ? h->e_shnum : first->sh_size;
	*names = h->e_shstrndx == SHN_XINDEX ? first->sh_link : h->e_shstrndx;
	free(first);
	return *n && *n <= o->file_bytes / sizeof(Elf64_Shdr);
}

static const char *name_at(const struct object *o, uint64_t offset)
{
	const uint8_t *at;

	if (offset >= o->names.bytes)
		return "";
	at = o->names.at + offset;
	return memchr(at, 0, o->names.bytes - offset) ? (const char *)at : "";
}

int object_read_sections(struct object *o, const Elf64_Ehdr *header)
{
	Elf64_Shdr *list;
	uint64_t n, names;
	int err;

	if (!count_sections(o, header, &n, &names))
		return 0;
	list = (Elf64_Shdr *)object_read(o, header->e_shoff, n * sizeof(*list), &err);
	if (!list)
		return err == -ENOMEM ? err : 0;
	o->sections = calloc(n, sizeof(*o->sections));
	o->contents = calloc(n, sizeof(*o->contents));
	if (!o->sections || !o->contents) {
		free(list);
		return -ENOMEM;
	}
	if (names < n && list[names].sh_type == SHT_STRTAB) {
		o->names.at = object_read(o, list[names].sh_offset, list[names].sh_size, &err);
		o->names.bytes = o->names.at ? list[names].sh_size : 0;
	}
	o->sections_n = (unsigned)n;
	for (unsigned i = 0; i < n; i++)
		o->sections[i] = (struct object_section){
			.name = name_at(o, list[i].sh_name),
			.type = list[i].sh_type,
			.link = list[i].sh_link,
			.info = list[i].sh_info,
			.flags = list[i].sh_flags,
			.address = list[i].sh_addr,
			.offset = list[i].sh_offset,
			.bytes = list[i].sh_size,
			.entry_bytes = list[i].sh_entsize,
		};
	free(list);
	return 0;
}

unsigned object_sections(const struct object *o)
{
	return o->sections_n;
}

const struct object_section *object_section(const struct object *o, unsigned index)
{
	return index < o->sections_n ? &o->sections[index] : NULL;
}

const struct object_section *object_section_named(const struct object *o, const char *name)
{
	for (unsigned i = 0; i < o->sections_n; i++)
		if (!strcmp(o->sections[i].name, name))
			return &o->sections[i];
	return NULL;
}

struct object_bytes object_section_bytes(struct object *o, const struct object_section *s)
{
	struct object_bytes *kept = &o->contents[s - o->sections];
	int err;

	if (!kept->at && s->type != SHT_NOBITS && s->type != SHT_NULL) {
		kept->at = object_read(o, s->offset, s->bytes, &err);
		kept->bytes = kept->at ? s->bytes : 0;
	}
	return *kept;
}

bool object_in_plt(const struct object *o, uint64_t address)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	struct object_bytes code;

	for (unsigned i = 0; i < o->sections_n; i++) {
		const struct object_section *s = &o->sections[i];

		if ((s->flags & SHF_EXECINSTR) && address >= s->address &&
		    address - s->address < s->bytes)
			return !strncmp(s->name, ".plt", 4) || !strcmp(s->name, ".iplt");
	}
	/* Without section headers: it is what a jump through a pointer is. */
	code = object_code(o, address);
	if (code.bytes >= 4 && !memcmp(code.at, endbr64, 4))
		code = object_code(o, address + 4);
	if (code.bytes && *code.at == 0xf2) /* bnd */
		code = (struct object_bytes){ code.at + 1, code.bytes - 1 };
	return code.bytes >= 2 && code.at[0] == 0xff && code.at[1] == 0x25;
}
