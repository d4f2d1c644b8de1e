/* SPDX-License-Identifier: MIT */
/*
 * Editing environments without malloc: exec hooks run in signal handlers, in
 * children of vfork, and in programs whose heap is broken.
 */
#include "environment.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "probe.h"
#include "session.h"
#include "sys.h"

#define PRELOAD "LD_PRELOAD"
#define PAD_VARIABLE "TPPROBE_PAD" /* where we would add an odd number: see bridge_gap() */

/* "NAME=value": the value, when the string is of that name. */
static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncmp(line, name, n) == 0 && line[n] == '=' ? line + n + 1 : NULL;
}

bool environment_is_preload(const char *line)
{
	return value_of(line, PRELOAD) != NULL;
}

const char *environment_get(char **envp, const char *name)
{
	const char *value = NULL;

	for (; envp && *envp && !value; envp++)
		value = value_of(*envp, name);
	return value;
}

/* Is this piece of LD_PRELOAD us? By path, or by the library's name. */
static bool is_ours(const char *piece, size_t n)
{
	static const char name[] = "libtpprobe.so";
	const char *own = probe.arena ? probe_header()->probe_path : name;
	size_t length = sizeof(name) - 1;

	if (n == strlen(own) && memcmp(piece, own, n) == 0)
		return true;
	return n >= length && memcmp(piece + n - length, name, length) == 0 &&
	       (n == length || piece[n - length - 1] == '/');
}

/* LD_PRELOAD's value without us, into `out` (at least as long as the value; may
 * be the value itself). What stays keeps its separators. */
static size_t without_us(const char *value, char *out)
{
	size_t n = 0;
	char separator = '\0';

	while (*value) {
		size_t piece = strcspn(value, ": ");
		char behind = value[piece];

		if (piece && !is_ours(value, piece)) {
			if (n)
				out[n++] = separator;
			memmove(out + n, value, piece);
			n += piece;
		}
		separator = behind;
		value += piece + (behind != '\0');
	}
	out[n] = '\0';
	return n;
}

static bool ends_with_colon(const char *value)
{
	return *value && value[strlen(value) - 1] == ':';
}

/* Programs that look for the auxiliary vector walk over envp's NULL: it must still
 * be there, so the gap is filled with entries that say to be ignored. */
static void bridge_gap(char **from, char **to)
{
	while (to - from >= 2) {
		from[0] = (char *)AT_IGNORE;
		from[1] = NULL;
		from += 2;
	}
}

void environment_hide(char **envp, bool preload_added)
{
	char **keep = envp, **at = envp;

	for (; at && *at; at++) {
		char *preload = (char *)value_of(*at, PRELOAD);

		if (value_of(*at, SESSION_VARIABLE) || value_of(*at, PAD_VARIABLE))
			continue;
		/* What stays of LD_PRELOAD is never longer: edited where it stands. A
		 * colon behind us means that there was an empty one before. */
		if (preload && preload_added) {
			bool was_empty = ends_with_colon(preload);

			if (!without_us(preload, preload) && !was_empty)
				continue;
		}
		*keep++ = *at;
	}
	if (!envp || keep == at)
		return;
	*keep = NULL;
	bridge_gap(keep + 1, at + 1);
}

static char *put(char *at, const char *text)
{
	size_t n = strlen(text);

	memcpy(at, text, n + 1);
	return at + n;
}

void environment_set_parent(struct environment *e, uint64_t parent_task)
{
	for (int i = 16; i-- > 0; parent_task >>= 4)
		e->parent[i] = "0123456789abcdef"[parent_task & 15];
}

/* Room for the strings of envp, three more, and text. */
static struct environment *map_environment(char *const *envp, size_t text_bytes, size_t *count)
{
	struct environment *e;
	size_t bytes;
	long memory;

	for (*count = 0; envp && envp[*count]; ++*count)
		;
	bytes = sizeof(*e) + (*count + 4) * sizeof(char *) + text_bytes;
	memory = sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (memory < 0 && memory > -4096)
		return NULL;
	e = (struct environment *)memory;
	e->bytes = bytes;
	return e;
}

struct environment *environment_make(char *const *envp, uint64_t parent_task)
{
	struct environment *out;
	const char *theirs = environment_get((char **)envp, PRELOAD);
	const char *own = probe_header()->probe_path;
	bool added = probe.preload_added || !theirs;
	size_t count, n = 0;
	char *text;

	out = map_environment(
		envp, (theirs ? strlen(theirs) : 0) + strlen(own) + sizeof(probe.session_dir) + 128,
		&count);
	if (!out)
		return NULL;
	text = (char *)(out->envp + count + 4);
	/* Whether the entry in LD_PRELOAD is the user's own matters to the child:
	 * it hides what we added, and only that. */
	if (theirs) {
		char *end = text;
		const char *at = theirs;
		bool found = false;

		while (*at && !found) {
			size_t piece = strcspn(at, ": ");

			found = piece && is_ours(at, piece);
			at += piece;
			at += *at != '\0';
		}
		added |= !found;
		end = put(put(end, PRELOAD "="), own);
		*end++ = ':';
		size_t rest = without_us(theirs, end);

		if (!rest && *theirs && !ends_with_colon(theirs))
			end[-1] = '\0';
		out->envp[n++] = text;
		text = end + rest + 1;
	} else {
		out->envp[n++] = text;
		text = put(put(text, PRELOAD "="), own) + 1;
	}
	out->envp[n++] = text;
	text = put(text, SESSION_VARIABLE "=" SESSION_VERSION ";");
	text = put(text, added ? "p;" : "-;");
	out->parent = text;
	environment_set_parent(out, parent_task);
	text = put(text + 16, ";");
	text = put(text, probe.session_dir) + 1;
	/* LD_PRELOAD stays in the child's environment: one of ours goes alone. */
	if (theirs) {
		out->envp[n++] = text;
		put(text, PAD_VARIABLE "=");
	}
	for (size_t i = 0; i < count; i++)
		if (!value_of(envp[i], PRELOAD) && !value_of(envp[i], SESSION_VARIABLE) &&
		    !value_of(envp[i], PAD_VARIABLE))
			out->envp[n++] = envp[i];
	out->envp[n] = NULL;
	return out;
}

struct environment *environment_strip(char *const *envp)
{
	struct environment *out;
	const char *theirs = environment_get((char **)envp, PRELOAD);
	size_t count, n = 0;
	char *text, *end;

	if (!theirs && !environment_get((char **)envp, SESSION_VARIABLE))
		return NULL;
	out = map_environment(envp, (theirs ? strlen(theirs) : 0) + 64, &count);
	if (!out)
		return NULL;
	text = (char *)(out->envp + count + 4);
	for (size_t i = 0; i < count; i++) {
		if (value_of(envp[i], SESSION_VARIABLE))
			continue;
		if (!value_of(envp[i], PRELOAD)) {
			out->envp[n++] = envp[i];
			continue;
		}
		end = put(text, PRELOAD "=");
		if (without_us(theirs, end))
			out->envp[n++] = text;
	}
	out->envp[n] = NULL;
	return out;
}

void environment_free(struct environment *e)
{
	if (e)
		sys2(SYS_munmap, e, e->bytes);
}
