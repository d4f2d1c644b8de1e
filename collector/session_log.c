/* SPDX-License-Identifier: MIT */
/* Lines with a date; notes are remembered. */
#include "session_log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void session_log_open(struct session_log *log, const char *trace_dir)
{
	char path[1100];

	memset(log, 0, sizeof(*log));
	snprintf(path, sizeof(path), "%s/session.log", trace_dir);
	log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void session_log_close(struct session_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	for (uint32_t i = 0; i < log->notes; i++)
		free(log->note[i]);
	log->notes = 0;
}

static void write_line(struct session_log *log, const char *sentence)
{
	char line[1200], date[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (log->fd < 0)
		return;
	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	n = snprintf(line, sizeof(line), "%s collector: %s\n", date, sentence);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (write(log->fd, line, (size_t)n) < 0)
		return; /* a full disk: the manifest says so */
}

void session_log_line(struct session_log *log, const char *format, ...)
{
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	write_line(log, sentence);
}

void session_log_note(struct session_log *log, const char *format, ...)
{
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	for (uint32_t i = 0; i < log->notes; i++)
		if (!strcmp(log->note[i], sentence))
			return;
	write_line(log, sentence);
	if (log->notes < SESSION_NOTES_MAX && (log->note[log->notes] = strdup(sentence)))
		log->notes++;
}
