/* SPDX-License-Identifier: MIT */
/*
 * What the compiler really did goes before what the calling convention says: it may have
 * taken an argument away, or changed the order of what is left.
 */
#include "arguments.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "debug_info.h"

struct arguments {
	struct debug_info *info; /* NULL: there is none */
};

static const char no_such[] = "it has fewer arguments";
static const char removed[] = "the compiler has taken that argument away";
static const char changed[] =
	"it is a clone whose arguments the compiler has changed, and there is no debug information";
static const char no_return_of_clone[] =
	"it is a clone that the compiler may have taken the result from";
static const char not_understood[] = "the type of its arguments cannot be understood";
static const char is_aggregate[] = "the value is a struct, not a number or a string";
static const char is_integer[] = "the value is an integer, not a floating number";
static const char no_string[] = "the value is not the address of a string";
static const char is_float[] = "the value is a floating number, not an integer or a string";
static const char too_far[] = "the argument lies too far up on the stack";
static const char too_many_floats[] = "no register holds more than 8 floating arguments";
static const char returns_nothing[] = "it returns nothing";
static const char no_integer[] = "it does not return an integer";

int arguments_open(int fd, struct object *o, const char *path, int root_fd, struct arguments **out)
{
	int err;

	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	err = debug_info_open(fd, o, path, root_fd, &(*out)->info);
	return err == -ENOMEM ? err : 0;
}

void arguments_close(struct arguments *a)
{
	if (!a)
		return;
	debug_info_close(a->info);
	free(a);
}

static bool is_float_type(enum plan_type type)
{
	return type == PLAN_f32 || type == PLAN_f64;
}

static bool is_clone(const char *symbol, const char *of)
{
	return strstr(symbol, of) != NULL;
}

/* --- without debug information ---------------------------------------------- */

static const char *by_convention(unsigned argument, enum plan_type type, struct plan_metric *out)
{
	out->type = (uint8_t)type;
	if (!argument) {
		out->source = is_float_type(type) ? PLAN_float_return : PLAN_integer_return;
	} else if (is_float_type(type)) {
		if (argument > 8)
			return too_many_floats;
		out->source = PLAN_float_argument;
		out->index = (uint8_t)(argument - 1);
	} else {
		out->source = argument <= 6 ? PLAN_integer_argument : PLAN_stack_argument;
		out->index = (uint8_t)(argument <= 6 ? argument - 1 : argument - 7);
	}
	return NULL;
}

static const char *blindly(const char *symbol, unsigned argument, enum plan_type type,
			   struct plan_metric *out)
{
	bool is_part = is_clone(symbol, ".isra.") || is_clone(symbol, ".part.");

	if (argument && (is_part || is_clone(symbol, ".constprop.")))
		return changed;
	if (!argument && is_part)
		return no_return_of_clone;
	return by_convention(argument, type, out);
}

/* --- with it ----------------------------------------------------------------- */

/* False: void, or none is told. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, &type) && !dwarf_peel_type(&type, out);
}

enum found { FOUND_nothing, FOUND_register, FOUND_memory };

/* Numbers of registers in DWARF, in the order in which arguments take them. */
static bool set_register(unsigned number, struct plan_metric *out)
{
	static const uint8_t integers[] = { 5, 4, 1, 2, 8, 9 };

	if (number >= 17 && number < 17 + 8) {
		out->source = PLAN_float_argument;
		out->index = (uint8_t)(number - 17);
		return true;
	}
	for (unsigned i = 0; i < sizeof(integers); i++)
		if (integers[i] == number) {
			out->source = PLAN_integer_argument;
			out->index = (uint8_t)i;
			return true;
		}
	return false;
}

/* Where the debug information has the parameter when the function is entered. */
static enum found location_at_entry(Dwarf_Die *parameter, uint64_t entry, struct plan_metric *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *expression;
	size_t length;

	if (!dwarf_attr(parameter, DW_AT_location, &attribute) ||
	    dwarf_getlocation_addr(&attribute, entry, &expression, &length, 1) != 1 || !length)
		return FOUND_nothing;
	if (length == 1 && expression->atom >= DW_OP_reg0 && expression->atom <= DW_OP_reg31)
		return set_register(expression->atom - DW_OP_reg0, out) ? FOUND_register
									: FOUND_nothing;
	if (length == 1 && expression->atom == DW_OP_regx)
		return expression->number < 64 && set_register((unsigned)expression->number, out)
			       ? FOUND_register
			       : FOUND_nothing;
	/* On the stack: of unoptimised code only after it has been put there. */
	return FOUND_memory;
}

/* The type that is asked for must be of the kind that the value is. */
static const char *settle_type(const struct abi_value *value, enum plan_type type,
			       struct plan_metric *out)
{
	if (value->type == PLAN_auto)
		return is_aggregate;
	if (is_float_type(value->type) && type != PLAN_auto && !is_float_type(type))
		return is_float;
	if (!is_float_type(value->type) && is_float_type(type))
		return is_integer;
	if (type == PLAN_text && value->bytes != 8)
		return no_string;
	/* A float is never a double, whatever is said. */
	out->type = (uint8_t)(type == PLAN_auto || is_float_type(type) ? value->type : type);
	return NULL;
}

