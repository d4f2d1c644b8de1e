/* SPDX-License-Identifier: MIT */
/*
 * Objects of a program image: what was mapped where, and when. A library that
 * dlopen brought may be told long after it was mapped, and one that dlclose took
 * away may make room for another at the same place.
 */
#ifndef TPPROBE_MODULES_H
#define TPPROBE_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;
struct record;
struct thread;

struct module {
	uint64_t base, size;
	uint64_t told, gone; /* stamps of MODULE and MODULE_GONE; STAMP_NEVER: still there */
	char *name;	     /* of the file, without its directory */
};

/* MODULE (its name came in a TEXT_MODULE before) and MODULE_GONE. */
void modules_on_event(struct thread *thread, const struct record *r);
/* The one that was mapped there at this moment: told before and not gone; else the
 * first that was told afterwards. NULL: none. An image that a fork made has those
 * of its origin too. */
const struct module *modules_find(const struct image *image, uint64_t addr, uint64_t stamp);
/* "name+0x1234" into text, of an address at this moment; false: in no module. */
bool modules_place(const struct image *image, uint64_t addr, uint64_t stamp, char *text,
		   size_t room);

#endif
