/* SPDX-License-Identifier: MIT */
/*
 * jobs [BATCHES]: a program with the structure of many: options, a loop over batches of
 * records in main, workers on threads of their own, and small helpers below.
 *
 *	main ─┬─ parse_options ── usage
 *	      ├─ pthread_create: count_worker, (by a register that was copied) write_worker
 *	      └─ for: process_batch ── for: parse_record ─┬─ next_field ── is_blank
 *	                                                  └─ table_add ── table_hash
 *
 * Prints what it has counted. Ledger: batches, records.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "ledger.h"

#define KEEP __attribute__((noinline))
#define RECORDS 20
#define SLOTS 64

struct table {
	unsigned keys[SLOTS], counts[SLOTS];
	unsigned size;
};

static struct table table;
static atomic_uint written, counted;
static unsigned records;

static KEEP int is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static KEEP unsigned get_size(const struct table *t)
{
	return t->size;
}

static KEEP unsigned table_hash(const char *text, size_t n)
{
	unsigned hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

static KEEP void table_add(struct table *t, const char *text, size_t n)
{
	unsigned key = table_hash(text, n), at = key % SLOTS;

	while (t->counts[at] && t->keys[at] != key)
		at = (at + 1) % SLOTS;
	if (!t->counts[at]++)
		t->size++;
	t->keys[at] = key;
}

static KEEP const char *next_field(const char *at, size_t *n)
{
	while (is_blank(*at))
		at++;
	*n = strcspn(at, " \t\n");
	return *n ? at : NULL;
}

static KEEP void parse_record(struct table *t, const char *line)
{
	size_t n;

	while ((line = next_field(line, &n)) && get_size(t) < SLOTS / 2) {
		table_add(t, line, n);
		line += n;
	}
	records++;
}

static KEEP void process_batch(struct table *t, int batch)
{
	char line[128];

	for (int i = 0; i < RECORDS; i++) {
		snprintf(line, sizeof(line), "record %d of\tbatch %d\n", i % 4, batch % 3);
		parse_record(t, line);
	}
}

static void *count_worker(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		atomic_fetch_add(&counted, 1);
	return NULL;
}

static void *write_worker(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		atomic_fetch_add(&written, 2);
	return NULL;
}

static KEEP _Noreturn void usage(const char *name)
{
	fprintf(stderr, "usage: %s [BATCHES]\n", name);
	exit(2);
}

static KEEP int parse_options(int argc, char **argv)
{
	int batches = argc > 1 ? atoi(argv[1]) : 10;

	if (argc > 2 || batches < 0)
		usage(argv[0]);
	return batches;
}

int main(int argc, char **argv)
{
	int batches = parse_options(argc, argv);
	void *(*second)(void *) = write_worker;
	pthread_t thread[2];

	pthread_create(&thread[0], NULL, count_worker, &batches);
	pthread_create(&thread[1], NULL, second, &batches);
	for (int i = 0; i < batches; i++)
		process_batch(&table, i);
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	printf("%u records, %u words, %u counted, %u written\n", records, get_size(&table), counted,
	       written);
	ledger_add("batches", (uint64_t)batches);
	ledger_add("records", records);
	ledger_close();
	return 0;
}
