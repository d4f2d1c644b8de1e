/* SPDX-License-Identifier: MIT */
/*
 * What an x86-64 program or library tells the dynamic loader.
 */
#include "dynamic.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS_MAX 512
#define DYNAMIC_MAX (1u << 20) /* bytes of the section */
#define STRINGS_MAX (64u << 20)

struct segments {
	Elf64_Phdr all[SEGMENTS_MAX];
	unsigned count;
};

static bool read_at(int fd, void *to, size_t bytes, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, to, bytes, (off_t)offset) == (ssize_t)bytes;
}

static int read_segments(struct segments *s, int fd)
{
	Elf64_Ehdr h;

	if (!read_at(fd, &h, sizeof(h), 0) || memcmp(h.e_ident, ELFMAG, SELFMAG) ||
	    h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB ||
	    h.e_machine != EM_X86_64 || h.e_phentsize != sizeof(s->all[0]))
		return -ENOEXEC;
	s->count = h.e_phnum < SEGMENTS_MAX ? h.e_phnum : SEGMENTS_MAX;
	return read_at(fd, s->all, s->count * sizeof(s->all[0]), h.e_phoff) ? 0 : -ENOEXEC;
}

/* Where in the file an address is; 0: nowhere. */
static uint64_t offset_of(const struct segments *s, uint64_t address)
{
	for (unsigned i = 0; i < s->count; i++) {
		const Elf64_Phdr *p = &s->all[i];

		if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
		    address - p->p_vaddr < p->p_filesz)
			return p->p_offset + (address - p->p_vaddr);
	}
	return 0;
}

static int read_dynamic(struct dynamic *d, int fd, const Elf64_Phdr *p)
{
	size_t bytes = p->p_filesz < DYNAMIC_MAX ? p->p_filesz : DYNAMIC_MAX;

	free(d->entry);
	d->entry = malloc(bytes + 1);
	if (!d->entry)
		return -ENOMEM;
	if (!read_at(fd, d->entry, bytes, p->p_offset))
		return -ENOEXEC;
	d->entries = 0;
	while (d->entries < bytes / sizeof(*d->entry) && d->entry[d->entries].d_tag != DT_NULL)
		d->entries++;
	return 0;
}

int dynamic_init(struct dynamic *d, int fd)
{
	struct segments *s = malloc(sizeof(*s));
	uint64_t offset, bytes;
	int err = s ? read_segments(s, fd) : -ENOMEM;

	*d = (struct dynamic){ .entry = NULL };
	for (unsigned i = 0; !err && i < s->count; i++) {
		if (s->all[i].p_type == PT_INTERP)
			d->has_interpreter = true;
		else if (s->all[i].p_type == PT_DYNAMIC)
			err = read_dynamic(d, fd, &s->all[i]);
	}
	offset = err ? 0 : offset_of(s, dynamic_value(d, DT_STRTAB));
	bytes = dynamic_value(d, DT_STRSZ);
	free(s);
	if (!err && offset && bytes && bytes <= STRINGS_MAX) {
		d->strings = malloc(bytes + 1);
		if (!d->strings)
			err = -ENOMEM;
		else if (!read_at(fd, d->strings, bytes, offset))
			err = -ENOEXEC;
		else
			d->strings[d->string_bytes = bytes] = '\0';
	}
	if (err)
		dynamic_fini(d);
	return err;
}

void dynamic_fini(struct dynamic *d)
{
	free(d->entry);
	free(d->strings);
	*d = (struct dynamic){ .entry = NULL };
}

const char *dynamic_string(const struct dynamic *d, Elf64_Xword offset)
{
	return d->strings && offset < d->string_bytes ? d->strings + offset : "";
}

Elf64_Xword dynamic_value(const struct dynamic *d, Elf64_Sxword tag)
{
	for (size_t i = 0; i < d->entries; i++)
		if (d->entry[i].d_tag == tag)
			return d->entry[i].d_un.d_val;
	return 0;
}
