/* SPDX-License-Identifier: MIT */
/*
 * The loader calls _dl_debug_state (_r_debug.r_brk), an empty function for debuggers,
 * whenever its list of objects has changed: after new ones were relocated and before
 * their constructors run. Its body is overwritten with a jump to us. dlopen itself
 * is not hooked: glibc looks at its caller.
 */
#include <link.h>
#include <sys/mman.h>

#include "../sys.h"
#include "patch.h"

#define BODY_BYTES 16 /* functions begin at multiples of this */

static void changed(void)
{
	struct probe_thread *t = probe_enter();

	if (t && !probe.no_syscalls)
		patch_new_objects(t);
}

/* endbr64? ret, and from there padding up to the next function. */
static bool is_empty_function(const uint8_t *code, unsigned *entry)
{
	static const uint8_t endbr64[4] = { 0xf3, 0x0f, 0x1e, 0xfa };
	unsigned at = 0;

	while (at < 4 && code[at] == endbr64[at])
		at++;
	*entry = at = at == 4 ? 4 : 0;
	if (code[at++] != 0xc3)
		return false;
	/* nop, int3, and the long nops with all their prefixes and zero operands */
	for (; at < BODY_BYTES; at++)
		switch (code[at]) {
		case 0x00:
		case 0x0f:
		case 0x1f:
		case 0x2e:
		case 0x40:
		case 0x44:
		case 0x66:
		case 0x80:
		case 0x84:
		case 0x90:
		case 0xcc:
			break;
		default:
			return false;
		}
	return true;
}

bool rdebug_hook(void)
{
	/* jmp [rip]; address */
	uint8_t far[14] = { 0xff, 0x25 }, near[5] = { 0xe9 }, body[BODY_BYTES];
	uintptr_t function = (uintptr_t)_r_debug.r_brk, target = (uintptr_t)changed;
	struct code_writer writer;
	uint32_t distance;
	unsigned entry;
	bool done = false;
	uint8_t *room;

	if (!function || function % BODY_BYTES)
		return false;
	code_open(&writer);
	code_read(&writer, function, body, sizeof(body));
	if (!is_empty_function(body, &entry))
		goto out;
	function += entry;
	room = code_room(function, function + BODY_BYTES, 4096);
	if (!room)
		goto out;
	for (unsigned i = 0; i < 8; i++)
		far[6 + i] = (uint8_t)(target >> 8 * i);
	for (unsigned i = 0; i < sizeof(far); i++)
		room[i] = far[i];
	distance = (uint32_t)((uintptr_t)room - (function + sizeof(near)));
	for (unsigned i = 0; i < 4; i++)
		near[1 + i] = (uint8_t)(distance >> 8 * i);
	done = sys3(SYS_mprotect, room, 4096, PROT_READ | PROT_EXEC) == 0 &&
	       code_write(&writer, function, near, sizeof(near)) == 0;
	if (!done)
		sys2(SYS_munmap, room, 4096);
out:
	code_close(&writer);
	return done;
}
