/* SPDX-License-Identifier: MIT */
/*
 * The program that `tpprobe symbols` is asked about.
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../paths.h"
#include "dynamic.h"

/* What a script begins with; the interpreter is what has functions. */
static int refuse_script(const char *path, const char *text, struct fault *fault)
{
	char line[256], *word, *rest = line, *program = NULL;

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text + 2);
	line[strcspn(line, "\n")] = '\0';
	while ((word = strsep(&rest, " \t\r"))) {
		const char *slash = strrchr(word, '/');

		if (!*word || (program && (*word == '-' || strchr(word, '='))))
			continue; /* of env: its options and settings */
		if (program)
			break;
		program = word;
		if (strcmp(slash ? slash + 1 : word, "env"))
			break;
	}
	if (word)
		program = word;
	if (!program)
		return fault_set(fault, -ENOEXEC, "%s is a script without an interpreter", path);
	return fault_set(fault, -ENOEXEC,
			 "%s is a script that %s runs: functions are those of its interpreter, "
			 "`tpprobe symbols %s`",
			 path, program, program);
}

static int check_header(const char *path, const Elf64_Ehdr *h, struct fault *fault)
{
	if (h->e_ident[EI_CLASS] == ELFCLASS32)
		return fault_set(
			fault, -ENOEXEC,
			"%s is a 32-bit program or library; functions of x86-64 ones can be "
			"tasks",
			path);
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return fault_set(fault, -ENOEXEC,
				 "%s is an ELF file of another machine (%u); functions of x86-64 "
				 "ones can be tasks",
				 path, h->e_machine);
	if (h->e_type == ET_REL)
		return fault_set(
			fault, -ENOEXEC,
			"%s is an object file; name the program or library that it is linked "
			"into",
			path);
	if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
		return fault_set(
			fault, -ENOEXEC, "%s is neither a program nor a library (%s)", path,
			h->e_type == ET_CORE ? "a core dump" : "an ELF file of another kind");
	return 0;
}

/* Program or library, by how it is started: a program names an interpreter, the dynamic
 * loader, or needs none. */
static int tell_kind(int fd, const Elf64_Ehdr *h, struct target *t, struct fault *fault)
{
	struct dynamic d;
	int err = dynamic_init(&d, fd);

	if (err)
		return fault_set(fault, err, "%s: a damaged ELF file", t->path);
	t->is_library = h->e_type == ET_DYN && !d.has_interpreter &&
			!(dynamic_value(&d, DT_FLAGS_1) & DF_1_PIE);
	t->is_static = !d.has_interpreter && !t->is_library;
	dynamic_fini(&d);
	return 0;
}

static int examine(int fd, struct target *t, struct fault *fault)
{
	union {
		char text[256];
		Elf64_Ehdr header;
	} start = { { 0 } };
	ssize_t n = pread(fd, start.text, sizeof(start.text) - 1, 0);
	int err;

	if (n < 0)
		return fault_set(fault, -errno, "%s: %s", t->path, strerror(errno));
	if (n > 2 && !memcmp(start.text, "#!", 2))
		return refuse_script(t->path, start.text, fault);
	if (n < (ssize_t)sizeof(start.header) || memcmp(start.text, ELFMAG, SELFMAG))
		return fault_set(fault, -ENOEXEC,
				 "%s is not an ELF file: functions are in programs and libraries",
				 t->path);
	err = check_header(t->path, &start.header, fault);
	return err ? err : tell_kind(fd, &start.header, t, fault);
}

int target_find(const char *operand, struct target *t, struct fault *fault)
{
	struct stat st;
	int fd, err;

	*t = (struct target){ .path = "" };
	if (strlen(operand) >= sizeof(t->path))
		return fault_set(fault, -ENAMETOOLONG, "%.60s…: the name is too long", operand);
	strcpy(t->path, operand);
	if (!strchr(operand, '/') && (stat(operand, &st) || !S_ISREG(st.st_mode)) &&
	    path_program(operand, t->path, sizeof(t->path))) {
		strcpy(t->path, operand);
		if (access(operand, F_OK))
			return fault_set(fault, -ENOENT,
					 "%s: no such file here, and no such command in PATH",
					 operand);
	}
	fd = open(t->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fault_set(fault, -errno, "%s: %s", t->path, strerror(errno));
	if (fstat(fd, &st))
		err = fault_set(fault, -errno, "%s: %s", t->path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		err = fault_set(fault, -EISDIR, "%s is a directory; name a program or a library",
				t->path);
	else if (!S_ISREG(st.st_mode))
		err = fault_set(fault, -EINVAL, "%s is not a regular file", t->path);
	else
		err = examine(fd, t, fault);
	close(fd);
	return err;
}
