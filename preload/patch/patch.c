/* SPDX-License-Identifier: MIT */
/*
 * When functions are patched: all objects that are there, in the constructor, where
 * no other thread runs; objects that come later, before their constructors run.
 */
#include "patch.h"

#include <cpuid.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../module.h"
#include "../process.h"
#include "../record.h"
#include "../sys.h"

#define VECTOR_STATES 0xe7 /* x87, SSE, AVX, AVX-512; not what no function is given arguments in */

uint64_t patch_vector_mask, patch_vector_bytes = 512 + 64;

/* Objects that were looked at; the loader holds its lock while the list changes. */
static struct object {
	const struct link_map *map; /* NULL: gone, its data waits for the next of its key */
	uint64_t key;
	uintptr_t base;
	const void *dynamic;
	struct patched patched;
	bool seen;
} * objects;
static size_t object_count, object_room;
static uint32_t wait_left_ms = PLAN_WAIT_MS;
static bool told_once; /* that plans cannot be had */

/* In the standard layout; 64 more, since the area is aligned to that. */
static void measure_vectors(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	patch_vector_mask = low & VECTOR_STATES;
	patch_vector_bytes = 512 + 64 + 64;
	for (unsigned part = 2; part < 8; part++) {
		if (!(patch_vector_mask >> part & 1))
			continue;
		__cpuid_count(0xd, part, a, b, c, d);
		if (b + a + 64 > patch_vector_bytes) /* its place and its size */
			patch_vector_bytes = b + a + 64;
	}
}

static bool runs_alone(void)
{
	char entries[1024];
	int fd = sys_open("/proc/self/task", O_RDONLY | O_DIRECTORY, 0);
	long got, seen = 0;

	if (fd < 0)
		return true; /* no /proc: a program that starts has one thread */
	while ((got = sys3(SYS_getdents64, fd, entries, sizeof(entries))) > 0)
		for (long at = 0; at < got; seen++)
			at += *(unsigned short *)(entries + at + 16);
	sys_close(fd);
	return seen <= 3; /* . and .. */
}

static bool make_room(void)
{
	if (object_count == object_room) {
		size_t room = object_room ? object_room * 2 : 64;
		long at = sys6(SYS_mmap, 0, (long)(room * sizeof(*objects)), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at < 0 && at > -4096)
			return false;
		if (objects) {
			memcpy((void *)at, objects, object_count * sizeof(*objects));
			sys2(SYS_munmap, objects, object_room * sizeof(*objects));
		}
		objects = (struct object *)at;
		object_room = room;
	}
	return true;
}

/* key 0: nothing will ever be done with it. */
static struct object *new_object(const struct link_map *map, uint64_t key)
{
	struct patched patched = { 0 };
	size_t i = 0;

	while (i < object_count && (objects[i].map || !key || objects[i].key != key))
		i++;
	if (i < object_count)
		patched.data = objects[i].patched.data,
		patched.data_bytes = objects[i].patched.data_bytes;
	else if (!make_room())
		return NULL;
	else
		object_count++;
	objects[i] = (struct object){ .map = map,
				      .key = key,
				      .base = map->l_addr,
				      .dynamic = map->l_ld,
				      .patched = patched,
				      .seen = true };
	return &objects[i];
}

static struct object *find_object(const struct link_map *map)
{
	for (size_t i = 0; i < object_count; i++)
		if (objects[i].map == map && objects[i].base == map->l_addr &&
		    objects[i].dynamic == map->l_ld)
			return &objects[i];
	return NULL;
}

/* The loader, the vdso and ourselves are never anybody's tasks. */
static bool is_out_of_question(const struct link_map *map)
{
	uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);

	return map->l_ld == _DYNAMIC || map->l_addr == _r_debug.r_ldbase ||
	       (vdso && map->l_addr == vdso);
}

