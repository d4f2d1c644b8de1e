/* SPDX-License-Identifier: MIT */
/*
 * How often a hooks program called each function, and what the calls moved:
 *
 *	CHECK(DID(unlink, path) == 0);               `unlink=1` in the ledger
 *	CHECK(MOVED(pread, fd, buf, 3, 0) == 3);     `pread=1`, `pread.bytes=3`
 *	tally_close();
 */
#ifndef HOOKS_TALLY_H
#define HOOKS_TALLY_H

#include <errno.h>
#include <string.h>

#include "ledger.h"

#define DID(name, ...) (tally_of(#name)->calls++, name(__VA_ARGS__))
#define MOVED(name, ...) tally_moved(#name, name(__VA_ARGS__))

static struct tally {
	const char *name;
	uint64_t calls, bytes;
	int moves;
} tallies[128];

static inline struct tally *tally_of(const char *name)
{
	struct tally *t = tallies;

	while (t->name && strcmp(t->name, name))
		t++;
	CHECK(t < tallies + sizeof(tallies) / sizeof(tallies[0]) - 1);
	t->name = name;
	return t;
}

static inline long tally_moved(const char *name, long got)
{
	struct tally *t = tally_of(name);
	int saved = errno;

	t->calls++;
	t->moves = 1;
	t->bytes += got > 0 ? (uint64_t)got : 0;
	errno = saved;
	return got;
}

static inline void tally_close(void)
{
	for (struct tally *t = tallies; t->name; t++) {
		char name[64];

		ledger_add(t->name, t->calls);
		snprintf(name, sizeof(name), "%s.bytes", t->name);
		if (t->moves)
			ledger_add(name, t->bytes);
	}
	ledger_close();
}

#endif