/* A returned struct that does not fit into registers: its address is a hidden argument. */
static void skip_hidden(Dwarf_Die *function, struct abi_position *position)
{
	struct abi_value value;
	Dwarf_Die type;

	if (!type_of(function, &type) || !abi_classify(&type, &value))
		return;
	if (value.is_reference ||
	    (value.part[0] == ABI_memory && dwarf_tag(&type) != DW_TAG_base_type))
		position->integers++;
}

static bool origin_of(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Attribute attribute;

	return dwarf_attr(die, DW_AT_abstract_origin, &attribute) &&
	       dwarf_formref_die(&attribute, out);
}

/* What a function made of a declared parameter. A clone lists those that are left first. */
static bool made_of(Dwarf_Die *function, Dwarf_Die *declared, Dwarf_Die *out)
{
	Dwarf_Die origin;

	if (dwarf_child(function, out))
		return false;
	do
		if (dwarf_tag(out) == DW_TAG_formal_parameter && origin_of(out, &origin) &&
		    dwarf_dieoffset(&origin) == dwarf_dieoffset(declared))
			return true;
	while (!dwarf_siblingof(out, out));
	return false;
}

static const char *argument_of(Dwarf_Die *function, uint64_t entry, unsigned argument,
			       enum plan_type type, struct plan_metric *out)
{
	struct abi_position position = { 0 };
	struct abi_place place = { 0 };
	struct abi_value value = { 0 };
	Dwarf_Die declared, parameter, of;
	bool is_copy = origin_of(function, &declared), understood = true;
	unsigned n = 0;
	const char *why;
	enum found found;

	skip_hidden(function, &position);
	if (dwarf_child(is_copy ? &declared : function, &parameter))
		return no_such;
	do {
		if (dwarf_tag(&parameter) != DW_TAG_formal_parameter)
			continue;
		n++;
		if (!type_of(&parameter, &of) || !abi_classify(&of, &value))
			understood = false;
		else
			place = abi_next(&position, &value);
		if (n == argument)
			break;
	} while (!dwarf_siblingof(&parameter, &parameter));
	if (n < argument)
		return no_such;
	if (!understood)
		return not_understood;
	why = settle_type(&value, type, out);
	if (why)
		return why;
	if (is_copy) {
		declared = parameter;
		if (!made_of(function, &declared, &parameter))
			return removed;
	}
	found = location_at_entry(&parameter, entry, out);
	if (found == FOUND_register)
		return NULL;
	if (found == FOUND_nothing || !place.source)
		return removed;
	if (place.index > UINT8_MAX)
		return too_far;
	out->source = (uint8_t)place.source;
	out->index = (uint8_t)place.index;
	return NULL;
}

static const char *return_of(Dwarf_Die *function, const char *symbol, enum plan_type type,
			     struct plan_metric *out)
{
	struct abi_value value;
	const char *why;
	Dwarf_Die of;

	if (is_clone(symbol, ".isra.") || is_clone(symbol, ".part."))
		return no_return_of_clone;
	if (!type_of(function, &of))
		return returns_nothing;
	if (!abi_classify(&of, &value))
		return not_understood;
	why = settle_type(&value, type, out);
	if (!why)
		out->source = value.part[0] == ABI_sse ? PLAN_float_return : PLAN_integer_return;
	return why;
}

unsigned arguments_stack_words(struct arguments *a, uint64_t function)
{
	struct abi_position position = { 0 };
	struct abi_value value;
	Dwarf_Die die, declared, parameter, of;
	bool is_copy;

	if (!a || !a->info || !debug_info_function(a->info, function, &die))
		return 0;
	is_copy = origin_of(&die, &declared);
	skip_hidden(&die, &position);
	if (dwarf_child(is_copy ? &declared : &die, &parameter))
		return 0;
	do
		if (dwarf_tag(&parameter) == DW_TAG_formal_parameter && type_of(&parameter, &of) &&
		    abi_classify(&of, &value))
			abi_next(&position, &value);
	while (!dwarf_siblingof(&parameter, &parameter));
	return position.stack_words;
}

const char *arguments_metric(struct arguments *a, uint64_t function, const char *symbol,
			     unsigned argument, enum plan_type type, struct plan_metric *out)
{
	Dwarf_Die die;

	*out = (struct plan_metric){ 0 };
	if (!a || !a->info || !debug_info_function(a->info, function, &die))
		return blindly(symbol, argument, type, out);
	return argument ? argument_of(&die, function, argument, type, out)
			: return_of(&die, symbol, type, out);
}

const char *arguments_fail_type(struct arguments *a, uint64_t function, const char *symbol,
				enum plan_type *type)
{
	struct plan_metric value;
	const char *why = arguments_metric(a, function, symbol, 0, PLAN_auto, &value);

	if (why)
		return why;
	if (value.source != PLAN_integer_return)
		return no_integer;
	*type = value.type == PLAN_text ? PLAN_u64 : value.type;
	return NULL;
}
