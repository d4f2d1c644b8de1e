/* SPDX-License-Identifier: MIT */
/* Types to classes of registers. */
#include "abi.h"

#include <dwarf.h>
#include <string.h>

#define DEPTH_MAX 16 /* of types in each other; deeper ones are not understood */
#define MEMBERS_MAX 256

static bool classify(Dwarf_Die *type, struct abi_value *out, unsigned depth);

/* The type that an entry says it has, without typedefs and qualifiers. False: none (void). */
static bool peeled_type_of(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, &type) && !dwarf_peel_type(&type, out);
}

static void set_integer(struct abi_value *out, enum plan_type type)
{
	out->part[0] = ABI_integer;
	out->type = type;
}

static enum plan_type integer_type(uint64_t bytes, bool is_signed)
{
	switch (bytes) {
	case 1:
		return is_signed ? PLAN_i8 : PLAN_u8;
	case 2:
		return is_signed ? PLAN_i16 : PLAN_u16;
	case 4:
		return is_signed ? PLAN_i32 : PLAN_u32;
	default:
		return is_signed ? PLAN_i64 : PLAN_u64;
	}
}

/* `char *`: nearly always a string. Not `unsigned char *`, which are bytes. */
static bool points_to_char(Dwarf_Die *type)
{
	Dwarf_Die of;
	const char *name;

	return peeled_type_of(type, &of) && dwarf_tag(&of) == DW_TAG_base_type &&
	       (name = dwarf_diename(&of)) && !strcmp(name, "char");
}

static bool classify_base(Dwarf_Die *type, struct abi_value *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Word encoding;

	if (!dwarf_attr(type, DW_AT_encoding, &attribute) || dwarf_formudata(&attribute, &encoding))
		return false;
	out->is_aligned_16 = out->bytes == 16;
	switch (encoding) {
	case DW_ATE_float:
		if (out->bytes == 4 || out->bytes == 8) {
			out->part[0] = ABI_sse;
			out->type = out->bytes == 4 ? PLAN_f32 : PLAN_f64;
		} else {
			out->part[0] = out->bytes == 2 ? ABI_sse : ABI_memory; /* long double */
		}
		return true;
	case DW_ATE_complex_float:
		out->part[0] = out->bytes <= 16 ? ABI_sse : ABI_memory;
		out->part[1] = out->bytes == 16 ? ABI_sse : ABI_none;
		out->is_aligned_16 = out->bytes > 16;
		return true;
	case DW_ATE_boolean:
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		out->part[0] = ABI_integer;
		if (out->bytes == 16)
			out->part[1] = ABI_integer;
		else
			out->type =
				integer_type(out->bytes, encoding == DW_ATE_signed ||
								 encoding == DW_ATE_signed_char);
		return out->bytes == 16 || (out->bytes <= 8 && out->bytes > 0);
	}
	return false;
}

static void merge(enum abi_class *into, enum abi_class with)
{
	if (*into == ABI_memory || with == ABI_memory)
		*into = ABI_memory;
	else if (*into == ABI_integer || with == ABI_integer)
		*into = ABI_integer;
	else if (with == ABI_sse)
		*into = ABI_sse;
}

/* What lies at this offset of an aggregate of at most 16 bytes. */
static bool merge_at(struct abi_value *out, Dwarf_Die *type, uint64_t offset, unsigned depth)
{
	struct abi_value value;

	if (!classify(type, &value, depth + 1))
		return false;
	if (value.bytes > 16 || offset > 16 - value.bytes) {
		out->part[0] = ABI_memory;
		return true;
	}
	merge(&out->part[offset / 8 ? 1 : 0], value.part[0]);
	if (value.part[1])
		merge(&out->part[1], value.part[1]);
	else if (value.bytes > 8 - offset % 8) /* an array that goes on in the second half */
		merge(&out->part[1], value.part[0]);
	return true;
}

static bool classify_array(Dwarf_Die *type, struct abi_value *out, unsigned depth)
{
	struct abi_value element;
	Dwarf_Die of;

	if (!peeled_type_of(type, &of) || !classify(&of, &element, depth + 1))
		return false;
	if (dwarf_hasattr(type, DW_AT_GNU_vector)) {
		out->part[0] = ABI_sse;
		out->is_one_vector = true;
		out->is_aligned_16 = out->bytes >= 16;
		return true;
	}
	out->part[0] = element.part[0];
	if (out->bytes > 8)
		out->part[1] = element.part[1] ? element.part[1] : element.part[0];
	return true;
}

