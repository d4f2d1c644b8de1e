/* SPDX-License-Identifier: MIT */
#include "plan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FUNCTIONS_MAX (UINT32_C(1) << 20)
#define TEMPORARY_NAMES 16 /* tried before giving up */

/* A growing array of one kind of row. */
struct rows {
	void *at;
	uint32_t n, room;
	size_t bytes; /* of a row */
};

struct plan_file {
	struct rows functions, fixups, metrics, code;
	uint64_t *entries; /* hash table of what is there; 0 is free */
	uint32_t entries_room;
	uint64_t low, high;
};

static void *grow(struct rows *r, uint32_t n)
{
	if (!r->room || n > r->room - r->n) {
		uint32_t room = r->room ? r->room : 64;
		void *more;

		while (room - r->n < n)
			room *= 2;
		more = realloc(r->at, room * r->bytes);
		if (!more)
			return NULL;
		r->at = more;
		r->room = room;
	}
	return (char *)r->at + r->n * r->bytes;
}

struct plan_file *plan_file_new(void)
{
	struct plan_file *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->functions.bytes = sizeof(struct plan_function);
	p->fixups.bytes = sizeof(struct plan_fixup);
	p->metrics.bytes = sizeof(struct plan_metric);
	p->code.bytes = 1;
	p->low = UINT64_MAX;
	return p;
}

void plan_file_free(struct plan_file *p)
{
	if (!p)
		return;
	free(p->functions.at);
	free(p->fixups.at);
	free(p->metrics.at);
	free(p->code.at);
	free(p->entries);
	free(p);
}

uint32_t plan_file_functions(const struct plan_file *p)
{
	return p->functions.n;
}

