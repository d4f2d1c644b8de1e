/* SPDX-License-Identifier: MIT */
/*
 * Walks the loader's list of objects and reads each one's build-id from its mapped
 * notes: in the constructor by _r_debug, without a lock; later by dl_iterate_phdr.
 * Those that were told are kept in a table, so that what comes and goes is seen.
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
static const ElfW(Ehdr) * elf_header(uintptr_t lowest)
{
	const ElfW(Ehdr) *header = (const void *)lowest;

	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 ? header : NULL;
}

/* Program headers: the main program's come from the auxiliary vector, the
 * others' from the header at l_addr. */
static const ElfW(Phdr) * program_headers(const struct link_map *map, unsigned *count)
{
	const ElfW(Ehdr) * header;

	if (map == _r_debug.r_map) {
		extern unsigned long getauxval(unsigned long);

		*count = (unsigned)getauxval(AT_PHNUM);
		return (const void *)getauxval(AT_PHDR);
	}
	if (!map->l_addr || !(header = elf_header(map->l_addr)))
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

unsigned module_build_id(const struct link_map *map, uint8_t id[20])
{
	unsigned count = 0, bytes = 0;
	const ElfW(Phdr) *segment = program_headers(map, &count);

	for (unsigned i = 0; segment && i < count && !bytes; i++)
		if (segment[i].p_type == PT_NOTE)
			bytes = build_id(map->l_addr, &segment[i], id);
	return bytes;
}

#define KNOWN_MAX 2048 /* what is loaded later than that is not told */

static struct known {
	uintptr_t base, end; /* end: what a later object at the same place has not in common */
	bool seen;
} known[KNOWN_MAX];
static unsigned known_count;
/* One walk at a time; another one passes it by and is made up for by the next. */
static atomic_flag walking PROBE_TOGETHER = ATOMIC_FLAG_INIT;

/* glibc counts the objects that came and that went, and says so of each one: when
 * nothing has changed since the last walk, the first object ends the next one. */
static unsigned long long known_adds, known_subs;

static struct known *find_known(uintptr_t base, uintptr_t end)
{
	for (unsigned i = 0; i < known_count; i++)
		if (known[i].base == base && known[i].end == end)
			return &known[i];
	return NULL;
}

static uintptr_t end_of(const ElfW(Phdr) * segment, unsigned count)
{
	uintptr_t end = 0;

	for (unsigned i = 0; segment && i < count; i++)
		if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr + segment[i].p_memsz > end)
			end = segment[i].p_vaddr + segment[i].p_memsz;
	return end;
}

static void tell_path(struct probe_thread *t, uint32_t text, const char *path, size_t path_bytes)
{
	const char *cwd;
	size_t bytes;

	if (path[0] == '/' || !path_bytes) {
		record_text(t, text, TEXT_MODULE, path, path_bytes, "", NULL, 0);
		return;
	}
	cwd = process_cwd(&bytes);
	record_text(t, text, TEXT_MODULE, cwd, bytes, "/", path, path_bytes);
}

static void tell(struct probe_thread *t, uintptr_t base, const ElfW(Phdr) * segment, unsigned count,
		 const char *path, size_t path_bytes)
{
	uintptr_t end = end_of(segment, count);
	unsigned id_bytes = 0;
	uint64_t v[7] = { 0 };
	uint8_t id[24] = { 0 };
	uint32_t text;

	if (known_count == KNOWN_MAX || find_known(base, end))
		return;
	known[known_count++] = (struct known){ base, end, true };
	for (unsigned i = 0; segment && i < count && !id_bytes; i++)
		if (segment[i].p_type == PT_NOTE)
			id_bytes = build_id(base, &segment[i], id);
	text = atomic_fetch_add(&probe_header()->next_text, 1);
	tell_path(t, text, path, path_bytes);
	v[0] = text | (uint64_t)id_bytes << 32;
	v[1] = base;
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
		unsigned count = 0;
		const ElfW(Phdr) *segment = program_headers(map, &count);

		if (map->l_prev) {
			if (strchr(map->l_name, '/')) /* the vdso has no file */
				tell(t, map->l_addr, segment, count, map->l_name,
				     strlen(map->l_name));
			continue;
		}
		got = sys3(SYS_readlink, "/proc/self/exe", exe, sizeof(exe));
		tell(t, map->l_addr, segment, count, exe, got > 0 ? (size_t)got : 0);
	}
}

struct walk {
	struct probe_thread *thread;
	unsigned long long adds, subs;
	bool same; /* nothing has changed */
};

/* False: the walk may end. */
static bool walk_goes_on(struct walk *w, const struct dl_phdr_info *info, bool same)
{
	w->adds = info->dlpi_adds;
	w->subs = info->dlpi_subs;
	w->same = same;
	return !same;
}

static int tell_one(struct dl_phdr_info *info, size_t size, void *data)
{
	struct walk *w = data;

	(void)size;
	if (!walk_goes_on(w, info, info->dlpi_adds == known_adds))
		return 1;
	if (strchr(info->dlpi_name, '/'))
		tell(w->thread, info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum, info->dlpi_name,
		     strlen(info->dlpi_name));
	return 0;
}

void module_tell_new(struct probe_thread *t)
{
	struct walk w = { .thread = t };

	if (atomic_flag_test_and_set(&walking))
		return;
	dl_iterate_phdr(tell_one, &w);
	known_adds = w.adds;
	atomic_flag_clear(&walking);
}

static int see_one(struct dl_phdr_info *info, size_t size, void *data)
{
	struct known *it;

	(void)size;
	if (!walk_goes_on(data, info, info->dlpi_subs == known_subs))
		return 1;
	it = find_known(info->dlpi_addr, end_of(info->dlpi_phdr, info->dlpi_phnum));
	if (it)
		it->seen = true;
	return 0;
}

void module_tell_gone(struct probe_thread *t)
{
	struct walk w = { .thread = t };
	unsigned left = 0;

	if (atomic_flag_test_and_set(&walking))
		return;
	for (unsigned i = 0; i < known_count; i++)
		known[i].seen = false;
	dl_iterate_phdr(see_one, &w);
	if (w.same)
		left = known_count;
	known_subs = w.subs;
	for (unsigned i = 0; !w.same && i < known_count; i++) {
		if (known[i].seen)
			known[left++] = known[i];
		else
			record_1(t, EVENT_MODULE_GONE, known[i].base, probe_now());
	}
	known_count = left;
	atomic_flag_clear(&walking);
}

void module_forked(void)
{
	atomic_flag_clear(&walking);
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
