/* SPDX-License-Identifier: MIT */
/*
 * Debug files as gdb looks for them:
 *
 *	/usr/lib/debug/.build-id/ab/cdef….debug
 *	DIR/NAME  DIR/.debug/NAME  /usr/lib/debug/DIR/NAME   with NAME of .gnu_debuglink
 */
#include "debug_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEBUG_DIR "/usr/lib/debug"
#define DATA_PACKED_MAX (UINT64_C(64) << 20)
#define DATA_MAX (UINT64_C(512) << 20)
#define LZMA_MEMORY_MAX (UINT64_C(256) << 20)

/* Kernels before 5.6, and some containers, cannot keep links within the root directory. */
static int open_below(int root_fd, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	char whole[PATH_MAX];
	int fd;

	if (root_fd < 0)
		return open(path, O_PATH | O_CLOEXEC);
	fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	if (snprintf(whole, sizeof(whole), "/proc/self/fd/%d/%s", root_fd, path) >=
	    (int)sizeof(whole)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(whole, O_PATH | O_CLOEXEC);
}

int debug_file_open_path(int root_fd, const char *path)
{
	char again[32];
	struct stat st;
	int at, fd;

	at = open_below(root_fd, path);
	if (at < 0)
		return -errno;
	/* Looked at before it is opened: opening a device may do something. */
	if (fstat(at, &st) || !S_ISREG(st.st_mode)) {
		close(at);
		return -EINVAL;
	}
	snprintf(again, sizeof(again), "/proc/self/fd/%d", at);
	fd = open(again, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(at);
	return fd;
}

static bool same_build_id(const struct object *a, const struct object *b)
{
	struct object_bytes x = object_build_id(a), y = object_build_id(b);

	return x.at && y.at && x.bytes == y.bytes && !memcmp(x.at, y.at, x.bytes);
}

static bool has_checksum(int fd, uint32_t wanted)
{
	uint8_t piece[1 << 15];
	uint32_t sum = 0;
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
		sum = lzma_crc32(piece, (size_t)n, sum);
		at += n;
	}
	return !n && sum == wanted;
}

/* Does this file belong to it? The descriptor is closed when not. */
static int take(struct object *o, int fd, const uint32_t *checksum, struct object **out)
{
	struct object *debug = NULL;

	if (fd < 0)
		return fd;
	if (!object_open(fd, &debug)) {
		bool known = object_build_id(o).at && object_build_id(debug).at;

		if (known ? same_build_id(o, debug) : checksum && has_checksum(fd, *checksum)) {
			*out = debug;
			return fd;
		}
		object_close(debug);
	}
	close(fd);
	return -ENOENT;
}

/* In the root directory of the process, then in ours. */
static int try_path(struct object *o, int root_fd, const char *path, const uint32_t *checksum,
		    struct object **out)
{
	int fd = take(o, debug_file_open_path(root_fd, path), checksum, out);

	if (fd < 0 && root_fd >= 0)
		fd = take(o, debug_file_open_path(-1, path), checksum, out);
	return fd;
}

static int find_by_id(struct object *o, int root_fd, struct object **out)
{
	struct object_bytes id = object_build_id(o);
	char path[sizeof(DEBUG_DIR) + 160];
	int n;

	if (!id.at || id.bytes < 2 || id.bytes > 64)
		return -ENOENT;
	n = snprintf(path, sizeof(path), DEBUG_DIR "/.build-id/%02x/", id.at[0]);
	for (uint64_t i = 1; i < id.bytes; i++)
		n += snprintf(path + n, sizeof(path) - (size_t)n, "%02x", id.at[i]);
	snprintf(path + n, sizeof(path) - (size_t)n, ".debug");
	return try_path(o, root_fd, path, NULL, out);
}

static int find_by_link(struct object *o, const char *path, int root_fd, struct object **out)
{
	static const char *const places[] = { "%.*s/%s", "%.*s/.debug/%s", DEBUG_DIR "%.*s/%s" };
	const struct object_section *section = object_section_named(o, ".gnu_debuglink");
	struct object_bytes link = { 0 };
	const char *slash = path ? strrchr(path, '/') : NULL, *name;
	char at[PATH_MAX];
	uint32_t checksum;
	size_t length;
	int fd = -ENOENT;

	if (section && slash)
		link = object_section_bytes(o, section);
	if (!link.at)
		return -ENOENT;
	name = (const char *)link.at;
	length = strnlen(name, link.bytes);
	/* The name with its NUL, up to a multiple of 4, then the checksum. */
	if (!length || length > NAME_MAX || (length / 4 + 1) * 4 + 4 > link.bytes ||
	    memchr(name, '/', length))
		return -ENOENT;
	memcpy(&checksum, link.at + (length / 4 + 1) * 4, 4);
	for (unsigned i = 0; fd < 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(at, sizeof(at), places[i], (int)(slash - path), path, name) <
		    (int)sizeof(at))
			fd = try_path(o, root_fd, at, &checksum, out);
	}
	return fd;
}

int debug_file_find(struct object *o, const char *path, int root_fd, struct object **out)
{
	int fd = find_by_id(o, root_fd, out);

	return fd >= 0 ? fd : find_by_link(o, path, root_fd, out);
}

static int write_all(int fd, const uint8_t *at, size_t bytes)
{
	while (bytes) {
		ssize_t n = write(fd, at, bytes);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			bytes -= (size_t)n;
		}
	}
	return 0;
}

/* From xz to a file in memory. */
static int unpack(struct object_bytes packed, int fd)
{
	uint8_t piece[1 << 15];
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret got = lzma_stream_decoder(&stream, LZMA_MEMORY_MAX, 0);
	int err = 0;

	stream.next_in = packed.at;
	stream.avail_in = packed.bytes;
	while (got == LZMA_OK && !err) {
		stream.next_out = piece;
		stream.avail_out = sizeof(piece);
		got = lzma_code(&stream, LZMA_FINISH);
		err = write_all(fd, piece, sizeof(piece) - stream.avail_out);
		if (stream.total_out > DATA_MAX)
			err = -EFBIG;
	}
	lzma_end(&stream);
	return err ? err : got == LZMA_STREAM_END ? 0 : -EBADMSG;
}

int debug_data_open(struct object *o, struct object **out)
{
	const struct object_section *section = object_section_named(o, ".gnu_debugdata");
	struct object_bytes packed = { 0 };
	int fd, err;

	if (section && section->bytes <= DATA_PACKED_MAX)
		packed = object_section_bytes(o, section);
	if (!packed.at)
		return -ENOENT;
	fd = memfd_create("debugdata", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = unpack(packed, fd);
	if (!err)
		err = object_open(fd, out);
	close(fd);
	return err;
}
