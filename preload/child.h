/* SPDX-License-Identifier: MIT */
/* What the hooks around new processes and new programs share. */
#ifndef TPPROBE_CHILD_H
#define TPPROBE_CHILD_H

#include "environment.h"
#include "event.h"
#include "hook_io.h"

#pragma GCC visibility push(hidden)

/* Can the program at `path` (a script: its interpreter) load us? 0, or why not.
 * A path that cannot be read counts as able: the kernel decides. */
unsigned program_why_not(int dir, const char *path);

/* Does --follow want it? By its name without directories, or its path. Needs no
 * system call. */
bool program_is_followed(const char *path);

/* May a program that starts now not open the session? */
bool session_is_out_of_reach(void);

/* The same for a name that is searched for in PATH as execvp does. */
unsigned program_why_not_by_name(const char *file, char *const *envp);

/* The same for a descriptor. */
unsigned program_why_not_by_fd(int fd);

/* Pointers that the kernel answers with EFAULT: not ours to read. */
bool call_is_bad(const char *path, char *const *envp);

/* The environment that a child program gets: with us, or cleaned of us. NULL:
 * envp as it is. environment_free() when it is no longer needed. */
struct environment *child_environment(char *const *envp, unsigned why_not);

/* The current task of the calling thread, also in a child of vfork, which has
 * borrowed its parent's thread. */
uint64_t child_parent_task(void);

/* UNINSTRUMENTED, when why_not says so; pid 0: not known yet. */
void child_tell_uninstrumented(struct probe_thread *t, uint32_t pid, unsigned why_not,
			       const char *path);

/* FORK. */
void child_tell(struct io_call *c, enum call call, int pid, int status);

/* For calls that put the caller's thread at the disposal of a child on the same
 * memory (posix_spawn): no hook records until the second. */
static inline void thread_lend(struct probe_thread *t)
{
	if (!t->quiet++) {
		t->saved_generation = t->generation;
		t->generation = GENERATION_NONE;
	}
}

static inline void thread_take_back(struct probe_thread *t)
{
	if (!--t->quiet)
		t->generation = t->saved_generation;
	environment_free(t->lent);
	t->lent = NULL;
}

#pragma GCC visibility pop

#endif
