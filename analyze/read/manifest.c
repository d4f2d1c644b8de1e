/* SPDX-License-Identifier: MIT */
/*
 * manifest.json of a trace directory.
 */
#include "manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/trace_dir.h"

int manifest_load(const char *dir, struct manifest *m, struct fault *fault)
{
	char path[PATH_MAX];
	const char *schema;
	json_error_t error;
	int fd, err;

	m->root = NULL;
	snprintf(path, sizeof(path), "%s/%s", dir, TRACE_MANIFEST);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		if (err == -ENOENT || err == -ENOTDIR)
			return fault_set(fault, err, "%s: not a trace directory (it has no %s)",
					 dir, TRACE_MANIFEST);
		return fault_set(fault, err, "%s: %s", path, strerror(-err));
	}
	m->root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
	close(fd);
	if (!json_is_object(m->root)) {
		manifest_fini(m);
		return fault_set(fault, -EBADMSG, "%s: not readable as JSON: %s (line %d)", path,
				 error.text, error.line);
	}
	schema = manifest_text(m, "schema");
	if (strcmp(schema, TRACE_SCHEMA)) {
		err = -EPROTONOSUPPORT;
		if (!strncmp(schema, TRACE_SCHEMA, strcspn(TRACE_SCHEMA, "/") + 1))
			fault_set(fault, err,
				  "%s: schema %.64s of a newer version, this tpprobe reads %s", dir,
				  schema, TRACE_SCHEMA);
		else
			fault_set(fault, err,
				  "%s: not a trace directory (its %s is of something else)", dir,
				  TRACE_MANIFEST);
		manifest_fini(m);
		return err;
	}
	return 0;
}

void manifest_fini(struct manifest *m)
{
	json_decref(m->root);
	m->root = NULL;
}

const char *manifest_text(const struct manifest *m, const char *key)
{
	const char *text = json_string_value(json_object_get(m->root, key));

	return text ? text : "";
}

uint64_t manifest_value(const json_t *value, uint64_t missing)
{
	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	if (json_is_string(value)) {
		char *end;
		uint64_t number = strtoull(json_string_value(value), &end, 10);

		return *end || end == json_string_value(value) ? missing : number;
	}
	return missing;
}

uint64_t manifest_number(const struct manifest *m, const char *key, uint64_t missing)
{
	return manifest_value(json_object_get(m->root, key), missing);
}

bool manifest_is_complete(const struct manifest *m)
{
	return !strcmp(manifest_text(m, "state"), "complete");
}

uint64_t manifest_lost(const struct manifest *m)
{
	uint64_t lost = 0;
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(m->root, "lost"), key, value) lost +=
		manifest_value(value, 0);
	return lost;
}

bool manifest_exit(const struct manifest *m, int *wait_status)
{
	const json_t *status = json_object_get(json_object_get(m->root, "exit"), "status");

	*wait_status = (int)manifest_value(status, 0);
	return json_is_integer(status);
}

bool manifest_clock(const struct manifest *m, struct timeline *t)
{
	const json_t *clock = json_object_get(m->root, "clock"), *row;
	const char *source = json_string_value(json_object_get(clock, "source"));
	struct clock_triple triple = {
		.ticks = manifest_value(json_object_get(clock, "base_ticks"), 0),
		.raw_ns = manifest_value(json_object_get(clock, "base_raw_ns"), 0),
		.real_ns = manifest_value(json_object_get(clock, "base_real_ns"), 0),
	};
	size_t i;

	if (!source)
		return false;
	timeline_init(t, !strcmp(source, "raw"), &triple);
	json_array_foreach(json_object_get(clock, "triples"), i, row)
	{
		triple.ticks = manifest_value(json_array_get(row, 0), 0);
		triple.raw_ns = manifest_value(json_array_get(row, 1), 0);
		triple.real_ns = manifest_value(json_array_get(row, 2), 0);
		if (triple.ticks && triple.raw_ns)
			timeline_add(t, &triple);
	}
	return true;
}

bool manifest_has_live_process(const struct manifest *m)
{
	const json_t *process;
	size_t i;

	json_array_foreach(json_object_get(m->root, "processes"), i, process)
	{
		pid_t pid = (pid_t)manifest_value(json_object_get(process, "pid"), 0);

		if (json_is_true(json_object_get(process, "live")) && pid > 0 &&
		    (kill(pid, 0) == 0 || errno == EPERM))
			return true;
	}
	return false;
}