static bool offset_of(Dwarf_Die *member, uint64_t *offset)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;

	if (dwarf_attr(member, DW_AT_data_bit_offset, &attribute)) {
		if (dwarf_formudata(&attribute, &value))
			return false;
		*offset = value / 8;
		return true;
	}
	if (dwarf_attr(member, DW_AT_data_member_location, &attribute) &&
	    dwarf_formudata(&attribute, &value))
		return false;
	*offset = value;
	return true;
}

static bool classify_members(Dwarf_Die *type, struct abi_value *out, unsigned depth)
{
	Dwarf_Die member, of;
	unsigned members = 0;

	if (dwarf_child(type, &member))
		return true; /* empty */
	do {
		uint64_t offset;
		int tag = dwarf_tag(&member);

		if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
			continue;
		if (dwarf_hasattr(&member, DW_AT_external))
			continue; /* static */
		if (++members > MEMBERS_MAX || !offset_of(&member, &offset) ||
		    !peeled_type_of(&member, &of) || !merge_at(out, &of, offset, depth))
			return false;
	} while (!dwarf_siblingof(&member, &member));
	return true;
}

static bool classify_aggregate(Dwarf_Die *type, struct abi_value *out, unsigned depth)
{
	Dwarf_Attribute attribute;
	Dwarf_Word how;

	if (dwarf_attr(type, DW_AT_calling_convention, &attribute) &&
	    !dwarf_formudata(&attribute, &how) && how == DW_CC_pass_by_reference) {
		out->part[0] = ABI_integer;
		out->is_reference = true;
		out->bytes = 8;
		return true;
	}
	if (out->bytes > 16)
		out->part[0] = ABI_memory;
	else if (!classify_members(type, out, depth))
		return false;
	if (out->part[1] == ABI_memory)
		out->part[0] = ABI_memory;
	return true;
}

static bool classify(Dwarf_Die *type, struct abi_value *out, unsigned depth)
{
	Dwarf_Die of;
	Dwarf_Word bytes;

	*out = (struct abi_value){ 0 };
	if (depth > DEPTH_MAX || dwarf_aggregate_size(type, &bytes))
		bytes = 0;
	out->bytes = bytes;
	if (depth > DEPTH_MAX)
		return false;
	switch (dwarf_tag(type)) {
	case DW_TAG_base_type:
		return classify_base(type, out);
	case DW_TAG_enumeration_type:
		set_integer(out, integer_type(bytes, bytes == 4));
		if (peeled_type_of(type, &of) && dwarf_tag(&of) == DW_TAG_base_type)
			return classify_base(&of, out);
		return bytes > 0 && bytes <= 8;
	case DW_TAG_pointer_type:
		set_integer(out, points_to_char(type) ? PLAN_text : PLAN_u64);
		out->bytes = 8;
		return true;
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
	case DW_TAG_unspecified_type: /* nullptr_t */
		set_integer(out, PLAN_u64);
		out->bytes = 8;
		return true;
	case DW_TAG_ptr_to_member_type:
		out->part[0] = ABI_integer;
		out->bytes = 8;
		if (peeled_type_of(type, &of) && dwarf_tag(&of) == DW_TAG_subroutine_type) {
			out->part[1] = ABI_integer;
			out->bytes = 16;
		}
		return true;
	case DW_TAG_array_type:
		return classify_array(type, out, depth);
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		return classify_aggregate(type, out, depth);
	}
	return false;
}

bool abi_classify(Dwarf_Die *type, struct abi_value *out)
{
	return classify(type, out, 0);
}

static struct abi_place on_stack(struct abi_position *p, const struct abi_value *v)
{
	struct abi_place place = { .source = PLAN_stack_argument };

	if (v->is_aligned_16)
		p->stack_words += p->stack_words & 1;
	place.index = p->stack_words;
	p->stack_words += (unsigned)((v->bytes + 7) / 8);
	return place;
}

struct abi_place abi_next(struct abi_position *p, const struct abi_value *v)
{
	unsigned integers = (v->part[0] == ABI_integer) + (v->part[1] == ABI_integer);
	unsigned vectors = (v->part[0] == ABI_sse) + (v->part[1] == ABI_sse);
	struct abi_place place = { 0 };

	if (v->part[0] == ABI_memory)
		return on_stack(p, v);
	if (v->part[0] == ABI_none && v->part[1] == ABI_none)
		return place; /* empty */
	/* All of it in registers, or none. */
	if (p->integers + integers > 6 || p->vectors + vectors > 8)
		return on_stack(p, v);
	if (v->part[0] == ABI_integer)
		place = (struct abi_place){ PLAN_integer_argument, p->integers };
	else if (v->part[0] == ABI_sse)
		place = (struct abi_place){ PLAN_float_argument, p->vectors };
	p->integers += integers;
	p->vectors += vectors;
	return place;
}
