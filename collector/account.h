/* SPDX-License-Identifier: MIT */
/*
 * The processes of the session: who lives, who has become another program, who
 * is gone and how. kill(pid, 0) is not asked: a zombie answers it.
 */
#ifndef TPPROBE_ACCOUNT_H
#define TPPROBE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "drain.h"
#include "exit_status.h"
#include "session_log.h"

enum process_state {
	PROCESS_expected, /* a FORK told of it, it has not spoken yet */
	PROCESS_live,
	PROCESS_dead, /* it has ended, its rings are being emptied */
	PROCESS_gone,
};

struct process {
	uint32_t pid;
	enum process_state state;
	uint64_t image; /* id of its program image, the latest */
	uint64_t start_time;
	int pidfd;
	uint64_t deadline_ns; /* expected: forget it; vanished: believe that it is dead */
	uint64_t vanished_ns;
	bool vanished;	      /* it has no /proc/PID (any more) when first looked for */
	unsigned passes;      /* over the rings since it is dead */
	bool exit_seen;	      /* it wrote PROCESS_EXIT */
	bool other_namespace; /* said once */
	struct exit_status exit;
	char program[256];

	/* curves.c */
	int stat_fd, io_fd, status_fd;
	bool sampled;
	unsigned samples;
	uint64_t arena_kb, peak_kb, peak_seen_kb;
};

struct account {
	struct drain *drain;
	struct session_log *log;
	int epoll;
	int first_pidfd;      /* of the program that started us; -1: not given, or taken */
	struct process **all; /* the live ones, and the gone ones for the manifest */
	uint32_t count, room;
	uint32_t live; /* live or dead, not gone */
	uint32_t expected;
	uint64_t seen;	    /* processes that ever spoke */
	uint64_t forgotten; /* gone ones that are not in the list any more */
	uint64_t next_thread_check_ns, next_eager_check_ns;
	bool command_ended; /* the launcher said so, with this wait status */
	uint32_t command_status;
	uint64_t changes; /* for the manifest: counts up */
};

/* Takes over descriptor 3 when it is a pidfd: launch.c of the probe. */
int account_init(struct account *a, struct drain *drain, struct session_log *log);
void account_fini(struct account *a);

/* Before a pass over the rings: who has ended? */
void account_poll(struct account *a, uint64_t now_ns);
/* Is there a process whose end is not settled yet, or not known for sure? */
bool account_is_unsure(const struct account *a);
/* Has the owner of this slot ended (as of account_poll)? */
bool account_slot_is_dead(const struct account *a, const struct drain_slot *s);
/* After the pass: the slots of the dead are free, PROCESS_GONE. */
void account_settle(struct account *a, uint64_t now_ns);

/* What the streams tell. */
void account_thread_started(struct account *a, struct drain_slot *s, uint32_t tid, bool is_main);
void account_forked(struct account *a, uint32_t pid, uint64_t now_ns);
struct process *account_find(const struct account *a, uint32_t pid);
/* By the id of the image; NULL. */
struct process *account_of_image(const struct account *a, uint64_t image);

#endif
