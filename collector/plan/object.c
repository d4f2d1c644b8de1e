/* SPDX-License-Identifier: MIT */
/* Opens an ELF file and reads its code. Sections: object_sections.c, the rest object_notes.c. */
#include "body.h"
#include "object_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX (UINT64_C(1) << 30)
#define SEGMENTS_MAX 1024

uint8_t *object_read(struct object *o, uint64_t offset, uint64_t bytes, int *err)
{
	uint8_t *to;
	uint64_t got = 0;

	*err = -ENOEXEC;
	if (!bytes || offset > o->file_bytes || bytes > o->file_bytes - offset)
		return NULL;
	*err = -EFBIG;
	if (bytes > READ_MAX - o->read_bytes)
		return NULL;
	*err = -ENOMEM;
	to = malloc(bytes);
	if (!to)
		return NULL;
	while (got < bytes) {
		ssize_t n = pread(o->fd, to + got, bytes - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* cut off since its size was asked */
			*err = n < 0 ? -errno : -ENOEXEC;
			free(to);
			return NULL;
		}
		got += (uint64_t)n;
	}
	o->read_bytes += bytes;
	*err = 0;
	return to;
}

static bool is_ours(const Elf64_Ehdr *h)
{
	return !memcmp(h->e_ident, ELFMAG, SELFMAG) && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_machine == EM_X86_64 &&
	       (h->e_type == ET_EXEC || h->e_type == ET_DYN) &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phnum && h->e_phnum <= SEGMENTS_MAX;
}

static int read_segment(struct object *o, const Elf64_Phdr *p)
{
	struct object_segment *s = &o->segments[o->segments_n];
	uint64_t bytes = p->p_filesz;
	int err;

	if (p->p_memsz > UINT64_MAX - p->p_vaddr)
		return -ENOEXEC;
	if (p->p_vaddr < o->low)
		o->low = p->p_vaddr;
	if (p->p_vaddr + p->p_memsz > o->high)
		o->high = p->p_vaddr + p->p_memsz;
	if (p->p_flags & PF_W)
		return 0;
	if (bytes > p->p_memsz)
		bytes = p->p_memsz;
	if (!bytes || p->p_offset >= o->file_bytes)
		return 0; /* a debug file: the code is elsewhere */
	if (bytes > o->file_bytes - p->p_offset)
		bytes = o->file_bytes - p->p_offset;
	s->at = object_read(o, p->p_offset, bytes, &err);
	if (!s->at)
		return err;
	s->address = p->p_vaddr;
	s->bytes = bytes;
	s->is_code = p->p_flags & PF_X;
	o->segments_n++;
	return 0;
}

static int read_all(struct object *o)
{
	Elf64_Ehdr *header;
	Elf64_Phdr *list = NULL;
	int err;

	header = (Elf64_Ehdr *)object_read(o, 0, sizeof(*header), &err);
	if (!header)
		return err;
	if (!is_ours(header)) {
		err = -ENOEXEC;
		goto out;
	}
	list = (Elf64_Phdr *)object_read(o, header->e_phoff, header->e_phnum * sizeof(*list), &err);
	if (!list)
		goto out;
	o->segments = calloc(header->e_phnum, sizeof(*o->segments));
	if (!o->segments) {
		err = -ENOMEM;
		goto out;
	}
	for (unsigned i = 0; i < header->e_phnum && !err; i++)
		if (list[i].p_type == PT_LOAD)
			err = read_segment(o, &list[i]);
	if (!err && o->low >= o->high)
		err = -ENOEXEC;
	if (!err)
		err = object_read_sections(o, header);
	if (!err)
		err = object_read_notes(o, list, header->e_phnum);
	if (!err)
		err = object_read_frames(o, list, header->e_phnum);
out:
	free(list);
	free(header);
	return err;
}

int object_open(int fd, struct object **out)
{
	struct object *o = calloc(1, sizeof(*o));
	struct stat st;
	int err;

	if (!o)
		return -ENOMEM;
	o->low = UINT64_MAX;
	o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (o->fd < 0 || fstat(o->fd, &st)) {
		err = -errno;
		goto fail;
	}
	o->file_bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	err = read_all(o);
	if (err)
		goto fail;
	*out = o;
	return 0;
fail:
	object_close(o);
	return err;
}

void object_close(struct object *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < o->segments_n; i++)
		free((void *)o->segments[i].at);
	for (unsigned i = 0; o->contents && i < o->sections_n; i++)
		free((void *)o->contents[i].at);
	body_forget(o);
	frames_fini(&o->frames);
	free((void *)o->build_id.at);
	free((void *)o->soname.at);
	free((void *)o->names.at);
	free(o->contents);
	free(o->sections);
	free(o->segments);
	free(o->entries);
	if (o->fd >= 0)
		close(o->fd);
	free(o);
}

struct object_bytes object_bytes(const struct object *o, uint64_t address)
{
	for (unsigned i = 0; i < o->segments_n; i++) {
		const struct object_segment *s = &o->segments[i];

		if (address >= s->address && address - s->address < s->bytes)
			return (struct object_bytes){ s->at + (address - s->address),
						      s->bytes - (address - s->address) };
	}
	return (struct object_bytes){ 0 };
}

struct object_bytes object_code(const struct object *o, uint64_t address)
{
	for (unsigned i = 0; i < o->segments_n; i++) {
		const struct object_segment *s = &o->segments[i];

		if (s->is_code && address >= s->address && address - s->address < s->bytes)
			return (struct object_bytes){ s->at + (address - s->address),
						      s->bytes - (address - s->address) };
	}
	return (struct object_bytes){ 0 };
}

void object_range(const struct object *o, uint64_t *low, uint64_t *high)
{
	*low = o->low;
	*high = o->high;
}
