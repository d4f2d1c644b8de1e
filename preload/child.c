/* SPDX-License-Identifier: MIT */
/* Looks at a program before it is executed, and at what its parent should say. */
#include "child.h"

#include <alloca.h>
#include <elf.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "glob.h"
#include "settings.h"
#include "sys.h"

#define SCRIPT_DEPTH 4

bool program_is_followed(const char *path)
{
	const char *wish = settings_get(probe_header(), "TPPROBE_FOLLOW");
	const char *base = strrchr(path, '/');

	if (!wish || !*wish || strcmp(wish, "yes") == 0)
		return true;
	if (strcmp(wish, "no") == 0)
		return false;
	return glob_match(wish, base ? base + 1 : path) || glob_match(wish, path);
}

/* Why an ELF file cannot load us. */
static unsigned elf_why_not(int fd, const char *head, long bytes)
{
	const Elf64_Ehdr *elf = (const void *)head;
	Elf64_Phdr segment;
	char interpreter[256] = "";

	if (bytes < (long)sizeof(*elf) || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf->e_machine != EM_X86_64)
		return WHY_other_class;
	for (unsigned i = 0; i < elf->e_phnum && i < 64; i++) {
		if (sys4(SYS_pread64, fd, &segment, sizeof(segment),
			 elf->e_phoff + i * sizeof(segment)) != sizeof(segment))
			return 0;
		if (segment.p_type != PT_INTERP)
			continue;
		if (sys4(SYS_pread64, fd, interpreter, sizeof(interpreter) - 1, segment.p_offset) <=
		    0)
			return 0;
		return strstr(interpreter, "ld-musl") ? WHY_other_libc : 0;
	}
	/* A shared object without an interpreter is the loader itself, or odd. */
	return elf->e_type == ET_EXEC || elf->e_type == ET_DYN ? WHY_static : 0;
}

static bool is_privileged(int fd)
{
	struct stat st;
	char capabilities[64];

	/* ids that differ make the loader careful with any program */
	if (sys0(SYS_getuid) != sys0(SYS_geteuid) || sys0(SYS_getgid) != sys0(SYS_getegid))
		return true;
	if (sys2(SYS_fstat, fd, &st) != 0)
		return false;
	if (st.st_mode & S_ISUID && st.st_uid != (uid_t)sys0(SYS_getuid))
		return true;
	if (st.st_mode & S_ISGID && st.st_mode & S_IXGRP && st.st_gid != (gid_t)sys0(SYS_getgid))
		return true;
	return sys0(SYS_getuid) != 0 && sys4(SYS_fgetxattr, fd, "security.capability", capabilities,
					     sizeof(capabilities)) > 0;
}

