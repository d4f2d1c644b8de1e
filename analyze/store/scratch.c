/* SPDX-License-Identifier: MIT */
/*
 * Small things in a file without a name.
 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int scratch_open(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir == '/' ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Where no such file can be made: in memory that the kernel keeps. */
	if (fd < 0)
		fd = memfd_create("tpprobe", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_file(struct scratch *scratch)
{
	int fd = scratch_open();

	if (fd < 0)
		return fd;
	scratch->file = fdopen(fd, "w+e");
	if (scratch->file)
		return 0;
	close(fd);
	return -ENOMEM;
}

int scratch_put(struct scratch *scratch, const void *data, size_t bytes, uint64_t *place)
{
	if (bytes > SCRATCH_MAX)
		return -EINVAL;
	if (!scratch->file) {
		int err = open_file(scratch);

		if (err)
			return err;
	}
	if (fwrite(data, 1, bytes, scratch->file) != bytes)
		return errno ? -errno : -EIO;
	*place = scratch->bytes << SCRATCH_SIZE_BITS | bytes;
	scratch->bytes += bytes;
	return 0;
}

static int move_window(struct scratch *scratch, uint64_t at)
{
	ssize_t got;

	scratch->window_at = at / (SCRATCH_WINDOW / 2) * (SCRATCH_WINDOW / 2);
	scratch->window_bytes = 0;
	if (fflush(scratch->file)) /* costs nothing when there is nothing to write */
		return errno ? -errno : -EIO;
	got = pread(fileno(scratch->file), scratch->window, SCRATCH_WINDOW,
		    (off_t)scratch->window_at);
	if (got < 0)
		return -errno;
	scratch->window_bytes = (size_t)got;
	return 0;
}

int scratch_get(struct scratch *scratch, uint64_t place, void *data, size_t *bytes)
{
	uint64_t at = place >> SCRATCH_SIZE_BITS;

	*bytes = place & SCRATCH_MAX;
	if (at < scratch->window_at || at - scratch->window_at + *bytes > scratch->window_bytes) {
		int err = move_window(scratch, at);

		if (err)
			return err;
	}
	if (at - scratch->window_at + *bytes > scratch->window_bytes)
		return -EIO;
	memcpy(data, scratch->window + (at - scratch->window_at), *bytes);
	return 0;
}

void scratch_fini(struct scratch *scratch)
{
	if (scratch->file)
		fclose(scratch->file);
	*scratch = (struct scratch){ 0 };
}
