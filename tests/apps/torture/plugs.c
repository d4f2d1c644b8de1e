/* SPDX-License-Identifier: MIT */
/*
 * Libraries that come and go: plugs DIRECTORY, which holds copies of plugin.c's library.
 * In a namespace of its own a library is counted as in any other.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include "ledger.h"

static const char *directory;
static volatile long zero;

static const char *path_of(char *room, const char *name)
{
	snprintf(room, 512, "%s/%s", directory, name);
	return room;
}

static void *opened(void *library, const char *name)
{
	if (!library) {
		printf("%s: %s\n", name, dlerror());
		exit(1);
	}
	return library;
}

static void *get(const char *name, int flags)
{
	char path[512];

	return opened(dlopen(path_of(path, name), flags | RTLD_NOW), name);
}

OWN static long t_use(void *library, long n)
{
	long (*work)(long) = (long (*)(long))dlsym(library, "t_plugin_work");
	long sum = 0;

	for (long i = 0; i < n; i++)
		sum += work(i);
	return sum + zero;
}

/* What one load, `n` calls and perhaps one unload are. */
static void count(long n, int closed, int is_stripped)
{
	tally("t_use", RETURN, 1);
	tally("t_plugin_work", RETURN, (unsigned long)n);
	if (is_stripped)
		return;
	tally("t_on_load", RETURN, 1);
	tally("t_on_unload", RETURN, (unsigned long)closed);
	tally("t_inside", RETURN, (unsigned long)(n + closed));
}

static void replace(const char *name, const char *by)
{
	char to[512], from[512];

	if (rename(path_of(from, by), path_of(to, name)))
		perror(by);
}

static void *in_thread(void *name)
{
	long sum = 0;

	for (int i = 0; i < 10; i++) {
		void *library = get((const char *)name, RTLD_LOCAL);

		sum += t_use(library, 5);
		dlclose(library);
	}
	return (void *)sum;
}

static long threads(void)
{
	static const char *const name[] = { "libt0.so", "libt1.so", "libt2.so", "libt3.so" };
	pthread_t t[4];
	long sum = 0;
	void *got;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, in_thread, (void *)name[i]);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &got);
		sum += (long)got;
	}
	for (int i = 0; i < 40; i++)
		count(5, 1, 0);
	return sum;
}

int main(int argc, char **argv)
{
	long sum = 0;
	char path[512];
	void *library;

	if (argc < 2)
		return 2;
	directory = argv[1];
	ledger_open();
	for (int i = 0; i < 5; i++) { /* again at the same address */
		library = get("liba.so", RTLD_LOCAL);
		sum += t_use(library, 20);
		dlclose(library);
		count(20, 1, 0);
	}
	printf("reloaded %ld\n", sum);
	replace("liba.so", "liba2.so"); /* another file, with another build-id */
	library = get("liba.so", RTLD_LOCAL);
	sum = t_use(library, 20);
	dlclose(library);
	count(20, 1, 0);
	library = get("libn.so", RTLD_LOCAL); /* without a build-id */
	sum += t_use(library, 20);
	dlclose(library);
	count(20, 1, 0);
	replace("libn.so", "libn2.so");
	library = get("libn.so", RTLD_LOCAL);
	sum += t_use(library, 20);
	count(20, 1, 0); /* unloaded at the end */
	printf("replaced %ld\n", sum);
	printf("threads %ld\n", threads());
	library = opened(dlmopen(LM_ID_NEWLM, path_of(path, "libm1.so"), RTLD_NOW), "dlmopen");
	printf("namespace %ld\n", t_use(library, 20));
	dlclose(library);
	count(20, 1, 0);
	library = get("libdeep.so", RTLD_DEEPBIND);
	printf("deep %ld\n", t_use(library, 20));
	dlclose(library);
	count(20, 1, 0);
	library = get("libstripped.so", RTLD_LAZY);
	printf("stripped %ld\n", t_use(library, 20));
	dlclose(library);
	count(20, 1, 1);
	return ledger_close();
}
