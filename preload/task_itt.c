/* SPDX-License-Identifier: MIT */
/*
 * Intel ITT: programs that mark their tasks for VTune look for a collector by the
 * environment variable INTEL_LIBITTNOTIFY64 (hook_getenv.c), load it, and hand it the
 * pointers that they call through. itt.def says what we make of the calls.
 *
 * Names are the program's own, without the domain. An id that the program gives a task is
 * found again as a parent, at its end and by metadata; ids are not told apart by domain.
 */
#include <dlfcn.h>
#include <string.h>

#include "hook_name.h"
#include "task_itt.h"
#include "task_itt_ids.h"
#include "task_name.h"

enum id_kind { ID_task = 1, ID_frame, ID_event };

static uint64_t key_of(enum id_kind kind, const struct itt_id *id)
{
	return itt_key(kind, itt_key(kind, id->d[0], id->d[1]), id->d[2]);
}

static bool is_null(const struct itt_id *id)
{
	return !(id->d[0] | id->d[1] | id->d[2]);
}

uint64_t itt_task_of(struct probe_thread *t, const struct itt_id *id)
{
	return is_null(id) ? 0 : itt_ids_get(t, key_of(ID_task, id));
}

uint32_t itt_name_of(struct probe_thread *t, enum text_kind kind, const struct itt_string *name,
		     const struct itt_domain *domain)
{
	return task_name(t, kind, name && name->text ? name->text : domain ? domain->name : NULL);
}

static void itt_task_begin(const struct itt_domain *domain, struct itt_id id, struct itt_id parent,
			   struct itt_string *name)
{
	struct probe_thread *t = probe_enter();
	uint64_t mark;

	if (!t)
		return;
	mark = mark_begin(t, itt_name_of(t, TEXT_TASK, name, domain), SOURCE_itt, 0,
			  itt_task_of(t, &parent));
	if (mark && !is_null(&id))
		itt_ids_put(t, key_of(ID_task, &id), mark);
}

static char *put_hex(char *at, uintptr_t number)
{
	unsigned digits = 1;

	for (uintptr_t left = number; left >= 16; left /= 16)
		digits++;
	for (unsigned i = digits; i-- > 0; number /= 16)
		at[i] = "0123456789abcdef"[number % 16];
	return at + digits;
}

/* "function", or "libname.so+0x12ab" where the library does not say its name. */
static const char *function_name(void *function, char room[TASK_NAME_MAX])
{
	Dl_info info = { 0 };
	const char *base;
	size_t bytes;

	if (!dladdr(function, &info) || !info.dli_fname)
		return NULL;
	if (info.dli_sname && info.dli_saddr == function)
		return info.dli_sname;
	base = strrchr(info.dli_fname, '/');
	base = base ? base + 1 : info.dli_fname;
	bytes = strnlen(base, TASK_NAME_MAX - 32);
	memcpy(room, base, bytes);
	memcpy(room + bytes, "+0x", 3);
	*put_hex(room + bytes + 3, (uintptr_t)function - (uintptr_t)info.dli_fbase) = '\0';
	return room;
}

static void itt_task_begin_fn(const struct itt_domain *domain, struct itt_id id,
			      struct itt_id parent, void *function)
{
	char room[TASK_NAME_MAX];
	struct itt_string name = { 0 };

	name.text = function_name(function, room);
	itt_task_begin(domain, id, parent, &name);
}

static void itt_task_end(const struct itt_domain *domain)
{
	struct probe_thread *t = probe_enter();

	(void)domain;
	if (t)
		mark_end(t, mark_innermost(t, SOURCE_itt), TASK_END_return);
}

/* A task that is found by its key only: without room for that it does not begin. */
static void begin_by_key(struct probe_thread *t, uint64_t key, uint32_t name, uint64_t parent)
{
	uint64_t mark = mark_begin(t, name, SOURCE_itt, TASK_FLAG_async, parent);

	if (mark && !itt_ids_put(t, key, mark))
		mark_end(t, mark, TASK_END_return);
}

static void itt_task_begin_overlapped(const struct itt_domain *domain, struct itt_id id,
				      struct itt_id parent, struct itt_string *name)
{
	struct probe_thread *t = probe_enter();

