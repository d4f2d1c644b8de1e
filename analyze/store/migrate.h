/* SPDX-License-Identifier: MIT */
/*
 * Stores of older versions: what brings them up to STORE_VERSION.
 */
#ifndef TPPROBE_MIGRATE_H
#define TPPROBE_MIGRATE_H

#include "store.h"

/* All steps in one transaction: the store is as it was or of the newest version.
 * 0, or -errno with a sentence. */
int store_migrate(const struct store *store, struct fault *fault);

#endif
