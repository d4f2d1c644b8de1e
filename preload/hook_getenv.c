/* SPDX-License-Identifier: MIT */
/*
 * Programs that use Intel ITT ask for the collector's library by an environment variable,
 * at their first mark. It is not in the environment, which stays the program's own, but
 * in the answer to this one question, unless the user has set it. The answer is our name
 * in the loader's list: loading that opens no file.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "itt.h"
#include "probe.h"
#include "real.h"

static char *own_name(void)
{
	struct dl_find_object object;

	if (_dl_find_object((void *)getenv, &object) != 0 || !object.dlfo_link_map->l_name[0])
		return NULL;
	return object.dlfo_link_map->l_name;
}

static char *answer(const char *name, char *value)
{
	if (likely(value || name[0] != 'I') || strcmp(name, ITT_VARIABLE) != 0 ||
	    probe.state != PROBE_on)
		return value;
	return own_name();
}

char *getenv(const char *name)
{
	return answer(name, likely(real_getenv != NULL) ? real_getenv(name)
							: (char *)environment_get(environ, name));
}

/* Where it differs from getenv the probe is off (AT_SECURE). */
char *secure_getenv(const char *name)
{
	return answer(name, likely(real_secure_getenv != NULL) ? real_secure_getenv(name) : NULL);
}