static unsigned file_why_not(int dir, const char *path, int depth)
{
	_Alignas(8) char head[512];
	unsigned why = 0;
	char *interpreter, *end;
	long got;
	int fd = (int)sys4(SYS_openat, dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

	if (fd < 0)
		return 0;
	got = sys4(SYS_pread64, fd, head, sizeof(head) - 1, 0);
	if (is_privileged(fd))
		why = WHY_privileged;
	else if (got >= 4 && memcmp(head, ELFMAG, SELFMAG) == 0)
		why = elf_why_not(fd, head, got);
	sys_close(fd);
	if (why || got < 4 || head[0] != '#' || head[1] != '!' || depth == 0)
		return why;
	head[got] = '\0';
	interpreter = head + 2 + strspn(head + 2, " \t");
	end = interpreter + strcspn(interpreter, " \t\n");
	*end = '\0';
	return *interpreter ? file_why_not(AT_FDCWD, interpreter, depth - 1) : 0;
}

static bool probe_is_readable(void)
{
	return sys4(SYS_faccessat, AT_FDCWD, probe_header()->probe_path, 4 /* R_OK */, 0) == 0;
}

/* The session is for the user who made it alone. What starts when the program gave
 * that up could not join: better it runs without us, and is named. */
bool session_is_out_of_reach(void)
{
	char arena[sizeof(probe.session_dir) + sizeof("/" ARENA_FILE)];
	size_t n = strlen(probe.session_dir);

	if (probe.no_syscalls || !n)
		return false;
	memcpy(arena, probe.session_dir, n);
	memcpy(arena + n, "/" ARENA_FILE, sizeof("/" ARENA_FILE));
	return sys4(SYS_faccessat, AT_FDCWD, arena, 4 | 2 /* R_OK | W_OK */, 0) == -EACCES;
}

unsigned program_why_not(int dir, const char *path)
{
	unsigned why;

	if (probe.no_syscalls)
		return WHY_seccomp;
	if (!path)
		return 0;
	why = file_why_not(dir, path, SCRIPT_DEPTH);

	if (!why && !program_is_followed(path))
		why = WHY_not_followed;
	if (!why && !probe_is_readable())
		why = WHY_probe_unreadable;
	if (!why && session_is_out_of_reach())
		why = WHY_other_user;
	return why;
}

unsigned program_why_not_by_name(const char *file, char *const *envp)
{
	const char *search = environment_get((char **)envp, "PATH");
	size_t length = strlen(file), longest = 0;
	char *path;

	if (strchr(file, '/') || !length || probe.no_syscalls) /* NULL crashes libc's too */
		return program_why_not(AT_FDCWD, file);
	if (!search)
		search = "/bin:/usr/bin";
	/* As much stack as execvpe itself takes: we may be on a signal's. */
	for (const char *at = search; *at; at += *at == ':') {
		size_t n = strcspn(at, ":");

		longest = n > longest ? n : longest;
		at += n;
	}
	if (longest + length + 2 > PATH_MAX)
		return 0;
	path = alloca(longest + length + 2);
	for (;;) {
		size_t n = strcspn(search, ":");

		memcpy(path, search, n);
		if (n)
			path[n++] = '/';
		memcpy(path + n, file, length + 1);
		if (sys4(SYS_faccessat, AT_FDCWD, path, 1 /* X_OK */, 0) == 0)
			return program_why_not(AT_FDCWD, path);
		n -= n ? 1 : 0;
		if (!search[n])
			return 0;
		search += n + 1;
	}
}

unsigned program_why_not_by_fd(int fd)
{
	char path[32] = "/proc/self/fd/", digits[12];
	unsigned n = sizeof(digits), number = (unsigned)fd;

	digits[--n] = '\0';
	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(path + 14, digits + n, sizeof(digits) - n);
	return program_why_not(AT_FDCWD, path);
}

bool call_is_bad(const char *path, char *const *envp)
{
	if (!path || probe.no_syscalls)
		return !path;
	/* A nonsense `how` makes rt_sigprocmask read the set and do nothing. */
	return sys4(SYS_faccessat, AT_FDCWD, path, 0, 0) == -EFAULT ||
	       (envp && sys4(SYS_rt_sigprocmask, -1, envp, NULL, 8) == -EFAULT);
}

uint64_t child_parent_task(void)
{
	struct probe_thread *t = &probe_thread;

	/* Also right in a child of vfork: it runs on its parent's thread-local. */
	return t->slot ? atomic_load_explicit(&t->slot->task, memory_order_relaxed) : probe.process;
}

struct environment *child_environment(char *const *envp, unsigned why_not)
{
	if (probe.state != PROBE_on)
		return NULL;
	return why_not ? environment_strip(envp) : environment_make(envp, child_parent_task());
}

void child_tell_uninstrumented(struct probe_thread *t, uint32_t pid, unsigned why_not,
			       const char *path)
{
	uint32_t text;

	if (!why_not)
		return;
	text = atomic_fetch_add(&probe_header()->next_text, 1);
	record_text(t, text, TEXT_EXEC, path, strnlen(path, 4096), "", NULL, 0);
	record_1(t, EVENT_UNINSTRUMENTED,
		 pid | (uint64_t)(text & 0xffffff) << 32 | (uint64_t)why_not << 56, probe_now());
}

void child_tell(struct io_call *c, enum call call, int pid, int status)
{
	struct probe_thread *t = c->thread;

	if (pid >= 0)
		probe_count(t, COUNTER_processes_created, 1);
	record_3(t, EVENT_FORK, (uint32_t)pid | (uint64_t)call << 32, probe_now() - c->begun,
		 (uint32_t)status, probe_now());
}
