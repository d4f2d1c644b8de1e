/* SPDX-License-Identifier: MIT */
/*
 * Walks the loader's list of objects (_r_debug) and reads each one's build-id
 * from its mapped notes. No lock, no allocation.
 */
#include "module.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "process.h"
#include "record.h"
#include "sys.h"

/* The object's ELF header, when its first segment is mapped at the load address
 * (it is for everything that ordinary linkers make). */
static const ElfW(Ehdr) * elf_header(const struct link_map *map, uintptr_t lowest)
{
	const ElfW(Ehdr) *header = (const void *)lowest;

	(void)map;
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 ? header : NULL;
}

/* Program headers: the main program's come from the auxiliary vector, the
 * others' from the header at l_addr. */
static const ElfW(Phdr) * program_headers(const struct link_map *map, unsigned *count)
{
	const ElfW(Ehdr) * header;

	if (!map->l_prev) {
		extern unsigned long getauxval(unsigned long);

		*count = (unsigned)getauxval(AT_PHNUM);
		return (const void *)getauxval(AT_PHDR);
	}
	if (!map->l_addr || !(header = elf_header(map, map->l_addr)))
		return NULL;
	*count = header->e_phnum;
	return (const void *)(map->l_addr + header->e_phoff);
}

static unsigned build_id(uintptr_t base, const ElfW(Phdr) * segment, uint8_t id[20])
{
	const uint8_t *at = (const uint8_t *)base + segment->p_vaddr;
	const uint8_t *end = at + segment->p_memsz;

	while (at + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *note = (const void *)at;
		const uint8_t *name = at + sizeof(*note);
		const uint8_t *data = name + ((note->n_namesz + 3) & ~3u);
		const uint8_t *next = data + ((note->n_descsz + 3) & ~3u);

		if (next > end || next <= at)
			break;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    memcmp(name, "GNU", 4) == 0) {
			unsigned n = note->n_descsz < 20 ? note->n_descsz : 20;

			memcpy(id, data, n);
			return n;
		}
		at = next;
	}
	return 0;
}

static void tell(struct probe_thread *t, const struct link_map *map, const char *path,
		 size_t path_bytes)
{
	unsigned count = 0, id_bytes = 0;
	const ElfW(Phdr) *segment = program_headers(map, &count);
	uint32_t text = atomic_fetch_add(&probe_header()->next_text, 1);
	uint64_t end = 0, v[7] = { 0 };
	uint8_t id[24] = { 0 };

	for (unsigned i = 0; segment && i < count; i++) {
		if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr + segment[i].p_memsz > end)
			end = segment[i].p_vaddr + segment[i].p_memsz;
		if (segment[i].p_type == PT_NOTE && !id_bytes)
			id_bytes = build_id(map->l_addr, &segment[i], id);
	}
	if (path[0] == '/' || !path_bytes) {
		record_text(t, text, TEXT_MODULE, path, path_bytes, "", NULL, 0);
	} else {
		size_t bytes;
		const char *cwd = process_cwd(&bytes);

		record_text(t, text, TEXT_MODULE, cwd, bytes, "/", path, path_bytes);
	}
	v[0] = text | (uint64_t)id_bytes << 32;
	v[1] = map->l_addr;
	v[2] = end;
	memcpy(&v[3], id, 8);
	memcpy(&v[5], id + 8, 8);
	memcpy(&v[6], id + 16, 4);
	record_n(t, EVENT_MODULE, v, 7, probe_now());
}

void module_tell_all(struct probe_thread *t)
{
	char exe[4096];
	long got;

	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		if (map->l_prev) {
			if (strchr(map->l_name, '/')) /* the vdso has no file */
				tell(t, map, map->l_name, strlen(map->l_name));
			continue;
		}
		got = sys3(SYS_readlink, "/proc/self/exe", exe, sizeof(exe));
		tell(t, map, exe, got > 0 ? (size_t)got : 0);
	}
}

size_t module_own_path(char *into, size_t room)
{
	const struct link_map *map = _r_debug.r_map;
	size_t n = 0;

	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	if (!map || !map->l_name[0])
		return 0;
	if (map->l_name[0] != '/') {
		const char *cwd = process_cwd(&n);

		if (n + 2 > room)
			return 0;
		memcpy(into, cwd, n);
		into[n++] = '/';
	}
	if (n + strlen(map->l_name) + 1 > room)
		return 0;
	memcpy(into + n, map->l_name, strlen(map->l_name) + 1);
	return n + strlen(map->l_name);
}
