/* SPDX-License-Identifier: MIT */
/*
 * Units are found by their ranges, which need no .debug_aranges (clang writes none); the
 * functions of one unit are listed when one of them is asked for. How much is looked at
 * is bounded: a damaged file may have no end.
 */
#include "debug_info.h"

#include <dwarf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "debug_file.h"

#define UNITS_MAX (1u << 20)
#define RANGES_MAX (4u << 20)
#define VISITS_MAX (16u << 20) /* entries looked at, in all */
#define DEPTH_MAX 12	       /* of namespaces and classes in each other */

struct place { /* of a unit's code, or of a function's entry */
	uint64_t begin, end;
	Dwarf_Off at;
};

struct places {
	struct place *all;
	uint32_t count, room;
};

struct debug_info {
	int fd;
	Elf *elf;
	Dwarf *dwarf;
	bool has_units;
	struct places units;
	struct places functions; /* of this unit: */
	Dwarf_Off unit;
	uint32_t visits;
};

static int add(struct places *p, struct place place)
{
	if (p->count == p->room) {
		uint32_t room = p->room ? p->room * 2 : 256;
		struct place *more = realloc(p->all, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		p->all = more;
		p->room = room;
	}
	p->all[p->count++] = place;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->begin > y->begin) - (x->begin < y->begin);
}

static void sort(struct places *p)
{
	if (p->count)
		qsort(p->all, p->count, sizeof(*p->all), compare);
}

/* The last that begins at this address or before. */
static const struct place *before(const struct places *p, uint64_t address)
{
	uint32_t low = 0, high = p->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (p->all[middle].begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &p->all[low - 1] : NULL;
}

int debug_info_open(int fd, struct object *o, const char *path, int root_fd,
		    struct debug_info **out)
{
	struct debug_info *d = calloc(1, sizeof(*d));
	struct object *debug = NULL;
	int err = -EBADMSG;

	*out = NULL;
	if (!d)
		return -ENOMEM;
	if (object_section_named(o, ".debug_info"))
		d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	else
		d->fd = debug_file_find(o, path, root_fd, &debug);
	object_close(debug);
	if (d->fd < 0) {
		err = -ENOENT;
		goto fail;
	}
	elf_version(EV_CURRENT);
	d->elf = elf_begin(d->fd, ELF_C_READ, NULL);
	d->dwarf = d->elf ? dwarf_begin_elf(d->elf, DWARF_C_READ, NULL) : NULL;
	if (!d->dwarf)
		goto fail;
	*out = d;
	return 0;
fail:
	debug_info_close(d);
	return err;
}

void debug_info_close(struct debug_info *d)
{
	if (!d)
		return;
	if (d->dwarf)
		dwarf_end(d->dwarf);
	if (d->elf)
		elf_end(d->elf);
	if (d->fd >= 0)
		close(d->fd);
	free(d->units.all);
	free(d->functions.all);
	free(d);
}

static int add_ranges(struct places *p, Dwarf_Die *die, uint32_t most)
{
	Dwarf_Addr base, begin, end;
	ptrdiff_t next = 0;
	int err = 0;

	while (!err && p->count < most && (next = dwarf_ranges(die, next, &base, &begin, &end)) > 0)
		if (begin < end)
			err = add(p, (struct place){ begin, end, dwarf_dieoffset(die) });
	return err;
}

static int read_units(struct debug_info *d)
{
	Dwarf_CU *unit = NULL, *next;
	Dwarf_Die die;
	uint8_t type;
	int err = 0;

	for (uint32_t i = 0; !err && i < UNITS_MAX; i++) {
		if (dwarf_get_units(d->dwarf, unit, &next, NULL, &type, &die, NULL))
			break;
		unit = next;
		if (type == DW_UT_compile)
			err = add_ranges(&d->units, &die, RANGES_MAX);
	}
	sort(&d->units);
	d->has_units = true;
	return err;
}

typedef int visitor(void *context, Dwarf_Die *function);

/* Subprograms below an entry, in namespaces and classes too. */
static int visit(struct debug_info *d, Dwarf_Die *parent, unsigned depth, visitor *each,
		 void *context)
{
	Dwarf_Die die;
	int err = 0;

	if (depth > DEPTH_MAX || dwarf_child(parent, &die))
		return 0;
	do {
		if (d->visits++ > VISITS_MAX)
			return 0;
		switch (dwarf_tag(&die)) {
		case DW_TAG_subprogram:
			err = each(context, &die);
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
		case DW_TAG_class_type:
		case DW_TAG_structure_type:
			if (dwarf_haschildren(&die))
				err = visit(d, &die, depth + 1, each, context);
			break;
		}
	} while (!err && !dwarf_siblingof(&die, &die));
	return err;
}

static int add_function(void *context, Dwarf_Die *function)
{
	struct places *functions = context;
	Dwarf_Addr begin;

	if (dwarf_entrypc(function, &begin))
		return 0; /* declared, or inlined everywhere */
	return add(functions, (struct place){ begin, begin + 1, dwarf_dieoffset(function) });
}

static int read_functions(struct debug_info *d, Dwarf_Off unit)
{
	Dwarf_Die die;
	int err;

	if (d->unit == unit && d->functions.count)
		return 0;
	d->functions.count = 0;
	d->unit = unit;
	if (!dwarf_offdie(d->dwarf, unit, &die))
		return -EBADMSG;
	err = visit(d, &die, 0, add_function, &d->functions);
	sort(&d->functions);
	return err;
}

bool debug_info_function(struct debug_info *d, uint64_t address, Dwarf_Die *out)
{
	const struct place *unit, *function;

	if (!d->has_units && read_units(d))
		return false;
	unit = before(&d->units, address);
	if (!unit || address >= unit->end || read_functions(d, unit->at))
		return false;
	function = before(&d->functions, address);
	return function && function->begin == address && dwarf_offdie(d->dwarf, function->at, out);
}

int debug_info_each(struct debug_info *d, visitor *each, void *context)
{
	Dwarf_CU *unit = NULL, *next;
	Dwarf_Die die;
	uint8_t type;
	int err = 0;

	for (uint32_t i = 0; !err && i < UNITS_MAX; i++) {
		if (dwarf_get_units(d->dwarf, unit, &next, NULL, &type, &die, NULL))
			break;
		unit = next;
		if (type == DW_UT_compile)
			err = visit(d, &die, 0, each, context);
	}
	return err;
}
