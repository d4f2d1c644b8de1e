/* SPDX-License-Identifier: MIT */
#include "frame_cie.h"

#include <dwarf.h>

#define AUGMENTATION_MAX 16

uint64_t frame_pointer_read(const struct frame_section *s, struct reader *r, uint8_t encoding)
{
	uint64_t place = s->address + r->at, value;

	switch (encoding & 0x0f) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		value = read_bytes(r, 8);
		break;
	case DW_EH_PE_udata2:
		value = read_bytes(r, 2);
		break;
	case DW_EH_PE_sdata2:
		value = (uint64_t)read_signed(r, 2);
		break;
	case DW_EH_PE_udata4:
		value = read_bytes(r, 4);
		break;
	case DW_EH_PE_sdata4:
		value = (uint64_t)read_signed(r, 4);
		break;
	case DW_EH_PE_uleb128:
		value = read_uleb(r);
		break;
	case DW_EH_PE_sleb128:
		value = (uint64_t)read_sleb(r);
		break;
	default:
		r->failed = true;
		return 0;
	}
	switch (encoding & 0xf0) {
	case 0:
		return value;
	case DW_EH_PE_pcrel:
		return place + value;
	default: /* indirect, relative to text, data or function: no linker for x86-64 writes them */
		r->failed = true;
		return 0;
	}
}

/* The letters of the augmentation say what its data holds, in their order. */
static void read_augmentation(const struct frame_section *s, struct reader *r, const char *letters,
			      struct frame_cie *out)
{
	uint64_t bytes, data;

	if (letters[0] != 'z') {
		r->failed |= letters[0] != 0;
		return;
	}
	out->has_size = true;
	bytes = read_uleb(r);
	data = r->at;
	for (const char *letter = letters + 1; *letter && !r->failed; letter++)
		switch (*letter) {
		case 'R':
			out->encoding = (uint8_t)read_bytes(r, 1);
			break;
		case 'L':
			read_bytes(r, 1);
			break;
		case 'P': /* its value may be indirect: only its width matters */
			frame_pointer_read(s, r, (uint8_t)read_bytes(r, 1) & 0x0f);
			break;
		case 'S':
			out->is_signal = true;
			break;
		default: /* the size says where it ends, but not what it means */
			r->failed = true;
		}
	if (r->failed || r->at - data > bytes)
		r->failed = true;
	else
		read_skip(r, bytes - (r->at - data));
}

bool frame_cie_read(const struct frame_section *s, uint64_t at, struct frame_cie *out)
{
	struct reader r = reader_of(s->bytes, at, s->bytes.bytes);
	char letters[AUGMENTATION_MAX];
	uint64_t bytes = read_bytes(&r, 4), id;
	bool is_wide = bytes == 0xffffffff;
	unsigned version, n;

	*out = (struct frame_cie){ 0 };
	if (is_wide)
		bytes = read_bytes(&r, 8);
	if (r.failed || bytes > r.end - r.at)
		return false;
	r.end = r.at + bytes;
	id = read_bytes(&r, is_wide && s->is_debug ? 8 : 4);
	if (s->is_debug ? id != (is_wide ? UINT64_MAX : 0xffffffff) : id != 0)
		return false;
	version = (unsigned)read_bytes(&r, 1);
	for (n = 0; n < sizeof(letters); n++) {
		letters[n] = (char)read_bytes(&r, 1);
		if (!letters[n])
			break;
	}
	if (n == sizeof(letters) || version < 1 || version == 2 || version > 4)
		return false;
	if (version == 4 && (read_bytes(&r, 1) != 8 || read_bytes(&r, 1) != 0))
		return false; /* addresses of 8 bytes, no segments */
	out->code_align = read_uleb(&r);
	out->data_align = read_sleb(&r);
	if (version == 1)
		read_bytes(&r, 1);
	else
		read_uleb(&r); /* the return address' column */
	read_augmentation(s, &r, letters, out);
	out->program = r.at;
	out->program_end = r.end;
	return !r.failed;
}
