/* SPDX-License-Identifier: MIT */
/*
 * The output formats of a report.
 */
#include <stddef.h>

#include "report.h"

const struct report_format report_formats[] = {
	{ "text", report_text }, { "json", report_json }, { "md", NULL },
	{ "html", NULL },	 { "csv", NULL },	  { "pdf", NULL },
	{ "collapsed", NULL },	 { "nextflow", NULL },	  { "snakemake", NULL },
	{ NULL, NULL },
};
