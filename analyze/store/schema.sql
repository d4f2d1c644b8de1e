-- SPDX-License-Identifier: MIT
--
-- The store: all runs of one user in one SQLite file (WAL), user_version 3,
-- application_id 0x74707072. This file is its document and is executed as it is,
-- after one change: the line "@METRICS" becomes one column per row of
-- analyze/metrics.def, in that order, with the metric's name, INTEGER or REAL.
-- NULL is "not known", never 0. Times are seconds from the run's start unless
-- the name says otherwise. ids of tasks are unique in a run, not in the store.
-- A later version adds columns and tables and raises user_version; migrate.c then
-- has a step for the stores that are there.

PRAGMA application_id = 1953525874;
PRAGMA user_version = 3;

CREATE TABLE runs (
	id               INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
	session_id       TEXT NOT NULL UNIQUE,  -- of the trace, 32 hexadecimal digits
	trace_dir        TEXT NOT NULL,         -- where the trace lay when it was imported
	name             TEXT NOT NULL,
	command          TEXT NOT NULL,         -- JSON array of strings
	cwd              TEXT NOT NULL,
	env              TEXT NOT NULL,         -- '' none; so is stage
	stage            TEXT NOT NULL,
	host             TEXT NOT NULL,
	kernel           TEXT NOT NULL,
	started_real_ns  INTEGER NOT NULL,      -- since 1970
	imported_real_ns INTEGER NOT NULL,
	runtime_seconds  REAL NOT NULL,
	status           TEXT NOT NULL,         -- completed failed killed running
	exit_code        INTEGER,
	signal           INTEGER,
	cpu_cores        INTEGER,
	is_complete      INTEGER NOT NULL,      -- 0: the trace may grow; imported again when it does
	-- the capture
	events           INTEGER NOT NULL,
	lost             INTEGER NOT NULL,
	trace_bytes      INTEGER NOT NULL,
	raw_bytes        INTEGER NOT NULL,      -- of the records in their rings
	processes        INTEGER NOT NULL,
	threads          INTEGER NOT NULL,
	probe_seconds    REAL,                  -- threads waited for room in their rings
	level            TEXT NOT NULL,
	time_source      TEXT NOT NULL,         -- sched, clocks
	unattributed_read_bytes  INTEGER,       -- moved by read and write, not seen by any hook
	unattributed_write_bytes INTEGER,
	tasks_total      INTEGER NOT NULL,
	-- the workers: main threads of processes, and threads
	workers_average  REAL,                  -- CPU time by runtime
	workers_peak     INTEGER,               -- most of them alive at one time
	memory_limit_mb  REAL                   -- of the control group; NULL: none, or not known
) STRICT;
CREATE INDEX runs_by_name ON runs (name, id);

