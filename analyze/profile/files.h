/* SPDX-License-Identifier: MIT */
/*
 * Files and peers: what moved through which path or address.
 *
 *	file id (one per open)  ──▶ struct open_file, dropped some time after its close
 *	                               │ folded into
 *	path and kind           ──▶ struct file_row, one per distinct path
 *
 * The number of rows is bounded; what does not fit is summed in one row.
 */
#ifndef TPPROBE_FILES_H
#define TPPROBE_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "../idmap.h"
#include "../read/stream.h"

#define FILE_ROWS_MAX 100000
#define FILES_CLOSED_KEPT 65536 /* closed ids that may still be used by a copy */

struct file_sums {
	uint64_t opens, reads, read_bytes, writes, write_bytes, ticks, metadata;
};

struct file_row {
	char *name;   /* path or address */
	uint8_t kind; /* enum fd_kind */
	struct file_sums sums;
	struct file_row *same_hash;
};

struct open_file {
	uint64_t id;
	char *name; /* NULL: not told */
	uint8_t kind;
	bool is_closed, is_queued;
	struct file_sums sums;
};

struct files {
	struct idmap open;
	struct idmap by_name; /* key: hash of name and kind; rows chained */
	struct file_row **rows;
	uint32_t count, room;
	uint64_t *closed; /* ring of ids, oldest at closed_at */
	uint32_t closed_at;
	bool is_full, out_of_memory;
};

/* IO and FD. */
void files_on_event(struct files *files, const struct record *r);
/* A TEXT of kind `kind` in one piece: TEXT_PATH, TEXT_PATH_AT, TEXT_ADDRESS. */
void files_on_name(struct files *files, uint64_t id, unsigned kind, const char *text,
		   uint32_t bytes);
/* Folds what is open into the rows; call it once, at the end. */
void files_finish(struct files *files);
void files_fini(struct files *files);

/* "file", "pipe", "device"; "inet", "inet6", "unix", "other" for sockets. */
const char *file_kind_name(unsigned kind);

#endif