/* Absolute, as far as it can be known. False: too long. */
static bool path_of(const struct link_map *map, bool is_main, char *into)
{
	const char *cwd;
	size_t n = 0, bytes = strlen(map->l_name);
	long got;

	if (is_main) {
		got = sys3(SYS_readlink, "/proc/self/exe", into, PLAN_PATH_SIZE - 1);
		into[got > 0 ? got : 0] = '\0';
		return got > 0;
	}
	if (map->l_name[0] != '/') {
		cwd = process_cwd(&n);
		if (n + 1 >= PLAN_PATH_SIZE)
			return false;
		memcpy(into, cwd, n);
		into[n++] = '/';
	}
	if (n + bytes >= PLAN_PATH_SIZE)
		return false;
	memcpy(into + n, map->l_name, bytes + 1);
	return bytes > 0;
}

static bool fill_request(const struct link_map *map, struct plan_request *r)
{
	struct stat st;

	memset(r, 0, sizeof(*r));
	r->is_main = map == _r_debug.r_map;
	r->pid = probe.pid;
	r->base = map->l_addr;
	if (!path_of(map, r->is_main, r->path))
		return false;
	r->build_id_bytes = (uint8_t)module_build_id(map, r->build_id);
	if (!r->build_id_bytes && sys4(SYS_newfstatat, AT_FDCWD, r->path, &st, 0) == 0) {
		r->device = st.st_dev;
		r->inode = st.st_ino;
		r->size = (uint64_t)st.st_size;
		r->mtime_ns =
			(uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec;
	}
	r->key = plan_key(r);
	return true;
}

static void tell(struct probe_thread *t, uint32_t text, enum patch_why why, uintptr_t base,
		 const struct patched *p)
{
	bool of_no_object = why == PATCH_late || why == PATCH_no_plan;

	if (of_no_object && told_once)
		return;
	told_once |= of_no_object;
	record_3(t, EVENT_PATCHED, text | (uint64_t)why << 32, p->done | (uint64_t)p->left << 32,
		 base, probe_now());
}

static void patch_object(struct probe_thread *t, const struct link_map *map)
{
	struct plan_request request;
	struct object *object;
	struct plan plan = { 0 };
	enum patch_why why;
	uint32_t text = 0;
	bool asks = !is_out_of_question(map) && fill_request(map, &request);

	object = new_object(map, asks ? request.key : 0);
	if (!object || !asks)
		return;
	why = plan_get(&request, &plan, &wait_left_ms);
	if (!why && !plan.header)
		return;
	if (!why) {
		text = plan.header->text;
		why = patch_apply(map->l_addr, &plan, &object->patched);
	}
	plan_put(&plan);
	tell(t, text, why, map->l_addr, &object->patched);
}

/* Lists of the other namespaces (dlmopen) hang on the first, from version 2 on. */
static const struct r_debug *next_namespace(const struct r_debug *r)
{
	return r->r_version >= 2 ? &((const struct r_debug_extended *)r)->r_next->base : NULL;
}

static void look_at_all(struct probe_thread *t)
{
	for (const struct r_debug *r = &_r_debug; r; r = next_namespace(r)) {
		if (r->r_state != RT_CONSISTENT)
			continue;
		for (const struct link_map *map = r->r_map; map; map = map->l_next) {
			struct object *object = find_object(map);

			if (object)
				object->seen = true;
			else
				patch_object(t, map);
		}
	}
}

static bool all_are_consistent(void)
{
	for (const struct r_debug *r = &_r_debug; r; r = next_namespace(r))
		if (r->r_state != RT_CONSISTENT)
			return false;
	return true;
}

void patch_new_objects(struct probe_thread *t)
{
	bool whole = all_are_consistent();
	int saved = errno;
	size_t left = 0;

	for (size_t i = 0; i < object_count; i++)
		objects[i].seen = false;
	look_at_all(t);
	for (size_t i = 0; whole && i < object_count; i++) {
		if (!objects[i].seen) {
			patch_forget(&objects[i].patched);
			objects[i].map = NULL;
		}
		if (objects[i].map || objects[i].patched.data)
			objects[left++] = objects[i];
	}
	if (whole)
		object_count = left;
	errno = saved;
}

void patch_start(struct probe_thread *t)
{
	const struct patched nothing = { 0 };

	if (!probe_header()->wants_plans)
		return;
	if (!runs_alone()) {
		tell(t, 0, PATCH_threads, 0, &nothing);
		return;
	}
	measure_vectors();
	probe.tasks = 1;
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		patch_object(t, map);
	rdebug_hook();
}
