/* SPDX-License-Identifier: MIT */
/*
 * Linked into sanitized programs. What a sanitizer finds goes into files
 * (SANITIZER_LOG.PID), which tests/run looks for: the collector has neither a
 * standard error nor an environment to be told otherwise.
 */
#define SHOWN __attribute__((used, visibility("default")))

SHOWN const char *__asan_default_options(void)
{
	return "log_path=" SANITIZER_LOG ":exitcode=99:detect_leaks=1:strict_string_checks=1";
}

SHOWN const char *__ubsan_default_options(void)
{
	return "log_path=" SANITIZER_LOG ":print_stacktrace=1:halt_on_error=1:exitcode=99";
}

SHOWN const char *__tsan_default_options(void)
{
	return "exitcode=66:halt_on_error=0";
}
