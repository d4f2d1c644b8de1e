/* SPDX-License-Identifier: MIT */
/* Symbol tables to one sorted list of functions. */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug_file.h"
#include "demangle.h"

#define SYMBOLS_MAX (8u << 20) /* of one object; more are left out */

/* A list in the making. Names lie in a growing text, by offset, until it is whole. */
struct reading {
	struct object *object; /* whose code the addresses must be in */
	struct symbol *all;
	uint32_t count, room;
	char *names;
	size_t names_used, names_room;
};

static int add_name(struct reading *r, const char *name, size_t length, size_t *at)
{
	if (r->names_room - r->names_used <= length) {
		size_t room = (r->names_room + length + 1) * 2;
		char *more = realloc(r->names, room);

		if (!more)
			return -ENOMEM;
		r->names = more;
		r->names_room = room;
	}
	*at = r->names_used;
	memcpy(r->names + *at, name, length);
	r->names[*at + length] = '\0';
	r->names_used += length + 1;
	return 0;
}

static int add(struct reading *r, const Elf64_Sym *symbol, const char *name, size_t length)
{
	size_t at;
	int err;

	if (r->count == r->room) {
		uint32_t room = r->room ? r->room * 2 : 1024;
		struct symbol *more = realloc(r->all, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		r->all = more;
		r->room = room;
	}
	err = add_name(r, name, length, &at);
	if (err)
		return err;
	r->all[r->count++] = (struct symbol){
		.address = symbol->st_value,
		.size = symbol->st_size,
		.name = (const char *)at,
		.binding = ELF64_ST_BIND(symbol->st_info),
		.is_ifunc = ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC,
	};
	return 0;
}

static bool is_function(const Elf64_Sym *symbol)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_value;
}

/* The functions of one table. A version behind the name (`f@@V1`) is cut off. */
static int read_table(struct reading *r, struct object *from, const struct object_section *table)
{
	const struct object_section *names = object_section(from, table->link);
	struct object_bytes symbols, strings;

	if (!names || table->entry_bytes != sizeof(Elf64_Sym) || table->flags & SHF_COMPRESSED ||
	    names->flags & SHF_COMPRESSED)
		return 0;
	symbols = object_section_bytes(from, table);
	strings = object_section_bytes(from, names);
	if (!symbols.at || !strings.at)
		return 0;
	for (uint64_t at = 0; symbols.bytes - at >= sizeof(Elf64_Sym) && r->count < SYMBOLS_MAX;
	     at += sizeof(Elf64_Sym)) {
		const char *name;
		size_t length;
		Elf64_Sym symbol;
		int err;

		memcpy(&symbol, symbols.at + at, sizeof(symbol));
		if (!is_function(&symbol) || symbol.st_name >= strings.bytes)
			continue;
		name = (const char *)strings.at + symbol.st_name;
		length = strnlen(name, strings.bytes - symbol.st_name);
		if (symbol.st_name + length == strings.bytes || !length || *name == '@')
			continue;
		length = (size_t)(strchrnul(name, '@') - name);
		if (!object_code(r->object, symbol.st_value).at)
			continue;
		err = add(r, &symbol, name, length);
		if (err)
			return err;
	}
	return 0;
}

static int read_tables(struct reading *r, struct object *from, uint32_t type)
{
	int err = 0;

	for (unsigned i = 0; !err && i < object_sections(from); i++)
		if (object_section(from, i)->type == type)
			err = read_table(r, from, object_section(from, i));
	return err;
}

static unsigned rank(const struct symbol *s)
{
	unsigned rank = s->binding == STB_LOCAL ? 2 : s->binding == STB_WEAK;

	return rank * 4 + (s->name[0] == '_' && s->name[1] != 'Z' && s->name[1] != 'R');
}

/* By address; then what programs call it by: global, without underscore, short. */
static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	size_t n, m;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	n = strlen(x->name);
	m = strlen(y->name);
	return n != m ? (n < m ? -1 : 1) : strcmp(x->name, y->name);
}

/* Names get their places, cold parts and what is there twice go. */
static void settle(struct reading *r)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < r->count; i++) {
		r->all[i].name = r->names + (size_t)r->all[i].name;
		if (!demangle_is_cold_part(r->all[i].name))
			r->all[kept++] = r->all[i];
	}
	r->count = kept;
	if (!kept)
		return;
	qsort(r->all, r->count, sizeof(*r->all), compare);
	kept = 1;
	for (uint32_t i = 1; i < r->count; i++)
		if (r->all[i].address != r->all[kept - 1].address ||
		    strcmp(r->all[i].name, r->all[kept - 1].name))
			r->all[kept++] = r->all[i];
	r->count = kept;
}

/* There is no table, or none with functions. */
static int read_debug(struct reading *r, const char *path, int root_fd, struct symbols *out)
{
	int err;

	out->debug_fd = debug_file_find(r->object, path, root_fd, &out->debug);
	if (out->debug_fd >= 0) {
		out->source = SYMBOLS_debug_file;
		err = read_tables(r, out->debug, SHT_SYMTAB);
		if (err || r->count)
			return err;
	} else if (!debug_data_open(r->object, &out->debug)) {
		out->source = SYMBOLS_debug_data;
		err = read_tables(r, out->debug, SHT_SYMTAB);
		if (err)
			return err;
		if (r->count)
			return read_tables(r, r->object, SHT_DYNSYM);
	}
	out->source = SYMBOLS_dynsym;
	return read_tables(r, r->object, SHT_DYNSYM);
}

int symbols_open(struct object *o, const char *path, int root_fd, struct symbols *out)
{
	struct reading r = { .object = o };
	int err;

	*out = (struct symbols){ .debug_fd = -1, .source = SYMBOLS_symtab };
	err = read_tables(&r, o, SHT_SYMTAB);
	if (!err && !r.count)
		err = read_debug(&r, path, root_fd, out);
	if (!err) {
		settle(&r);
		if (!r.count)
			out->source = SYMBOLS_none;
		out->all = r.all;
		out->count = r.count;
		out->names = r.names;
		return 0;
	}
	free(r.all);
	free(r.names);
	symbols_close(out);
	return err;
}

const char *symbols_source_name(enum symbols_source source)
{
	static const char *const names[] = {
		[SYMBOLS_none] = "as it is stripped",
		[SYMBOLS_symtab] = "from its symbol table",
		[SYMBOLS_debug_file] = "from its debug file",
		[SYMBOLS_debug_data] = "from its .gnu_debugdata",
		[SYMBOLS_dynsym] = "those that it exports, as it is stripped",
	};

	return names[source];
}

void symbols_close(struct symbols *s)
{
	object_close(s->debug);
	if (s->debug_fd >= 0)
		close(s->debug_fd);
	free(s->all);
	free(s->names);
	*s = (struct symbols){ .debug_fd = -1 };
}