CREATE TABLE labels (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;

-- Sentences about the data, in order: kind 'note'; and names of metrics that are
-- estimated: kind 'estimated'.
CREATE TABLE notes (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	kind   TEXT NOT NULL,
	number INTEGER NOT NULL,
	text   TEXT NOT NULL,
	PRIMARY KEY (run_id, kind, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
	run_id        INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	id            INTEGER NOT NULL,
	parent        INTEGER,                -- first ancestor that outlives it
	created_by    INTEGER,
	name          TEXT NOT NULL,
	kind          TEXT NOT NULL,          -- process thread function python api
	pid           INTEGER NOT NULL,
	tid           INTEGER NOT NULL,
	start_seconds REAL NOT NULL,
	status        TEXT NOT NULL,          -- completed failed killed running
	command       TEXT,                   -- JSON array; this and the rest: processes only
	cwd           TEXT,
	exit_code     INTEGER,
	signal        INTEGER,
	runtime_seconds REAL,                 -- these two as in task_metrics
	self_seconds    REAL,                 -- thread_seconds of the task itself
	metrics         BLOB,                 -- analyze/store/metrics_bytes.h; NULL: in task_metrics
	PRIMARY KEY (run_id, id)
) STRICT, WITHOUT ROWID;

-- One row per task and scope: 'self' what the task did itself, 'inclusive' its
-- tree as well. Task 0, inclusive: the run as a whole. Of a run with more than 10,000
-- tasks: of the 10,000 longest and all their ancestors; the metrics of the others are
-- bytes in their row of tasks. Sums over many tasks are in profile_metrics.
CREATE TABLE task_metrics (
	run_id  INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	task_id INTEGER NOT NULL,
	scope   TEXT NOT NULL,
	@METRICS
	PRIMARY KEY (run_id, task_id, scope)
) STRICT, WITHOUT ROWID;

-- Values that --metric took from calls, or that programs told; of a task with its tree,
-- and of itself (self_*, NULL: its tree alone has some). Task 0: the run as a whole.
CREATE TABLE custom_metrics (
	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	task_id   INTEGER NOT NULL,
	name      TEXT NOT NULL,
	sum       REAL,                       -- these four NULL: there were only texts
	last      REAL,
	min       REAL,
	max       REAL,
	self_sum  REAL,
	self_last REAL,
	self_min  REAL,
	self_max  REAL,
	text      TEXT,                       -- the last one of the task itself
	PRIMARY KEY (run_id, task_id, name)
) STRICT, WITHOUT ROWID;

-- Tasks of one name and kind; their inclusive metrics. sum, mean, stdev (the
-- sample's; NULL for one), min and max are exact. p95 and p99 by nearest rank, the
-- median of an even number is the mean of the middle two: exact for up to 64 tasks,
-- beyond that within 1 % of the exact value, from the histogram. No row for a
-- metric that no task has. Profiles of several runs are merged by adding up their
-- histograms; their bytes are described in analyze/profile/histogram.h. Custom metrics
-- are called metric.NAME (a task's sum), metric.NAME.last, .min and .max here.
CREATE TABLE profiles (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	kind   TEXT NOT NULL,
	count  INTEGER NOT NULL,
	failed INTEGER NOT NULL,              -- failed or killed
	self_seconds REAL,                    -- thread_seconds of the tasks themselves, added up
	PRIMARY KEY (run_id, name, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE profile_metrics (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	kind   TEXT NOT NULL,
	metric TEXT NOT NULL,
	sum    REAL,                          -- NULL where a sum means nothing
	mean   REAL NOT NULL,
	median REAL NOT NULL,
	stdev  REAL,
	min    REAL NOT NULL,
	max    REAL NOT NULL,
	p95    REAL NOT NULL,
	p99    REAL NOT NULL,
	histogram BLOB,                       -- version 1; NULL: stored by a tpprobe without them
	PRIMARY KEY (run_id, name, kind, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
	run_id           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number           INTEGER NOT NULL,
	path             TEXT NOT NULL,
	kind             TEXT NOT NULL,       -- file pipe device
	opens            INTEGER NOT NULL,
	read_count       INTEGER NOT NULL,
	read_bytes       INTEGER NOT NULL,
	write_count      INTEGER NOT NULL,
	write_bytes      INTEGER NOT NULL,
	seconds          REAL NOT NULL,       -- inside the calls
	metadata_count   INTEGER NOT NULL,
	sequential_share REAL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
	run_id         INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number         INTEGER NOT NULL,
	address        TEXT NOT NULL,
	family         TEXT NOT NULL,         -- inet inet6 unix other
	sent_bytes     INTEGER NOT NULL,
	received_bytes INTEGER NOT NULL,
	seconds        REAL NOT NULL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE locks (
	run_id                 INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number                 INTEGER NOT NULL,
	name                   TEXT NOT NULL,
	acquisitions           INTEGER,
	contended              INTEGER NOT NULL,
	wait_seconds           REAL NOT NULL,
	max_wait_seconds       REAL NOT NULL,
	contended_hold_seconds REAL,          -- held by threads that had waited, while others waited
	site                   TEXT NOT NULL, -- of the longest wait: return address of the call
	place                  TEXT,          -- the same as module+offset; NULL: in no known module
	holder                 INTEGER,       -- task that held it when the longest wait began
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE exceptions (
	run_id  INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	type    TEXT NOT NULL,
	task_id INTEGER NOT NULL,
	count   INTEGER NOT NULL,
	PRIMARY KEY (run_id, type, task_id)
) STRICT, WITHOUT ROWID;

-- Who made whom go on: by kind of event (analyze/profile/edges.h), longest waits first.
CREATE TABLE wakes (
	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number    INTEGER NOT NULL,
	from_task INTEGER NOT NULL,
	to_task   INTEGER NOT NULL,
	kind      TEXT NOT NULL,
	count     INTEGER NOT NULL,
	seconds   REAL NOT NULL,              -- that to_task had waited for it
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- One row per point of the common time grid.
CREATE TABLE curves (
	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number    INTEGER NOT NULL,
	seconds   REAL NOT NULL,
	rss       REAL,                       -- MiB, all processes together
	threads   INTEGER,
	cpu       REAL,                       -- CPUs in use since the point before
	processes INTEGER,
	memory_limit    REAL,                 -- MiB, of the control group
	live_workers    INTEGER,              -- main threads of processes, and threads
	running_workers INTEGER,              -- whose CPU clock moved since the sample before
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- Main threads of processes, and threads: the 10,000 that lived longest.
CREATE TABLE workers (
	run_id            INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number            INTEGER NOT NULL,
	pid               INTEGER NOT NULL,
	tid               INTEGER NOT NULL,
	name              TEXT NOT NULL,
	start_seconds     REAL NOT NULL,
	last_seen_seconds REAL NOT NULL,
	cpu_seconds       REAL,
	occupancy         REAL,               -- CPU time by lifetime
	peak_rss_mb       REAL,               -- of the process; NULL: a thread
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- Child programs that could not be captured, with what wait told of them.
CREATE TABLE uninstrumented (
	run_id       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number       INTEGER NOT NULL,
	pid          INTEGER,
	program      TEXT NOT NULL,
	why          TEXT NOT NULL,
	parent_task  INTEGER,
	wait_status  INTEGER,
	cpu_seconds  REAL,
	peak_rss_mb  REAL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
