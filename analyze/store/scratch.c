/* SPDX-License-Identifier: MIT */
/*
 * Small things in a file without a name.
 */
#include "scratch.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where no file can be made: in memory that the kernel keeps. */
static FILE *open_file(void)
{
	FILE *file = tmpfile();
	int fd;

	if (file)
		return file;
	fd = memfd_create("tpprobe", MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	file = fdopen(fd, "w+");
	if (!file)
		close(fd);
	return file;
}

int scratch_put(struct scratch *scratch, const void *data, size_t bytes, uint64_t *place)
{
	if (bytes > SCRATCH_MAX)
		return -EINVAL;
	if (!scratch->file && !(scratch->file = open_file()))
		return -errno;
	if (fwrite(data, 1, bytes, scratch->file) != bytes)
		return errno ? -errno : -EIO;
	*place = scratch->bytes << SCRATCH_SIZE_BITS | bytes;
	scratch->bytes += bytes;
	return 0;
}

int scratch_get(struct scratch *scratch, uint64_t place, void *data, size_t *bytes)
{
	ssize_t got;

	*bytes = place & SCRATCH_MAX;
	if (fflush(scratch->file)) /* costs nothing when there is nothing to write */
		return errno ? -errno : -EIO;
	got = pread(fileno(scratch->file), data, *bytes, (off_t)(place >> SCRATCH_SIZE_BITS));
	return got == (ssize_t)*bytes ? 0 : got < 0 ? -errno : -EIO;
}

void scratch_fini(struct scratch *scratch)
{
	if (scratch->file)
		fclose(scratch->file);
	*scratch = (struct scratch){ 0 };
}
