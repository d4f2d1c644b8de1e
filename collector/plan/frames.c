/* SPDX-License-Identifier: MIT */
/* Which ranges of code the unwind information describes. Running it: frame_walk.c. */
#include "frames.h"

#include <errno.h>
#include <stdlib.h>

#include "frame_cie.h"
#include "reader.h"

static int append(struct frames *f, const struct frame_entry *e)
{
	if (f->count == f->room) {
		uint32_t room = f->room ? f->room * 2 : 256;
		void *more = room > f->room ? realloc(f->entries, room * sizeof(*e)) : NULL;

		if (!more)
			return -ENOMEM;
		f->entries = more;
		f->room = room;
	}
	f->entries[f->count++] = *e;
	return 0;
}

/* One record: its body [r->at, r->end); false at the end of all. */
static bool next_record(struct reader *all, struct reader *body, bool *is_wide)
{
	uint64_t bytes = read_bytes(all, 4);

	*is_wide = bytes == 0xffffffff;
	if (*is_wide)
		bytes = read_bytes(all, 8);
	if (all->failed || !bytes || bytes > all->end - all->at)
		return false;
	*body = *all;
	body->end = all->at + bytes;
	all->at = body->end;
	return true;
}

int frames_add(struct frames *f, unsigned section, struct object_bytes bytes, uint64_t address)
{
	struct frame_section *s = &f->sections[section];
	struct reader all = reader_of(bytes, 0, bytes.bytes), body;
	struct frame_cie cie = { 0 };
	uint64_t cie_at = UINT64_MAX;
	bool is_wide, cie_is_good = false;
	int err = 0;

	*s = (struct frame_section){ bytes, address, section == 1 };
	while (!err && next_record(&all, &body, &is_wide)) {
		struct frame_entry e = { .section = (uint8_t)section };
		uint64_t id_at = body.at, id = read_bytes(&body, is_wide && s->is_debug ? 8 : 4);

		if (s->is_debug ? id == (is_wide ? UINT64_MAX : 0xffffffff) : !id)
			continue; /* a CIE: read when an FDE names it */
		e.cie = s->is_debug ? id : id_at - id;
		if (e.cie != cie_at) {
			cie_at = e.cie;
			cie_is_good = frame_cie_read(s, cie_at, &cie);
		}
		if (!cie_is_good || cie.is_signal)
			continue;
		e.begin = frame_pointer_read(s, &body, cie.encoding);
		e.end = e.begin + frame_pointer_read(s, &body, cie.encoding & 0x0f);
		if (cie.has_size)
			read_skip(&body, read_uleb(&body));
		e.program = body.at;
		e.program_end = body.end;
		if (!body.failed && e.begin < e.end)
			err = append(f, &e);
	}
	return err;
}

static int by_address(const void *a, const void *b)
{
	const struct frame_entry *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->program > y->program) - (x->program < y->program);
}

/* What both sections describe stays once. */
void frames_sort(struct frames *f)
{
	uint32_t kept = 0;

	if (f->count)
		qsort(f->entries, f->count, sizeof(*f->entries), by_address);
	for (uint32_t i = 0; i < f->count; i++)
		if (!kept || f->entries[i].begin >= f->entries[kept - 1].end)
			f->entries[kept++] = f->entries[i];
	f->count = kept;
}

int64_t frames_after(const struct frames *f, uint64_t address)
{
	uint32_t low = 0, high = f->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (f->entries[middle].begin < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->count ? (int64_t)low : -1;
}

int64_t frames_find(const struct frames *f, uint64_t address)
{
	int64_t after = frames_after(f, address);
	int64_t at = after < 0 ? (int64_t)f->count - 1 : after - 1;

	if (after >= 0 && f->entries[after].begin == address)
		at = after;
	return at >= 0 && address < f->entries[at].end ? at : -1;
}

void frames_fini(struct frames *f)
{
	free(f->entries);
	*f = (struct frames){ 0 };
}