	if (t && !is_null(&id))
		begin_by_key(t, key_of(ID_task, &id), itt_name_of(t, TEXT_TASK, name, domain),
			     itt_task_of(t, &parent));
}

static void itt_task_end_overlapped(const struct itt_domain *domain, struct itt_id id)
{
	struct probe_thread *t = probe_enter();

	(void)domain;
	if (t)
		mark_end(t, itt_task_of(t, &id), TASK_END_return);
}

static void itt_region_begin(const struct itt_domain *domain, struct itt_id id,
			     struct itt_id parent, struct itt_string *name)
{
	itt_task_begin_overlapped(domain, id, parent, name);
}

static void itt_region_end(const struct itt_domain *domain, struct itt_id id)
{
	itt_task_end_overlapped(domain, id);
}

/* Frames of a domain need no id. */
static uint64_t frame_key(const struct itt_domain *domain, const struct itt_id *id)
{
	return itt_key(ID_frame, (uintptr_t)domain, id ? key_of(ID_frame, id) : 0);
}

static void itt_frame_begin_v3(const struct itt_domain *domain, struct itt_id *id)
{
	struct probe_thread *t = probe_enter();

	if (t && domain)
		begin_by_key(t, frame_key(domain, id), itt_name_of(t, TEXT_TASK, NULL, domain), 0);
}

static void itt_frame_end_v3(const struct itt_domain *domain, struct itt_id *id)
{
	struct probe_thread *t = probe_enter();

	if (t && domain)
		mark_end(t, itt_ids_get(t, frame_key(domain, id)), TASK_END_return);
}

/* An event's number is the id of its name, which is told before there is any. */
static int itt_event_create(const char *name, int bytes)
{
	struct probe_thread *t = probe_enter();

	(void)bytes; /* the name is closed by NUL all the same */
	return t ? (int)task_name(t, TEXT_TASK, name) : 0;
}

static int itt_event_end(int event)
{
	struct probe_thread *t = probe_enter();

	if (t)
		mark_end(t, itt_ids_get(t, itt_key(ID_event, (unsigned)event, t->thread)),
			 TASK_END_return);
	return 0;
}

static int itt_event_start(int event)
{
	struct probe_thread *t = probe_enter();

	if (t && event > 0) {
		itt_event_end(event);
		begin_by_key(t, itt_key(ID_event, (unsigned)event, t->thread), (unsigned)event, 0);
	}
	return 0;
}

static void itt_marker(const struct itt_domain *domain, struct itt_id id, struct itt_string *name,
		       int scope)
{
	struct probe_thread *t = probe_enter();

	(void)domain, (void)id, (void)name, (void)scope;
	if (t)
		task_count_events(t, 1);
}

static void itt_thread_set_name(const char *name)
{
	struct probe_thread *t = probe_enter();

	if (t && name)
		name_tell_own(t, name);
}

enum way { WAY_always, WAY_lacking };

static void *function_for(const struct itt_function *row)
{
	static const struct {
		const char *name;
		void *function;
		enum way way;
	} ours[] = {
#define ITT(name, way, meaning) { "__itt_" #name, (void *)itt_##name, WAY_##way },
#include "itt.def"
#undef ITT
	};

	for (unsigned i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(ours[i].name, row->name) == 0)
			return ours[i].way == WAY_lacking && row->null_function ? NULL
										: ours[i].function;
	return NULL;
}

/* Called by the program's static part, which holds its own lock. */
__attribute__((visibility("default"))) void __itt_api_init(struct itt_global *global, int groups);

void __itt_api_init(struct itt_global *global, int groups)
{
	static const unsigned char magic[] = ITT_MAGIC;

	if (!global || memcmp(global->magic, magic, sizeof(magic)) != 0 ||
	    global->version_build <= ITT_BUILD_OF_OLD_LIST)
		return;
	for (struct itt_function *row = global->functions; row && row->name; row++) {
		void *function = row->group & groups ? function_for(row) : NULL;

		*row->pointer = function ? function : row->null_function;
	}
}
