/* SPDX-License-Identifier: MIT */
/*
 * tpprobe doctor: what works on this machine, what does not and why. A line per
 * check: ok, warn (something will be missing) or no (capture cannot work).
 */
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../command.h"
#include "../paths.h"
#include "../presets.h"
#include "../profile/profile.h"
#include "../session.h"
#include "../show/format.h"
#include "../store/store.h"
#include "collector/trace_dir.h"
#include "doctor.h"

#define SHM_WANTED (32u << 20)

extern char **environ;

enum verdict doctor_find(struct finding *f, enum verdict verdict, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(f->text, sizeof(f->text), format, ap);
	va_end(ap);
	return verdict;
}

const char *doctor_first_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	*line = '\0';
	if (file) {
		if (!fgets(line, (int)size, file))
			*line = '\0';
		fclose(file);
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static enum verdict check_kernel(struct finding *f)
{
	struct utsname name;

	uname(&name);
	if (strcmp(name.machine, "x86_64"))
		return doctor_find(f, VERDICT_warn, "%s %s: this version is tested on x86_64 only",
				   name.release, name.machine);
	return doctor_find(f, VERDICT_ok, "%s %s", name.release, name.machine);
}

static enum verdict check_glibc(struct finding *f)
{
	return doctor_find(f, VERDICT_ok, "%s", gnu_get_libc_version());
}

static enum verdict check_clock(struct finding *f)
{
	char line[128];

	doctor_first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", line,
			  sizeof(line));
	if (!strcmp(line, "tsc"))
		return doctor_find(f, VERDICT_ok, "time stamp counter, trusted by the kernel");
	return doctor_find(
		f, VERDICT_ok,
		"the kernel's clock is %s: stamps come from the counter when the CPU calls it "
		"constant, else from the slower CLOCK_MONOTONIC_RAW",
		*line ? line : "not known");
}

static enum verdict check_shm(struct finding *f)
{
	char path[] = "/dev/shm/tpprobe-XXXXXX", size[FORMAT_SIZE];
	struct statvfs fs;
	int fd = mkostemp(path, O_CLOEXEC);
	double room;

	if (fd < 0)
		return doctor_find(
			f, VERDICT_warn,
			"/dev/shm: %s; rings go to $XDG_RUNTIME_DIR or the trace directory, "
			"which is slower",
			strerror(errno));
	unlink(path);
	close(fd);
	if (statvfs("/dev/shm", &fs))
		return doctor_find(f, VERDICT_warn, "/dev/shm: %s", strerror(errno));
	room = (double)fs.f_bavail * (double)fs.f_frsize;
	format_bytes(size, room);
	if (room < SHM_WANTED)
		return doctor_find(
			f, VERDICT_warn,
			"/dev/shm: only %s free: programs with many threads may lose events; "
			"mount it larger (docker: --shm-size)",
			size);
	return doctor_find(f, VERDICT_ok, "/dev/shm: writable, %s free", size);
}

static enum verdict check_runtime_dir(struct finding *f)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (!dir || !*dir)
		return doctor_find(f, VERDICT_ok,
				   "XDG_RUNTIME_DIR is not set (second choice for rings)");
	if (access(dir, W_OK | X_OK))
		return doctor_find(f, VERDICT_warn, "%s: %s (second choice for rings)", dir,
				   strerror(errno));
	return doctor_find(f, VERDICT_ok, "%s (second choice for rings)", dir);
}

static enum verdict check_perf(struct finding *f)
{
	char line[64];

	doctor_first_line("/proc/sys/kernel/perf_event_paranoid", line, sizeof(line));
	if (!*line)
		return doctor_find(f, VERDICT_warn,
				   "no perf events here: waiting times are estimated");
	if (atoi(line) > 2 && geteuid())
		return doctor_find(
			f, VERDICT_warn,
			"perf_event_paranoid is %s: exact waiting times will need "
			"`sysctl kernel.perf_event_paranoid=2` (not used by this version)",
			line);
	return doctor_find(f, VERDICT_ok, "perf_event_paranoid is %s (not used by this version)",
			   line);
}

static enum verdict check_collector(struct finding *f)
{
	char path[PATH_MAX];

	if (path_collector(path, sizeof(path)))
		return doctor_find(f, VERDICT_no,
				   "tpprobe-collector is not found beside tpprobe nor in "
				   "../libexec/tpprobe; build or install it");
	return doctor_find(f, VERDICT_ok, "%.480s", path);
}

static enum verdict check_probe(struct finding *f)
{
	char path[PATH_MAX];

	if (path_probe(path, sizeof(path)))
		return doctor_find(
			f, VERDICT_no,
			"libtpprobe.so is not found beside tpprobe nor in ../lib; build or "
			"install it");
	return doctor_find(f, VERDICT_ok, "%.480s", path);
}

static enum verdict check_store(struct finding *f)
{
	char *path = store_path(NULL);
	struct store store;
	struct fault fault = { "" };

	if (!path || store_open(&store, path, STORE_READ, &fault)) {
		free(path);
		return doctor_find(f, VERDICT_warn, "%.500s", path ? fault.text : "out of memory");
	}
	store_close(&store);
	doctor_find(f, VERDICT_ok, access(path, F_OK) ? "%.400s (made by the first run)" : "%.400s",
		    path);
	free(path);
	return VERDICT_ok;
}