/* The slot of an entry: its own or a free one. Keys are entry + 1, so that none is 0. */
static uint64_t *slot_of(uint64_t *table, uint32_t room, uint64_t key)
{
	uint32_t at = (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (room - 1);

	while (table[at] && table[at] != key)
		at = (at + 1) & (room - 1);
	return &table[at];
}

static int grow_entries(struct plan_file *p)
{
	uint32_t room = p->entries_room ? p->entries_room * 2 : 256;
	uint64_t *table;

	if (p->functions.n * 2 < p->entries_room)
		return 0;
	table = calloc(room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->entries_room; i++)
		if (p->entries[i])
			*slot_of(table, room, p->entries[i]) = p->entries[i];
	free(p->entries);
	p->entries = table;
	p->entries_room = room;
	return 0;
}

static void reach(struct plan_file *p, uint64_t low, uint64_t high)
{
	if (low < p->low)
		p->low = low;
	if (high > p->high)
		p->high = high;
}

static bool is_valid(const struct function_code *code, const struct plan_purpose *purpose)
{
	return code->code_bytes && code->entry < UINT64_MAX - PLAN_ORIGINAL_MAX &&
	       purpose->function && purpose->function < 1u << 24 && purpose->fail <= PLAN_ne &&
	       purpose->fail_type <= PLAN_u64 && purpose->stack_words <= PLAN_STACK_WORDS_MAX &&
	       (purpose->metrics || !purpose->metrics_n);
}

int plan_file_add(struct plan_file *p, const struct function_code *code,
		  const struct plan_purpose *purpose)
{
	struct plan_function *function;
	uint64_t *slot;
	int err;

	if (!is_valid(code, purpose))
		return -EINVAL;
	if (p->functions.n == FUNCTIONS_MAX)
		return -E2BIG;
	err = grow_entries(p);
	if (err)
		return err;
	slot = slot_of(p->entries, p->entries_room, code->entry + 1);
	if (*slot)
		return -EEXIST;
	function = grow(&p->functions, 1);
	if (!function || !grow(&p->fixups, code->fixups) ||
	    !grow(&p->metrics, purpose->metrics_n) || !grow(&p->code, code->code_bytes))
		return -ENOMEM;
	*function = (struct plan_function){
		.entry = code->entry,
		.function = purpose->function,
		.code = p->code.n,
		.first_fixup = p->fixups.n,
		.first_metric = p->metrics.n,
		.code_bytes = code->code_bytes,
		.fixups = code->fixups,
		.metrics = purpose->metrics_n,
		.flags = purpose->flags,
		.original_bytes = code->original_bytes,
		.stack_words = purpose->stack_words < 0 ? code->stack_words
							: (uint8_t)purpose->stack_words,
		.fail = purpose->fail,
		.fail_type = purpose->fail_type,
		.fail_value = purpose->fail_value,
	};
	memcpy(function->original, code->original, sizeof(function->original));
	memcpy(grow(&p->fixups, code->fixups), code->fixup,
	       code->fixups * sizeof(struct plan_fixup));
	if (purpose->metrics_n)
		memcpy(grow(&p->metrics, purpose->metrics_n), purpose->metrics,
		       purpose->metrics_n * sizeof(struct plan_metric));
	memcpy(grow(&p->code, code->code_bytes), code->code, code->code_bytes);
	p->functions.n++;
	p->fixups.n += code->fixups;
	p->metrics.n += purpose->metrics_n;
	p->code.n += code->code_bytes;
	*slot = code->entry + 1;
	reach(p, code->entry, code->entry + PLAN_ORIGINAL_MAX);
	for (unsigned i = 0; i < code->fixups; i++)
		reach(p, code->fixup[i].target, code->fixup[i].target);
	return 0;
}

static int by_entry(const void *a, const void *b)
{
	const struct plan_function *x = a, *y = b;

	return (x->entry > y->entry) - (x->entry < y->entry);
}

static int write_all(int fd, struct iovec *parts, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		while (parts[i].iov_len) {
			ssize_t put = write(fd, parts[i].iov_base, parts[i].iov_len);

			if (put < 0 && errno == EINTR)
				continue;
			if (put < 0)
				return -errno;
			parts[i].iov_base = (char *)parts[i].iov_base + put;
			parts[i].iov_len -= (size_t)put;
		}
	return 0;
}

/* A file of a name that nobody waits for. */
static int open_temporary(int dir, const char *name, char *temporary, size_t bytes)
{
	static _Atomic unsigned number;

	for (unsigned i = 0; i < TEMPORARY_NAMES; i++) {
		int fd;

		snprintf(temporary, bytes, ".%s.%d.%u", name, (int)getpid(), number++);
		fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			    0600);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -EEXIST;
}

int plan_file_write(struct plan_file *p, int dir, uint64_t key, uint32_t text)
{
	struct plan_header header = {
		.magic = PLAN_MAGIC,
		.header_bytes = sizeof(struct plan_header),
		.function_bytes = sizeof(struct plan_function),
		.fixup_bytes = sizeof(struct plan_fixup),
		.metric_bytes = sizeof(struct plan_metric),
		.functions = p->functions.n,
		.fixups = p->fixups.n,
		.metrics = p->metrics.n,
		.code_bytes = p->code.n,
		.text = text,
		.key = key,
		.reach_low = p->functions.n ? p->low : 0,
		.reach_high = p->high,
	};
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ p->functions.at, p->functions.n * p->functions.bytes },
		{ p->fixups.at, p->fixups.n * p->fixups.bytes },
		{ p->metrics.at, p->metrics.n * p->metrics.bytes },
		{ p->code.at, p->code.n },
	};
	char name[sizeof(PLAN_FILE_PREFIX) + 16], temporary[64];
	int fd, err;

	if (p->functions.n)
		qsort(p->functions.at, p->functions.n, p->functions.bytes, by_entry);
	snprintf(name, sizeof(name), PLAN_FILE_PREFIX "%016" PRIx64, key);
	fd = open_temporary(dir, name, temporary, sizeof(temporary));
	if (fd < 0)
		return fd;
	err = write_all(fd, parts, sizeof(parts) / sizeof(parts[0]));
	if (close(fd) && !err)
		err = -errno;
	if (!err && renameat(dir, temporary, dir, name))
		err = -errno;
	if (err)
		unlinkat(dir, temporary, 0);
	return err;
}
