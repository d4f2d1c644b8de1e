/* SPDX-License-Identifier: MIT */
/*
 * Objects whose functions were to be made tasks.
 */
#include "patches.h"

#include <stdlib.h>
#include <string.h>

#include "../grow.h"
#include "profile.h"

void patches_on_event(struct patches *patches, const struct record *r)
{
	uint32_t text = (uint32_t)event_PATCHED_text(r->v), why = (uint32_t)event_PATCHED_why(r->v);
	struct patch_row *row = patches->rows, *more;

	for (uint32_t i = 0; i < patches->count; i++, row++)
		if (row->text == text && row->why == why)
			goto found;
	if (patches->count == PATCH_ROWS_MAX)
		return;
	more = array_grown(patches->rows, patches->count, &patches->room, sizeof(*more));
	if (!more)
		return;
	patches->rows = more;
	row = &more[patches->count++];
	*row = (struct patch_row){ .text = text, .why = why };
found:
	row->processes++;
	row->done += event_PATCHED_done(r->v);
	row->left += event_PATCHED_left(r->v);
}

bool patches_want_events(const struct profile *p)
{
	const json_t *spec;
	size_t i;

	json_array_foreach(json_object_get(p->manifest.root, "tasks"), i, spec)
	{
		const char *kind = json_string_value(json_object_get(spec, "kind"));

		if (kind && !strcmp(kind, "event") &&
		    manifest_value(json_object_get(spec, "patched"), 0))
			return true;
	}
	return false;
}

void patches_fini(struct patches *patches)
{
	free(patches->rows);
}
