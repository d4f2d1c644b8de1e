/* SPDX-License-Identifier: MIT */
/*
 * The binary interface between the static part of Intel ITT, which is compiled into
 * programs, and a collector, which is what we are to them. As published in intel/ittapi
 * (ittnotify.h, ittnotify_config.h); the same since API_VERSION_BUILD 20110104.
 */
#ifndef TPPROBE_ITT_H
#define TPPROBE_ITT_H

#include <pthread.h>
#include <stdint.h>

#define ITT_VARIABLE "INTEL_LIBITTNOTIFY64" /* names the collector's library */
#define ITT_BUILD_OF_OLD_LIST 20101001u	    /* until here: rows without null_function */

struct itt_id {
	unsigned long long d[3]; /* all 0: none */
};

struct itt_domain {
	volatile int flags; /* 0: switched off; the program looks at it */
	const char *name;
	void *wide_name;
	int extra1;
	void *extra2;
	struct itt_domain *next;
};

struct itt_string {
	const char *text;
	void *wide_text;
	int extra1;
	void *extra2;
	struct itt_string *next;
};

enum itt_type {
	ITT_unknown = 0,
	ITT_u64,
	ITT_s64,
	ITT_u32,
	ITT_s32,
	ITT_u16,
	ITT_s16,
	ITT_float,
	ITT_double,
};

struct itt_counter {
	const char *name;
	void *wide_name;
	const char *domain;
	void *wide_domain;
	int type; /* enum itt_type */
	long index;
	int extra1;
	void *extra2;
	struct itt_counter *next;
};

/* A row of the program's list of functions, closed by one without a name. */
struct itt_function {
	const char *name;    /* "__itt_task_begin" … */
	void **pointer;	     /* that the program calls through */
	void *init_function; /* what it points to at first */
	void *null_function; /* what it shall point to when nobody listens; often NULL */
	int group;	     /* bits */
};

struct itt_global {
	unsigned char magic[8];
	unsigned long version_major, version_minor, version_build;
	volatile long initialized, mutex_initialized, atomic_counter;
	pthread_mutex_t mutex;
	void *library;
	void *error_handler;
	const char **library_path;
	struct itt_function *functions;
	/* … */
};

#define ITT_MAGIC                                                                                  \
	{                                                                                          \
		0xED, 0xAB, 0xAB, 0xEC, 0x0D, 0xEE, 0xDA, 0x30                                     \
	}

#endif