/* A small program under the probe, and what came of it. */
static enum verdict check_capture(struct finding *f)
{
	char dir[] = "/tmp/tpprobe-doctor-XXXXXX", trace[64], *command[] = { "true", NULL };
	char path[PATH_MAX];
	struct capture capture = { 0 };
	struct profile *profile = NULL;
	struct session_end end;
	struct fault fault = { "" };
	enum verdict verdict;

	if (!mkdtemp(dir))
		return doctor_find(f, VERDICT_no, "%s: %s", dir, strerror(errno));
	snprintf(trace, sizeof(trace), "%s/trace", dir);
	if (launch_find(command[0], path, sizeof(path), &fault) ||
	    session_capture(trace, &capture, path, command, &end, &fault) ||
	    profile_load(trace, &profile, &fault))
		verdict = doctor_find(f, VERDICT_no, "capturing `true` fails: %.440s", fault.text);
	else if (end.wait_status)
		verdict = doctor_find(f, VERDICT_no, "`true` ends with status %d under the probe",
				      launch_exit_status(end.wait_status));
	else if (!profile->tasks.process_count)
		verdict = doctor_find(f, VERDICT_no,
				      "`true` leaves no trace: LD_PRELOAD does not work for it");
	else
		verdict = doctor_find(f, VERDICT_ok, "`true` captured: %llu events",
				      (unsigned long long)profile->events);
	profile_free(profile);
	trace_dir_remove(trace);
	rmdir(dir);
	return verdict;
}

/* Variables that are not the options': how the parts find each other. */
static bool is_inner_variable(const char *name, size_t length)
{
	static const char *const inner[] = { "TPPROBE_SESSION", "TPPROBE_COLLECTOR",
					     "TPPROBE_STORE" };

	for (unsigned i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strlen(inner[i]) == length && !strncmp(inner[i], name, length))
			return true;
	return false;
}

/* What is wrong with NAME=value, if anything. */
static enum verdict check_variable(struct finding *f, const char *setting)
{
	size_t length = strcspn(setting, "=");
	const char *names[CAPTURE_OPTIONS + 1], *near;
	struct fault fault = { "" };
	char name[64];
	int n = 0;

	for (int i = 0; i < CAPTURE_OPTIONS; i++) {
		const char *variable = capture_info[i].variable;

		if (!*variable)
			continue;
		names[n++] = variable;
		if (strlen(variable) != length || strncmp(variable, setting, length))
			continue;
		if (!setting[length] || !setting[length + 1] ||
		    !capture_check_value(i, setting + length + 1, &fault))
			return VERDICT_ok;
		return doctor_find(f, VERDICT_warn, "%s is ignored: %.400s", variable, fault.text);
	}
	if (is_inner_variable(setting, length))
		return VERDICT_ok;
	names[n] = NULL;
	snprintf(name, sizeof(name), "%.*s", (int)length, setting);
	near = command_near(name, names);
	return doctor_find(f, VERDICT_warn, "%s is not known%s%s", name,
			   near ? "; did you mean " : "", near ? near : "");
}

static const struct {
	const char *name;
	enum verdict (*run)(struct finding *f);
} checks[] = {
	{ "kernel", check_kernel },
	{ "glibc", check_glibc },
	{ "clock", check_clock },
	{ "shared memory", check_shm },
	{ "runtime dir", check_runtime_dir },
	{ "perf", check_perf },
	{ "functions", check_patching },
	{ "debug files", check_debug_files },
	{ "collector", check_collector },
	{ "probe", check_probe },
	{ "store", check_store },
	{ "capture", check_capture },
};

static void put(enum verdict verdict, const char *name, const struct finding *f)
{
	static const char *const word[] = { "ok", "warn", "no" };
	static const char *const colour[] = { "\033[32m", "\033[33m", "\033[31m" };
	bool colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	char safe[1024];

	printf("%s%-4s%s  %-13s  %s\n", colours ? colour[verdict] : "", word[verdict],
	       colours ? "\033[0m" : "", name, format_safe(safe, sizeof(safe), f->text));
}

int cmd_doctor(int argc, char **argv)
{
	const struct option_row rows[] = { OPTIONS_END };
	int status, operands = command_options(rows, argc, argv, OPTIONS_ANYWHERE, &status);
	bool works = true;
	struct finding f;

	if (operands < 0)
		return status;
	if (operands)
		return command_fail_with(EXIT_USAGE, "doctor takes no arguments");
	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum verdict verdict = checks[i].run(&f);

		put(verdict, checks[i].name, &f);
		works = works && verdict != VERDICT_no;
	}
	for (unsigned i = 0; *preset_text(i, f.text, sizeof(f.text)); i++)
		put(VERDICT_ok, "preset", &f);
	for (char **e = environ; *e; e++)
		if (!strncmp(*e, "TPPROBE_", 8) && check_variable(&f, *e) != VERDICT_ok)
			put(VERDICT_warn, "environment", &f);
	status = command_close_output();
	return status ? status : works ? EXIT_OK : EXIT_NO;
}
