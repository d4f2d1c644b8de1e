/* SPDX-License-Identifier: MIT */
/*
 * What the torture programs count: how often each function named t_… was left, and
 * how. It lies in memory that forked children share, so that it tells of those that
 * died as well; the first process writes it to the file $LEDGER, a line for each
 * function and manner:
 *
 *	t_deep return 10000
 *
 * A function that was entered and never left is counted as running.
 */
#ifndef TORTURE_LEDGER_H
#define TORTURE_LEDGER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As the compiler gives it, but one piece of code of its own. */
#if defined(__clang__)
#define OWN __attribute__((noinline))
#else
#define OWN __attribute__((noinline, noclone))
#endif

enum left { RETURN, FAILED, EXCEPTION, CANCELLED, EXITED, JUMPED, RUNNING, LEFT_KINDS };

struct ledger_row {
	char name[48];
	unsigned long left[LEFT_KINDS];
};

struct ledger {
	int used;
	struct ledger_row row[256];
};

static struct ledger *ledger;

static inline void ledger_open(void)
{
	ledger = (struct ledger *)mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ledger == MAP_FAILED)
		abort();
}

/* Rows are made by one thread at a time: rows() before threads start, or tally(). */
static inline struct ledger_row *ledger_row(const char *name)
{
	for (int i = 0; i < ledger->used; i++)
		if (!strcmp(ledger->row[i].name, name))
			return &ledger->row[i];
	if (ledger->used == 256)
		abort();
	strncpy(ledger->row[ledger->used].name, name, sizeof(ledger->row[0].name) - 1);
	return &ledger->row[ledger->used++];
}

/* `n` calls of the function were left so. */
static inline void tally(const char *name, enum left how, unsigned long n)
{
	__atomic_fetch_add(&ledger_row(name)->left[how], n, __ATOMIC_RELAXED);
}

static inline int ledger_close(void)
{
	static const char *const how[LEFT_KINDS] = { "return", "failed", "exception", "cancelled",
						     "exited", "jumped", "running" };
	const char *path = getenv("LEDGER");
	FILE *out = path ? fopen(path, "w") : NULL;

	if (!out)
		return 0;
	for (int i = 0; i < ledger->used; i++)
		for (int k = 0; k < LEFT_KINDS; k++)
			if (ledger->row[i].left[k])
				fprintf(out, "%s %s %lu\n", ledger->row[i].name, how[k],
					ledger->row[i].left[k]);
	return fclose(out);
}

#endif
