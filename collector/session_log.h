/* SPDX-License-Identifier: MIT */
/* DIR/session.log, and the notes that go into the manifest as well. */
#ifndef TPPROBE_SESSION_LOG_H
#define TPPROBE_SESSION_LOG_H

#include <stdint.h>

#define SESSION_NOTES_MAX 64

struct session_log {
	int fd; /* -1: there is none */
	uint32_t notes;
	char *note[SESSION_NOTES_MAX];
};

/* A log that cannot be written is no reason to stop. */
void session_log_open(struct session_log *log, const char *trace_dir);
void session_log_close(struct session_log *log);

/* A line in the log. */
__attribute__((format(printf, 2, 3))) void session_log_line(struct session_log *log,
							    const char *format, ...);
/* The same, and a note in the manifest; each sentence once. */
__attribute__((format(printf, 2, 3))) void session_log_note(struct session_log *log,
							    const char *format, ...);

#endif
