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
	uint64_t sequential_bytes; /* of regular files */
};

struct file_row {
	char *name;   /* path or address */
	uint8_t kind; /* enum fd_kind */
	struct file_sums sums;
	struct file_row *same_hash;
};

struct open_file {
	uint64_t id;
	char *name;  /* NULL: not told; of a socket: the peer's address */
	char *local; /* of a socket: its own address */
	uint8_t kind;
	bool is_closed, is_queued;
	bool has_read, has_written;
	uint64_t position;	      /* where the next transfer begins that names no place */
	uint64_t read_end, write_end; /* where the last one of that direction ended */
	/* What it reads from and writes to: the other end has the same two keys the
	 * other way round. 0: not a pipe or socket, or not known. */
	uint64_t inlet, outlet;
	struct file_sums sums;
};

struct files {
	struct idmap open;
	struct idmap by_name; /* key: hash of name and kind; rows chained */
	struct file_row **rows;
	uint32_t count, room;
	uint64_t *closed; /* ring of ids, oldest at closed_at */
	uint32_t closed_at;
	struct file_sums by_path;	  /* calls that only name a path */
	uint64_t pair_first, pair_thread; /* a socketpair whose second end is awaited; 0 none */
	bool is_full, out_of_memory;
};

/* IO, IO_AT, FD, META, SEEK. */
void files_on_event(struct files *files, const struct record *r);
/* A TEXT of kind `kind` in one piece: TEXT_PATH, TEXT_PATH_AT, TEXT_ADDRESS,
 * TEXT_LOCAL_ADDRESS. */
void files_on_name(struct files *files, uint64_t id, unsigned kind, const char *text,
		   uint32_t bytes);
/* For the sources of files alone. */
struct open_file *files_get(struct files *files, uint64_t id); /* made when it is not there */
void files_fold(struct files *files, struct open_file *file);  /* its sums into its row */
void files_on_socket(struct files *files, struct open_file *file, const struct record *r);
uint64_t file_name_hash(const char *name, unsigned kind);

/* NULL: not open, or never heard of. */
struct open_file *files_open(const struct files *files, uint64_t id);
/* The share of a row's bytes that came or went one after the other; NAN where
 * there is no such thing (pipes, devices, nothing transferred). */
double file_sequential_share(const struct file_row *row);
/* Folds what is open into the rows; call it once, at the end. */
void files_finish(struct files *files);
void files_fini(struct files *files);

/* "file", "pipe", "device"; "inet", "inet6", "unix", "other" for sockets. */
const char *file_kind_name(unsigned kind);

#endif
