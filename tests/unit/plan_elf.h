/* SPDX-License-Identifier: MIT */
/*
 * Objects for tests of the planner: made of bytes that a test gives, or read with all
 * functions that their symbols name.
 *
 *	0         ELF header, one program header
 *	CODE_AT   code; address = offset
 */
#ifndef TPPROBE_TESTS_PLAN_ELF_H
#define TPPROBE_TESTS_PLAN_ELF_H

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collector/plan/function.h"
#include "collector/plan/object.h"

#define CODE_AT 0x1000u

/* A library whose only segment is these bytes of code; NULL if it cannot be opened. */
static inline struct object *object_of_code(const void *code, size_t bytes)
{
	Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	Elf64_Phdr segment = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = CODE_AT,
		.p_vaddr = CODE_AT,
		.p_filesz = bytes,
		.p_memsz = bytes,
	};
	struct object *o = NULL;
	int fd = memfd_create("object", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    pwrite(fd, &segment, sizeof(segment), sizeof(header)) != sizeof(segment) ||
	    pwrite(fd, code, bytes, CODE_AT) != (ssize_t)bytes || object_open(fd, &o))
		o = NULL;
	close(fd);
	return o;
}

struct named_function {
	const char *name;
	uint64_t address, size;
};

/* All functions of .symtab, else of .dynsym; they are told to the object too. */
static inline size_t functions_of(struct object *o, struct named_function **out)
{
	const struct object_section *s = object_section_named(o, ".symtab");
	struct object_bytes symbols, names;
	const Elf64_Sym *symbol;
	struct named_function *list;
	uint64_t *entries;
	size_t n, kept = 0;

	if (!s)
		s = object_section_named(o, ".dynsym");
	if (!s || !object_section(o, s->link))
		return 0;
	symbols = object_section_bytes(o, s);
	names = object_section_bytes(o, object_section(o, s->link));
	symbol = (const Elf64_Sym *)symbols.at;
	n = symbols.bytes / sizeof(*symbol);
	list = calloc(n + 1, sizeof(*list));
	entries = calloc(n + 1, sizeof(*entries));
	if (!list || !entries)
		abort();
	for (size_t i = 0; i < n; i++)
		if (ELF64_ST_TYPE(symbol[i].st_info) == STT_FUNC && symbol[i].st_shndx &&
		    symbol[i].st_value && symbol[i].st_name < names.bytes) {
			entries[kept] = symbol[i].st_value;
			list[kept++] =
				(struct named_function){ (const char *)names.at + symbol[i].st_name,
							 symbol[i].st_value, symbol[i].st_size };
		}
	object_set_entries(o, entries, kept);
	free(entries);
	*out = list;
	return kept;
}

static inline struct object *object_of_file(const char *path)
{
	struct object *o = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || object_open(fd, &o))
		o = NULL;
	if (fd >= 0)
		close(fd);
	return o;
}

#endif
