/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, in one sentence for the user.
 */
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *fault, int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	return err;
}
