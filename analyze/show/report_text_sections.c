/* SPDX-License-Identifier: MIT */
/*
 * The sections of the text report that are a table of one statement each.
 */
#include <errno.h>

#include "format.h"
#include "report.h"
#include "rows.h"
#include "table.h"

#define ROWS_DEFAULT 10
#define CELLS 10
#define NAME_ROOM 200

/* Columns of a statement: f text, e path, s seconds, b bytes, c count, p share, r ratio,
 * m MiB. */
static const struct section {
	const char *title, *columns, *types, *sql;
} sections[] = {
	{ "Files (SEQ: the share that was read or written one after the other)",
	  "~PATH OPENS READS READ WRITES WRITTEN SEQ META TIME", "eccbcbpcs",
	  "SELECT path, opens, read_count, read_bytes, write_count, write_bytes, "
	  "sequential_share, metadata_count, seconds FROM files WHERE run_id = ? ORDER BY number" },
	{ "Network", "~ADDRESS <FAMILY RECEIVED SENT TIME", "ffbbs",
	  "SELECT address, family, received_bytes, sent_bytes, seconds FROM peers "
	  "WHERE run_id = ? ORDER BY number" },
	{ "Locks that somebody waited for", "~LOCK WAITS TOTAL LONGEST HELD ~PLACE", "fcsssf",
	  "SELECT name, contended, wait_seconds, max_wait_seconds, contended_hold_seconds, "
	  "ifnull(place, site) FROM locks WHERE run_id = ? ORDER BY number" },
	{ "Who made whom wait", "~TASK TID <BY WAITS TIME ~FOR TID", "fcfcsfc",
	  "SELECT t.name, t.tid, w.kind, sum(w.count), sum(w.seconds), f.name, f.tid FROM wakes w "
	  "JOIN tasks f ON f.run_id = w.run_id AND f.id = w.from_task "
	  "JOIN tasks t ON t.run_id = w.run_id AND t.id = w.to_task "
	  "WHERE w.run_id = ? AND w.seconds > 0 "
	  "GROUP BY t.name, t.pid, t.tid, w.kind, f.name, f.pid, f.tid "
	  "ORDER BY 5 DESC, min(w.number)" },
	{ "Exceptions", "~TYPE ~TASK TID COUNT", "ffcc",
	  "SELECT e.type, t.name, t.tid, sum(e.count) FROM exceptions e "
	  "JOIN tasks t ON t.run_id = e.run_id AND t.id = e.task_id "
	  "WHERE e.run_id = ? GROUP BY e.type, t.name, t.pid, t.tid "
	  "ORDER BY 4 DESC, e.type, min(e.task_id)" },
	{ "Workers (main threads of processes, and threads)",
	  "AVERAGE-RUNNING MOST-ALIVE CORES MEMORY-LIMIT", "rccm",
	  "SELECT workers_average, workers_peak, cpu_cores, memory_limit_mb FROM runs "
	  "WHERE id = ? AND workers_peak > 0" },
	{ "Programs that were not captured", "~PROGRAM PID CPU MEMORY <WHY", "fcsmf",
	  "SELECT program, pid, cpu_seconds, peak_rss_mb, why FROM uninstrumented "
	  "WHERE run_id = ? ORDER BY number" },
};

struct section_rows {
	FILE *out;
	const struct section *section;
	const struct report_options *options;
	struct table table;
	int64_t rows, limit;
};

static const char *cell_text(char *cell, char type, sqlite3_stmt *s, int column)
{
	double number = row_real(s, column);

	switch (type) {
	case 'f':
		return format_safe(cell, NAME_ROOM, row_text(s, column));
	case 'e':
		return format_path(cell, NAME_ROOM, row_text(s, column));
	case 's':
		return format_seconds(cell, number);
	case 'b':
		return format_short_bytes(cell, number);
	case 'm':
		return format_short_bytes(cell, number * 1048576);
	case 'p':
		return format_percent(cell, number);
	case 'r':
		return format_ratio(cell, number);
	default:
		return format_count(cell, number);
	}
}

static int section_row(void *to, sqlite3_stmt *s)
{
	struct section_rows *rows = to;
	char cell[CELLS][NAME_ROOM];
	const char *text[CELLS];

	if (!rows->rows++) {
		report_text_heading(rows->out, rows->options, rows->section->title);
		if (table_init(&rows->table, rows->out, rows->section->columns))
			return -ENOMEM;
	}
	if (rows->rows > rows->limit)
		return 0;
	for (int i = 0; rows->section->types[i]; i++)
		text[i] = cell_text(cell[i], rows->section->types[i], s, i);
	return table_line(&rows->table, NULL, text) ? 0 : -ENOMEM;
}

int report_text_sections(const struct store *store, int64_t run_id,
			 const struct report_options *options, FILE *out, struct fault *fault)
{
	int err = 0;

	for (unsigned i = 0; !err && i < sizeof(sections) / sizeof(sections[0]); i++) {
		struct section_rows rows = { .out = out,
					     .section = &sections[i],
					     .options = options,
					     .limit = report_text_top(options, ROWS_DEFAULT) };

		err = rows_each(store, run_id, sections[i].sql, section_row, &rows, fault);
		if (!rows.rows)
			continue;
		table_print(&rows.table);
		if (rows.rows > rows.limit)
			fprintf(out, "... %lld more; --top N or --all shows them\n",
				(long long)(rows.rows - rows.limit));
	}
	return err;
}
