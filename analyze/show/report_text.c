/* SPDX-License-Identifier: MIT */
/*
 * The report for people: what ran and how it ended, what took longest, the tree
 * of tasks, the sections (report_text_sections.c), and what to know about the data.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../idmap.h"
#include "format.h"
#include "report.h"
#include "rows.h"
#include "table.h"

#define LONGEST_DEFAULT 10
#define TREE_DEFAULT 40
#define NAME_ROOM 200

struct text {
	const struct store *store;
	int64_t run_id;
	const struct report_options *options;
	FILE *out;
	struct fault *fault;
	struct metrics totals;
	struct table table;
	struct idmap lines; /* of the task tree, by task id */
	int64_t rows;
	int64_t inside; /* functions and marked tasks */
};

int64_t report_text_top(const struct report_options *options, int64_t standard)
{
	return options->all ? ROWS_ALL : options->top ? options->top : standard;
}

void report_text_heading(FILE *out, const struct report_options *options, const char *title)
{
	fprintf(out, options->colours ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

/* "['a', 'b c']" as a shell line; long ones are cut. */
static void put_command(const struct text *t, const char *json)
{
	char line[NAME_ROOM * 2], safe[NAME_ROOM * 2];
	size_t n = 0;
	int in_text = 0;

	for (const char *c = json; *c && n + 2 < sizeof(line); c++) {
		if (*c == '"') {
			in_text = !in_text;
		} else if (in_text) {
			if (*c == '\\' && c[1] && c[1] != 'u')
				c++;
			line[n++] = *c;
		} else if (*c == ',') {
			line[n++] = ' ';
		}
	}
	line[n] = '\0';
	format_safe(safe, sizeof(safe), line);
	if (strlen(safe) > TABLE_WIDTH - 12)
		fprintf(t->out, "  command   %.*s...\n", TABLE_WIDTH - 15, safe);
	else
		fprintf(t->out, "  command   %s\n", safe);
}

static const char *ending(char *text, const char *status, int64_t code, int64_t signal)
{
	if (signal > 0)
		snprintf(text, FORMAT_SIZE, "%s (%s)", status,
			 sigabbrev_np((int)signal) ? sigabbrev_np((int)signal) : "signal");
	else if (code > 0)
		snprintf(text, FORMAT_SIZE, "%s (%lld)", status, (long long)code);
	else
		snprintf(text, FORMAT_SIZE, "%s", status);
	return text;
}

static int summary_row(void *to, sqlite3_stmt *s)
{
	struct text *t = to;
	const double *v = t->totals.value;
	char a[FORMAT_SIZE], b[FORMAT_SIZE], c[FORMAT_SIZE], d[FORMAT_SIZE], name[NAME_ROOM];
	time_t started = sqlite3_column_int64(s, 7) / 1000000000;
	char when[64];
	struct tm tm;

	localtime_r(&started, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	format_safe(name, sizeof(name), row_text(s, 1));
	fprintf(t->out,
		t->options->colours ? "\033[1mrun %lld: %s\033[0m, %s\n" : "run %lld: %s, %s\n",
		(long long)sqlite3_column_int64(s, 0), name,
		ending(a, row_text(s, 3), row_int(s, 4), row_int(s, 5)));
	put_command(t, row_text(s, 2));
	fprintf(t->out, "  started   %s on %s\n", when, format_safe(name, 60, row_text(s, 6)));
	fprintf(t->out, "  time      %s elapsed, %s CPU (%s user, %s system)\n",
		format_seconds(a, v[METRIC_runtime_seconds]),
		format_seconds(b, v[METRIC_cpu_user_seconds] + v[METRIC_cpu_system_seconds]),
		format_seconds(c, v[METRIC_cpu_user_seconds]),
		format_seconds(d, v[METRIC_cpu_system_seconds]));
	fprintf(t->out, "  memory    %s peak, %s in the largest process; %s allocations\n",
		format_bytes(a, v[METRIC_memory_usage_peak_mb] * 1048576),
		format_bytes(b, v[METRIC_memory_usage_peak_process_mb] * 1048576),
		format_count(c, v[METRIC_memory_allocations]));
	fprintf(t->out, "  files     %s read, %s written",
		format_bytes(a, v[METRIC_file_read_bytes]),
		format_bytes(b, v[METRIC_file_write_bytes]));
	if (v[METRIC_network_data_sent_bytes] + v[METRIC_network_data_received_bytes] > 0)
		fprintf(t->out, "; network %s received, %s sent",
			format_bytes(a, v[METRIC_network_data_received_bytes]),
			format_bytes(b, v[METRIC_network_data_sent_bytes]));
	fprintf(t->out, "\n  tasks     %lld %s, %lld %s", (long long)sqlite3_column_int64(s, 10),
		sqlite3_column_int64(s, 10) == 1 ? "process" : "processes",
		(long long)sqlite3_column_int64(s, 11),
		sqlite3_column_int64(s, 11) == 1 ? "thread" : "threads");
	if (t->inside)
		fprintf(t->out, ", %lld inside them", (long long)t->inside);
	fputc('\n', t->out);
	fprintf(t->out, "  data      %s events, %s; unattributed: %s read, %s written\n",
		format_count(a, (double)sqlite3_column_int64(s, 8)),
		sqlite3_column_int64(s, 9) ? (snprintf(b, sizeof(b), "%lld lost",
						       (long long)sqlite3_column_int64(s, 9)),
					      b)
					   : "none lost",
		format_bytes(c, row_real(s, 12)), format_bytes(d, row_real(s, 13)));
	return 0;
}

static int longest_row(void *to, const struct task_row *r)
{
	static const enum metric part[] = {
		METRIC_io_wait_time_seconds, METRIC_network_wait_seconds, METRIC_lock_wait_seconds,
		METRIC_sync_wait_seconds,    METRIC_sleep_seconds,	  METRIC_other_seconds
	};
	struct text *t = to;
	const double *v = r->self.value;
	double whole = v[METRIC_thread_seconds];
	char name[NAME_ROOM], pid[24], time[FORMAT_SIZE], cpu[FORMAT_SIZE];
	char parts[6][FORMAT_SIZE];
	const char *text[10] = { name, pid, time, cpu };

	format_safe(name, sizeof(name), r->name);
	snprintf(pid, sizeof(pid), "%lld", (long long)(r->tid ? r->tid : r->pid));
	format_seconds(time, whole);
	format_share(cpu, v[METRIC_cpu_user_seconds] + v[METRIC_cpu_system_seconds], whole);
	for (int i = 0; i < 6; i++)
		text[4 + i] = format_share(parts[i], v[part[i]], whole);
	return table_line(&t->table, NULL, text) ? 0 : -ENOMEM;
}

static int tree_row(void *to, const struct task_row *r)
{
	struct text *t = to;
	const double *v = r->inclusive.value;
	char name[NAME_ROOM], time[FORMAT_SIZE], cpu[FORMAT_SIZE], memory[FORMAT_SIZE];
	char in[FORMAT_SIZE], out[FORMAT_SIZE], allocs[FORMAT_SIZE], status[FORMAT_SIZE];
	const char *text[] = { name, time, cpu, memory, in, out, allocs, status };
	struct libscols_line *line;

	format_safe(name, sizeof(name), r->name);
	format_seconds(time, v[METRIC_runtime_seconds]);
	format_seconds(cpu, v[METRIC_cpu_user_seconds] + v[METRIC_cpu_system_seconds]);
	format_short_bytes(memory, v[METRIC_memory_usage_peak_mb] * 1048576);
	format_short_bytes(in, v[METRIC_file_read_bytes] + v[METRIC_network_data_received_bytes]);
	format_short_bytes(out, v[METRIC_file_write_bytes] + v[METRIC_network_data_sent_bytes]);
	format_count(allocs, v[METRIC_memory_allocations]);
	ending(status, r->status, r->exit_code, r->signal);
	line = table_line(&t->table, idmap_get(&t->lines, (uint64_t)r->parent), text);
	t->rows++;
	return line && !idmap_put(&t->lines, (uint64_t)r->id, line) ? 0 : -ENOMEM;
}

static int put_longest(struct text *t)
{
	struct task_filter filter = { .glob = t->options->task,
				      .longest = report_text_top(t->options, LONGEST_DEFAULT),
				      .by_self = true };
	int err;

	report_text_heading(t->out, t->options,
			    "What took longest (time of the task itself, and where it went)");
	if (table_init(&t->table, t->out, "~TASK TID TIME CPU I/O NET LOCK SYNC SLEEP OTHER"))
		return fault_set(t->fault, -ENOMEM, "out of memory");
	err = rows_tasks(t->store, t->run_id, &filter, longest_row, t, t->fault);
	table_print(&t->table);
	return err;
}

static int count_row(void *to, sqlite3_stmt *s)
{
	*(int64_t *)to = sqlite3_column_int64(s, 0);
	return 0;
}

static int put_tree(struct text *t)
{
	struct task_filter filter = { .glob = t->options->task,
				      .longest = report_text_top(t->options, TREE_DEFAULT),
				      /* calls alone would fill the tree */
				      .no_inside = t->inside > TREE_DEFAULT && !t->options->task &&
						   !t->options->top && !t->options->all };
	int64_t total = 0;
	int err;

	report_text_heading(
		t->out, t->options,
		"Tasks (a tree, children included; READ and WRITTEN: files and network)");
	if (table_init(&t->table, t->out, "^TASK TIME CPU MEMORY READ WRITTEN ALLOCS <STATUS"))
		return fault_set(t->fault, -ENOMEM, "out of memory");
	t->rows = 0;
	err = rows_tasks(t->store, t->run_id, &filter, tree_row, t, t->fault);
	table_print(&t->table);
	idmap_fini(&t->lines);
	if (!err)
		err = rows_each(t->store, t->run_id, "SELECT tasks_total FROM runs WHERE id = ?",
				count_row, &total, t->fault);
	if (!err && !t->options->task && t->rows < total)
		fprintf(t->out, "... %lld more; --top N or --all shows them\n",
			(long long)(total - t->rows));
	return err;
}

static int note_row(void *to, sqlite3_stmt *s)
{
	struct text *t = to;
	char safe[1100], *at = safe;

	if (!t->rows++)
		report_text_heading(t->out, t->options, "Notes");
	format_safe(safe, sizeof(safe), row_text(s, 0));
	for (const char *lead = "- "; *at; lead = "  ") {
		size_t n = strlen(at), room = TABLE_WIDTH - 2;

		if (n > room) {
			for (n = room; n && at[n] != ' '; n--)
				;
			n = n ? n : room;
		}
		fprintf(t->out, "%s%.*s\n", lead, (int)n, at);
		at += n + (at[n] == ' ');
	}
	return 0;
}

int report_text(const struct store *store, int64_t run_id, const struct report_options *options,
		FILE *out, struct fault *fault)
{
	struct text t = {
		.store = store, .run_id = run_id, .options = options, .out = out, .fault = fault
	};
	int err = rows_totals(store, run_id, &t.totals, fault);

	if (!err)
		err = report_text_count_inside(store, run_id, &t.inside, fault);
	if (!err)
		err = rows_each(store, run_id,
				"SELECT id, name, command, status, exit_code, signal, host, "
				"started_real_ns, events, lost, processes, threads, "
				"unattributed_read_bytes, unattributed_write_bytes FROM runs "
				"WHERE id = ?",
				summary_row, &t, fault);
	if (!err)
		err = report_text_functions(store, run_id, options, out, fault);
	if (!err)
		err = put_longest(&t);
	if (!err)
		err = put_tree(&t);
	if (!err && !options->summary)
		err = report_text_sections(store, run_id, options, out, fault);
	t.rows = 0;
	/* Whoever has named something that is not there wants to know it at once. */
	if (!err)
		err = rows_each(
			store, run_id,
			options->summary
				? "SELECT text FROM notes WHERE run_id = ? AND kind = 'note' "
				  "AND text GLOB '--[tem]*' ORDER BY number"
				: "SELECT text FROM notes WHERE run_id = ? AND kind = 'note' "
				  "ORDER BY number",
			note_row, &t, fault);
	return err;
}
