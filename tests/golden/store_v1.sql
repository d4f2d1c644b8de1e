-- A store as version 1 wrote it: the text of `sqlite3 store.db .dump`, with the two
-- pragmas that say what it is. tests/e2e/store.sh opens it. Never change it.
PRAGMA application_id = 1953525874;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
	tasks_total      INTEGER NOT NULL
) STRICT;
INSERT INTO runs VALUES(1,'165c226aa2114c2805516a4f5f97566a','/nowhere/old','old','["sh", "-c", "seq 1 1000 | sort -rn | head -n 1"]','/nowhere','ci','','golden','6.18.44-fc-v669',1795216653251363872,1795216653260062995,0.0038479273294560081657,'completed',0,NULL,2,1,1038,0,7112,20432,4,4,0.0,'trace','clocks',41631,7791,4);
CREATE TABLE labels (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	key    TEXT NOT NULL,
	value  TEXT NOT NULL,
	PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;
INSERT INTO labels VALUES(1,'by','hand');
CREATE TABLE notes (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	kind   TEXT NOT NULL,
	number INTEGER NOT NULL,
	text   TEXT NOT NULL,
	PRIMARY KEY (run_id, kind, number)
) STRICT, WITHOUT ROWID;
INSERT INTO notes VALUES(1,'estimated',1,'cpu_user_seconds');
INSERT INTO notes VALUES(1,'estimated',2,'cpu_system_seconds');
INSERT INTO notes VALUES(1,'estimated',3,'cpu_user_utilization');
INSERT INTO notes VALUES(1,'estimated',4,'cpu_system_utilization');
INSERT INTO notes VALUES(1,'estimated',5,'io_wait_time_seconds');
INSERT INTO notes VALUES(1,'estimated',6,'network_wait_seconds');
INSERT INTO notes VALUES(1,'estimated',7,'lock_wait_seconds');
INSERT INTO notes VALUES(1,'estimated',8,'sync_wait_seconds');
INSERT INTO notes VALUES(1,'estimated',9,'sleep_seconds');
INSERT INTO notes VALUES(1,'estimated',10,'other_seconds');
INSERT INTO notes VALUES(1,'note',1,'null: run_delay_seconds: needs context-switch records, not built yet in this version');
INSERT INTO notes VALUES(1,'note',2,'null: bytes_read_compressed, bytes_read_uncompressed, bytes_write_compressed, bytes_write_uncompressed, compression_ratio: needs codec hooks, not built yet in this version');
INSERT INTO notes VALUES(1,'note',3,'null: exceptions_raised: needs exception hooks, not built yet in this version');
INSERT INTO notes VALUES(1,'note',4,'null: events_processed, event_rate_hz: needs function hooks, not built yet in this version');
INSERT INTO notes VALUES(1,'note',5,'null for threads: memory_usage_peak_process_mb, memory_virtual_peak_mb, memory_delta_mb, disk_*: they belong to a process; in totals: memory_delta_mb');
INSERT INTO notes VALUES(1,'note',6,'waiting times are estimated from the durations of calls and the threads'' CPU clocks; user and system time of short tasks from clock ticks');
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
	PRIMARY KEY (run_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO tasks VALUES(1,1,NULL,NULL,'sh','process',10037,10037,0.0,'completed','["sh", "-c", "seq 1 1000 | sort -rn | head -n 1"]','/nowhere',0,NULL);
INSERT INTO tasks VALUES(1,2,1,1,'seq','process',10038,10038,0.00032281047735764796524,'completed','["seq", "1", "1000"]','/nowhere',0,NULL);
INSERT INTO tasks VALUES(1,3,1,1,'sort','process',10039,10039,0.00053951302161554456904,'completed','["sort", "-rn"]','/nowhere',0,NULL);
INSERT INTO tasks VALUES(1,4,1,1,'head','process',10040,10040,0.00073089788254393018088,'completed','["head", "-n", "1"]','/nowhere',0,NULL);
CREATE TABLE task_metrics (
	run_id  INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	task_id INTEGER NOT NULL,
	scope   TEXT NOT NULL,
	runtime_seconds REAL,
	cpu_cores INTEGER,
	cpu_user_seconds REAL,
	cpu_system_seconds REAL,
	cpu_user_utilization REAL,
	cpu_system_utilization REAL,
	run_delay_seconds REAL,
	io_wait_time_seconds REAL,
	network_wait_seconds REAL,
	lock_wait_seconds REAL,
	sync_wait_seconds REAL,
	sleep_seconds REAL,
	other_seconds REAL,
	thread_seconds REAL,
	memory_usage_peak_mb REAL,
	memory_usage_peak_process_mb REAL,
	memory_virtual_peak_mb REAL,
	memory_delta_mb REAL,
	memory_allocations INTEGER,
	memory_frees INTEGER,
	memory_allocated_bytes INTEGER,
	memory_temporary_allocations INTEGER,
	heap_peak_bytes INTEGER,
	heap_delta_bytes INTEGER,
	heap_leaked_bytes INTEGER,
	file_read_bytes INTEGER,
	file_write_bytes INTEGER,
	io_read_count INTEGER,
	io_write_count INTEGER,
	disk_read_bytes INTEGER,
	disk_write_bytes INTEGER,
	network_data_sent_bytes INTEGER,
	network_data_received_bytes INTEGER,
	bytes_read_compressed INTEGER,
	bytes_read_uncompressed INTEGER,
	bytes_write_compressed INTEGER,
	bytes_write_uncompressed INTEGER,
	compression_ratio REAL,
	exceptions_raised INTEGER,
	thread_count INTEGER,
	context_switches INTEGER,
	context_switches_involuntary INTEGER,
	page_faults_major INTEGER,
	events_processed INTEGER,
	event_rate_hz REAL,
	core_efficiency REAL,
	speedup_factor REAL,
	PRIMARY KEY (run_id, task_id, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO task_metrics VALUES(1,0,'inclusive',0.0038479273294560081657,2,0.0034009830168721605705,0.0019745979831278393651,0.44192401852778318005,0.25657942758069102184,NULL,3.9381862898944112788e-05,0.0,0.0,0.0022828050642823842671,0.0,0.0051085436900372817661,0.012806311617218608597,5.7734375,2.025390625,11.9765625,NULL,691,212,8605363,153,8563731,46449,47009,3893,0,1,0,749568,4096,0,0,NULL,NULL,NULL,NULL,NULL,NULL,4,12,3,3,NULL,NULL,0.69850344610847425741,1.3970068922169485148);
INSERT INTO task_metrics VALUES(1,1,'inclusive',0.0038479273294560081657,2,0.0034009830168721605705,0.0019745979831278393651,0.44192401852778318005,0.25657942758069102184,NULL,3.9381862898944112788e-05,0.0,0.0,0.0022828050642823842671,0.0,0.0051085436900372817661,0.012806311617218608597,1.775390625,2.025390625,3.45703125,0.3046875,691,212,8605363,153,8563731,46449,47009,3893,0,1,0,598016,4096,0,0,NULL,NULL,NULL,NULL,NULL,NULL,4,12,3,3,NULL,NULL,0.69850344610847425741,1.3970068922169485148);
INSERT INTO task_metrics VALUES(1,1,'self',0.0038479273294560081657,2,0.00095614401687216092097,0.00058670198312783914014,0.12424143376524389437,0.076236104907259613638,NULL,2.22764021922171913e-05,0.0,0.0,0.0022828050642823842671,0.0,0.0,0.0038479274664746012518,1.775390625,1.775390625,3.45703125,0.3046875,47,3,2211,0,2211,1515,1515,0,0,0,0,598016,4096,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,5,0,1,NULL,NULL,0.20047753867250350801,0.40095507734500701602);
INSERT INTO task_metrics VALUES(1,2,'inclusive',0.0030347469760911662851,2,0.0013425489999999999559,0.0,0.22119620030550921074,0.0,NULL,3.8857838139403079696e-06,0.0,0.0,0.0,0.0,0.001688312300339755859,0.0030347470841536961297,2.025390625,2.025390625,3.796875,0.6171875,205,66,31267,50,24348,20252,20268,0,0,0,0,61440,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,2,0,1,NULL,NULL,0.22119620030550921074,0.44239240061101842149);
INSERT INTO task_metrics VALUES(1,2,'self',0.0030347469760911662851,2,0.0013425489999999999559,0.0,0.22119620030550921074,0.0,NULL,3.8857838139403079696e-06,0.0,0.0,0.0,0.0,0.001688312300339755859,0.0030347470841536961297,2.025390625,2.025390625,3.796875,0.6171875,205,66,31267,50,24348,20252,20268,0,0,0,0,61440,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,2,0,1,NULL,NULL,0.22119620030550921074,0.44239240061101842149);
INSERT INTO task_metrics VALUES(1,3,'inclusive',0.0029612676079785777046,2,0.0,0.0013878960000000000081,0.0,0.2343415360807945269,NULL,4.4265887777361236691e-06,0.0,0.0,0.0,0.0,0.0015689451246468871879,0.0029612677134246232629,1.904296875,1.904296875,11.9765625,0.58203125,223,72,8547731,49,8540796,12252,12268,0,0,0,0,90112,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,3,1,1,NULL,NULL,0.2343415360807945269,0.46868307216158905381);
INSERT INTO task_metrics VALUES(1,3,'self',0.0029612676079785777046,2,0.0,0.0013878960000000000081,0.0,0.2343415360807945269,NULL,4.4265887777361236691e-06,0.0,0.0,0.0,0.0,0.0015689451246468871879,0.0029612677134246232629,1.904296875,1.904296875,11.9765625,0.58203125,223,72,8547731,49,8540796,12252,12268,0,0,0,0,90112,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,3,1,1,NULL,NULL,0.2343415360807945269,0.46868307216158905381);
INSERT INTO task_metrics VALUES(1,4,'inclusive',0.0029623692476804155265,2,0.0011022899999999999105,0.0,0.18604871773886921815,0.0,NULL,8.7930881150504906973e-06,0.0,0.0,0.0,0.0,0.0018512862650506385023,0.0029623693531656888205,1.974609375,1.974609375,3.78515625,0.51953125,216,71,24154,54,16526,12430,12958,3893,0,1,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,2,2,0,NULL,NULL,0.18604871773886921815,0.3720974354777384363);
INSERT INTO task_metrics VALUES(1,4,'self',0.0029623692476804155265,2,0.0011022899999999999105,0.0,0.18604871773886921815,0.0,NULL,8.7930881150504906973e-06,0.0,0.0,0.0,0.0,0.0018512862650506385023,0.0029623693531656888205,1.974609375,1.974609375,3.78515625,0.51953125,216,71,24154,54,16526,12430,12958,3893,0,1,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,1,2,2,0,NULL,NULL,0.18604871773886921815,0.3720974354777384363);
CREATE TABLE profiles (
	run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	kind   TEXT NOT NULL,
	count  INTEGER NOT NULL,
	failed INTEGER NOT NULL,              -- failed or killed
	PRIMARY KEY (run_id, name, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO profiles VALUES(1,'head','process',1,0);
INSERT INTO profiles VALUES(1,'seq','process',1,0);
INSERT INTO profiles VALUES(1,'sh','process',1,0);
INSERT INTO profiles VALUES(1,'sort','process',1,0);
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
	PRIMARY KEY (run_id, name, kind, metric)
) STRICT, WITHOUT ROWID;
INSERT INTO profile_metrics VALUES(1,'head','process','context_switches',2.0,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'head','process','context_switches_involuntary',2.0,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'head','process','core_efficiency',NULL,0.18604871773886921815,0.18604871773886921815,NULL,0.18604871773886921815,0.18604871773886921815,0.18604871773886921815,0.18604871773886921815);
INSERT INTO profile_metrics VALUES(1,'head','process','cpu_cores',NULL,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'head','process','cpu_system_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','cpu_system_utilization',NULL,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','cpu_user_seconds',0.0011022899999999999105,0.0011022899999999999105,0.0011022899999999999105,NULL,0.0011022899999999999105,0.0011022899999999999105,0.0011022899999999999105,0.0011022899999999999105);
INSERT INTO profile_metrics VALUES(1,'head','process','cpu_user_utilization',NULL,0.18604871773886921815,0.18604871773886921815,NULL,0.18604871773886921815,0.18604871773886921815,0.18604871773886921815,0.18604871773886921815);
INSERT INTO profile_metrics VALUES(1,'head','process','disk_read_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','disk_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','file_read_bytes',3893.0,3893.0,3893.0,NULL,3893.0,3893.0,3893.0,3893.0);
INSERT INTO profile_metrics VALUES(1,'head','process','file_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','heap_delta_bytes',NULL,12430.0,12430.0,NULL,12430.0,12430.0,12430.0,12430.0);
INSERT INTO profile_metrics VALUES(1,'head','process','heap_leaked_bytes',12958.0,12958.0,12958.0,NULL,12958.0,12958.0,12958.0,12958.0);
INSERT INTO profile_metrics VALUES(1,'head','process','heap_peak_bytes',NULL,16526.0,16526.0,NULL,16526.0,16526.0,16526.0,16526.0);
INSERT INTO profile_metrics VALUES(1,'head','process','io_read_count',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'head','process','io_wait_time_seconds',8.7930881150504906973e-06,8.7930881150504906973e-06,8.7930881150504906973e-06,NULL,8.7930881150504906973e-06,8.7930881150504906973e-06,8.7930881150504906973e-06,8.7930881150504906973e-06);
INSERT INTO profile_metrics VALUES(1,'head','process','io_write_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','lock_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_allocated_bytes',24154.0,24154.0,24154.0,NULL,24154.0,24154.0,24154.0,24154.0);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_allocations',216.0,216.0,216.0,NULL,216.0,216.0,216.0,216.0);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_delta_mb',NULL,0.51953125,0.51953125,NULL,0.51953125,0.51953125,0.51953125,0.51953125);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_frees',71.0,71.0,71.0,NULL,71.0,71.0,71.0,71.0);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_temporary_allocations',54.0,54.0,54.0,NULL,54.0,54.0,54.0,54.0);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_usage_peak_mb',NULL,1.974609375,1.974609375,NULL,1.974609375,1.974609375,1.974609375,1.974609375);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_usage_peak_process_mb',NULL,1.974609375,1.974609375,NULL,1.974609375,1.974609375,1.974609375,1.974609375);
INSERT INTO profile_metrics VALUES(1,'head','process','memory_virtual_peak_mb',NULL,3.78515625,3.78515625,NULL,3.78515625,3.78515625,3.78515625,3.78515625);
INSERT INTO profile_metrics VALUES(1,'head','process','network_data_received_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','network_data_sent_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','network_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','other_seconds',0.0018512862650506385023,0.0018512862650506385023,0.0018512862650506385023,NULL,0.0018512862650506385023,0.0018512862650506385023,0.0018512862650506385023,0.0018512862650506385023);
INSERT INTO profile_metrics VALUES(1,'head','process','page_faults_major',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','runtime_seconds',0.0029623692476804155265,0.0029623692476804155265,0.0029623692476804155265,NULL,0.0029623692476804155265,0.0029623692476804155265,0.0029623692476804155265,0.0029623692476804155265);
INSERT INTO profile_metrics VALUES(1,'head','process','sleep_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','speedup_factor',NULL,0.3720974354777384363,0.3720974354777384363,NULL,0.3720974354777384363,0.3720974354777384363,0.3720974354777384363,0.3720974354777384363);
INSERT INTO profile_metrics VALUES(1,'head','process','sync_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'head','process','thread_count',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'head','process','thread_seconds',0.0029623693531656888205,0.0029623693531656888205,0.0029623693531656888205,NULL,0.0029623693531656888205,0.0029623693531656888205,0.0029623693531656888205,0.0029623693531656888205);
INSERT INTO profile_metrics VALUES(1,'seq','process','context_switches',2.0,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','context_switches_involuntary',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','core_efficiency',NULL,0.22119620030550921074,0.22119620030550921074,NULL,0.22119620030550921074,0.22119620030550921074,0.22119620030550921074,0.22119620030550921074);
INSERT INTO profile_metrics VALUES(1,'seq','process','cpu_cores',NULL,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','cpu_system_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','cpu_system_utilization',NULL,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','cpu_user_seconds',0.0013425489999999999559,0.0013425489999999999559,0.0013425489999999999559,NULL,0.0013425489999999999559,0.0013425489999999999559,0.0013425489999999999559,0.0013425489999999999559);
INSERT INTO profile_metrics VALUES(1,'seq','process','cpu_user_utilization',NULL,0.22119620030550921074,0.22119620030550921074,NULL,0.22119620030550921074,0.22119620030550921074,0.22119620030550921074,0.22119620030550921074);
INSERT INTO profile_metrics VALUES(1,'seq','process','disk_read_bytes',61440.0,61440.0,61440.0,NULL,61440.0,61440.0,61440.0,61440.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','disk_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','file_read_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','file_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','heap_delta_bytes',NULL,20252.0,20252.0,NULL,20252.0,20252.0,20252.0,20252.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','heap_leaked_bytes',20268.0,20268.0,20268.0,NULL,20268.0,20268.0,20268.0,20268.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','heap_peak_bytes',NULL,24348.0,24348.0,NULL,24348.0,24348.0,24348.0,24348.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','io_read_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','io_wait_time_seconds',3.8857838139403079696e-06,3.8857838139403079696e-06,3.8857838139403079696e-06,NULL,3.8857838139403079696e-06,3.8857838139403079696e-06,3.8857838139403079696e-06,3.8857838139403079696e-06);
INSERT INTO profile_metrics VALUES(1,'seq','process','io_write_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','lock_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_allocated_bytes',31267.0,31267.0,31267.0,NULL,31267.0,31267.0,31267.0,31267.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_allocations',205.0,205.0,205.0,NULL,205.0,205.0,205.0,205.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_delta_mb',NULL,0.6171875,0.6171875,NULL,0.6171875,0.6171875,0.6171875,0.6171875);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_frees',66.0,66.0,66.0,NULL,66.0,66.0,66.0,66.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_temporary_allocations',50.0,50.0,50.0,NULL,50.0,50.0,50.0,50.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_usage_peak_mb',NULL,2.025390625,2.025390625,NULL,2.025390625,2.025390625,2.025390625,2.025390625);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_usage_peak_process_mb',NULL,2.025390625,2.025390625,NULL,2.025390625,2.025390625,2.025390625,2.025390625);
INSERT INTO profile_metrics VALUES(1,'seq','process','memory_virtual_peak_mb',NULL,3.796875,3.796875,NULL,3.796875,3.796875,3.796875,3.796875);
INSERT INTO profile_metrics VALUES(1,'seq','process','network_data_received_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','network_data_sent_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','network_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','other_seconds',0.001688312300339755859,0.001688312300339755859,0.001688312300339755859,NULL,0.001688312300339755859,0.001688312300339755859,0.001688312300339755859,0.001688312300339755859);
INSERT INTO profile_metrics VALUES(1,'seq','process','page_faults_major',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','runtime_seconds',0.0030347469760911662851,0.0030347469760911662851,0.0030347469760911662851,NULL,0.0030347469760911662851,0.0030347469760911662851,0.0030347469760911662851,0.0030347469760911662851);
INSERT INTO profile_metrics VALUES(1,'seq','process','sleep_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','speedup_factor',NULL,0.44239240061101842149,0.44239240061101842149,NULL,0.44239240061101842149,0.44239240061101842149,0.44239240061101842149,0.44239240061101842149);
INSERT INTO profile_metrics VALUES(1,'seq','process','sync_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','thread_count',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'seq','process','thread_seconds',0.0030347470841536961297,0.0030347470841536961297,0.0030347470841536961297,NULL,0.0030347470841536961297,0.0030347470841536961297,0.0030347470841536961297,0.0030347470841536961297);
INSERT INTO profile_metrics VALUES(1,'sh','process','context_switches',12.0,12.0,12.0,NULL,12.0,12.0,12.0,12.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','context_switches_involuntary',3.0,3.0,3.0,NULL,3.0,3.0,3.0,3.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','core_efficiency',NULL,0.69850344610847425741,0.69850344610847425741,NULL,0.69850344610847425741,0.69850344610847425741,0.69850344610847425741,0.69850344610847425741);
INSERT INTO profile_metrics VALUES(1,'sh','process','cpu_cores',NULL,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','cpu_system_seconds',0.0019745979831278393651,0.0019745979831278393651,0.0019745979831278393651,NULL,0.0019745979831278393651,0.0019745979831278393651,0.0019745979831278393651,0.0019745979831278393651);
INSERT INTO profile_metrics VALUES(1,'sh','process','cpu_system_utilization',NULL,0.25657942758069102184,0.25657942758069102184,NULL,0.25657942758069102184,0.25657942758069102184,0.25657942758069102184,0.25657942758069102184);
INSERT INTO profile_metrics VALUES(1,'sh','process','cpu_user_seconds',0.0034009830168721605705,0.0034009830168721605705,0.0034009830168721605705,NULL,0.0034009830168721605705,0.0034009830168721605705,0.0034009830168721605705,0.0034009830168721605705);
INSERT INTO profile_metrics VALUES(1,'sh','process','cpu_user_utilization',NULL,0.44192401852778318005,0.44192401852778318005,NULL,0.44192401852778318005,0.44192401852778318005,0.44192401852778318005,0.44192401852778318005);
INSERT INTO profile_metrics VALUES(1,'sh','process','disk_read_bytes',598016.0,598016.0,598016.0,NULL,598016.0,598016.0,598016.0,598016.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','disk_write_bytes',4096.0,4096.0,4096.0,NULL,4096.0,4096.0,4096.0,4096.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','file_read_bytes',3893.0,3893.0,3893.0,NULL,3893.0,3893.0,3893.0,3893.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','file_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','heap_delta_bytes',NULL,46449.0,46449.0,NULL,46449.0,46449.0,46449.0,46449.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','heap_leaked_bytes',47009.0,47009.0,47009.0,NULL,47009.0,47009.0,47009.0,47009.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','heap_peak_bytes',NULL,8563731.0,8563731.0,NULL,8563731.0,8563731.0,8563731.0,8563731.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','io_read_count',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','io_wait_time_seconds',3.9381862898944112788e-05,3.9381862898944112788e-05,3.9381862898944112788e-05,NULL,3.9381862898944112788e-05,3.9381862898944112788e-05,3.9381862898944112788e-05,3.9381862898944112788e-05);
INSERT INTO profile_metrics VALUES(1,'sh','process','io_write_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','lock_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_allocated_bytes',8605363.0,8605363.0,8605363.0,NULL,8605363.0,8605363.0,8605363.0,8605363.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_allocations',691.0,691.0,691.0,NULL,691.0,691.0,691.0,691.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_delta_mb',NULL,0.3046875,0.3046875,NULL,0.3046875,0.3046875,0.3046875,0.3046875);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_frees',212.0,212.0,212.0,NULL,212.0,212.0,212.0,212.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_temporary_allocations',153.0,153.0,153.0,NULL,153.0,153.0,153.0,153.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_usage_peak_mb',NULL,1.775390625,1.775390625,NULL,1.775390625,1.775390625,1.775390625,1.775390625);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_usage_peak_process_mb',NULL,2.025390625,2.025390625,NULL,2.025390625,2.025390625,2.025390625,2.025390625);
INSERT INTO profile_metrics VALUES(1,'sh','process','memory_virtual_peak_mb',NULL,3.45703125,3.45703125,NULL,3.45703125,3.45703125,3.45703125,3.45703125);
INSERT INTO profile_metrics VALUES(1,'sh','process','network_data_received_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','network_data_sent_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','network_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','other_seconds',0.0051085436900372817661,0.0051085436900372817661,0.0051085436900372817661,NULL,0.0051085436900372817661,0.0051085436900372817661,0.0051085436900372817661,0.0051085436900372817661);
INSERT INTO profile_metrics VALUES(1,'sh','process','page_faults_major',3.0,3.0,3.0,NULL,3.0,3.0,3.0,3.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','runtime_seconds',0.0038479273294560081657,0.0038479273294560081657,0.0038479273294560081657,NULL,0.0038479273294560081657,0.0038479273294560081657,0.0038479273294560081657,0.0038479273294560081657);
INSERT INTO profile_metrics VALUES(1,'sh','process','sleep_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','speedup_factor',NULL,1.3970068922169485148,1.3970068922169485148,NULL,1.3970068922169485148,1.3970068922169485148,1.3970068922169485148,1.3970068922169485148);
INSERT INTO profile_metrics VALUES(1,'sh','process','sync_wait_seconds',0.0022828050642823842671,0.0022828050642823842671,0.0022828050642823842671,NULL,0.0022828050642823842671,0.0022828050642823842671,0.0022828050642823842671,0.0022828050642823842671);
INSERT INTO profile_metrics VALUES(1,'sh','process','thread_count',4.0,4.0,4.0,NULL,4.0,4.0,4.0,4.0);
INSERT INTO profile_metrics VALUES(1,'sh','process','thread_seconds',0.012806311617218608597,0.012806311617218608597,0.012806311617218608597,NULL,0.012806311617218608597,0.012806311617218608597,0.012806311617218608597,0.012806311617218608597);
INSERT INTO profile_metrics VALUES(1,'sort','process','context_switches',3.0,3.0,3.0,NULL,3.0,3.0,3.0,3.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','context_switches_involuntary',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','core_efficiency',NULL,0.2343415360807945269,0.2343415360807945269,NULL,0.2343415360807945269,0.2343415360807945269,0.2343415360807945269,0.2343415360807945269);
INSERT INTO profile_metrics VALUES(1,'sort','process','cpu_cores',NULL,2.0,2.0,NULL,2.0,2.0,2.0,2.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','cpu_system_seconds',0.0013878960000000000081,0.0013878960000000000081,0.0013878960000000000081,NULL,0.0013878960000000000081,0.0013878960000000000081,0.0013878960000000000081,0.0013878960000000000081);
INSERT INTO profile_metrics VALUES(1,'sort','process','cpu_system_utilization',NULL,0.2343415360807945269,0.2343415360807945269,NULL,0.2343415360807945269,0.2343415360807945269,0.2343415360807945269,0.2343415360807945269);
INSERT INTO profile_metrics VALUES(1,'sort','process','cpu_user_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','cpu_user_utilization',NULL,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','disk_read_bytes',90112.0,90112.0,90112.0,NULL,90112.0,90112.0,90112.0,90112.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','disk_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','file_read_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','file_write_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','heap_delta_bytes',NULL,12252.0,12252.0,NULL,12252.0,12252.0,12252.0,12252.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','heap_leaked_bytes',12268.0,12268.0,12268.0,NULL,12268.0,12268.0,12268.0,12268.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','heap_peak_bytes',NULL,8540796.0,8540796.0,NULL,8540796.0,8540796.0,8540796.0,8540796.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','io_read_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','io_wait_time_seconds',4.4265887777361236691e-06,4.4265887777361236691e-06,4.4265887777361236691e-06,NULL,4.4265887777361236691e-06,4.4265887777361236691e-06,4.4265887777361236691e-06,4.4265887777361236691e-06);
INSERT INTO profile_metrics VALUES(1,'sort','process','io_write_count',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','lock_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_allocated_bytes',8547731.0,8547731.0,8547731.0,NULL,8547731.0,8547731.0,8547731.0,8547731.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_allocations',223.0,223.0,223.0,NULL,223.0,223.0,223.0,223.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_delta_mb',NULL,0.58203125,0.58203125,NULL,0.58203125,0.58203125,0.58203125,0.58203125);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_frees',72.0,72.0,72.0,NULL,72.0,72.0,72.0,72.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_temporary_allocations',49.0,49.0,49.0,NULL,49.0,49.0,49.0,49.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_usage_peak_mb',NULL,1.904296875,1.904296875,NULL,1.904296875,1.904296875,1.904296875,1.904296875);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_usage_peak_process_mb',NULL,1.904296875,1.904296875,NULL,1.904296875,1.904296875,1.904296875,1.904296875);
INSERT INTO profile_metrics VALUES(1,'sort','process','memory_virtual_peak_mb',NULL,11.9765625,11.9765625,NULL,11.9765625,11.9765625,11.9765625,11.9765625);
INSERT INTO profile_metrics VALUES(1,'sort','process','network_data_received_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','network_data_sent_bytes',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','network_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','other_seconds',0.0015689451246468871879,0.0015689451246468871879,0.0015689451246468871879,NULL,0.0015689451246468871879,0.0015689451246468871879,0.0015689451246468871879,0.0015689451246468871879);
INSERT INTO profile_metrics VALUES(1,'sort','process','page_faults_major',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','runtime_seconds',0.0029612676079785777046,0.0029612676079785777046,0.0029612676079785777046,NULL,0.0029612676079785777046,0.0029612676079785777046,0.0029612676079785777046,0.0029612676079785777046);
INSERT INTO profile_metrics VALUES(1,'sort','process','sleep_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','speedup_factor',NULL,0.46868307216158905381,0.46868307216158905381,NULL,0.46868307216158905381,0.46868307216158905381,0.46868307216158905381,0.46868307216158905381);
INSERT INTO profile_metrics VALUES(1,'sort','process','sync_wait_seconds',0.0,0.0,0.0,NULL,0.0,0.0,0.0,0.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','thread_count',1.0,1.0,1.0,NULL,1.0,1.0,1.0,1.0);
INSERT INTO profile_metrics VALUES(1,'sort','process','thread_seconds',0.0029612677134246232629,0.0029612677134246232629,0.0029612677134246232629,NULL,0.0029612677134246232629,0.0029612677134246232629,0.0029612677134246232629,0.0029612677134246232629);
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
INSERT INTO files VALUES(1,1,'pipe:[1856814]','pipe',0,1,3893,0,0,2.4276133930389964241e-05,9,NULL);
INSERT INTO files VALUES(1,2,'pipe:[1856810]','pipe',0,0,0,0,0,2.5267609697348960679e-05,8,NULL);
INSERT INTO files VALUES(1,3,'(unknown)','file',0,0,0,0,0,2.1031304147615067926e-07,1,NULL);
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
	site                   TEXT NOT NULL, -- of the longest wait
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE exceptions (
	run_id  INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	type    TEXT NOT NULL,
	task_id INTEGER NOT NULL,
	count   INTEGER NOT NULL,
	PRIMARY KEY (run_id, type, task_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE curves (
	run_id    INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number    INTEGER NOT NULL,
	seconds   REAL NOT NULL,
	rss       REAL,                       -- MiB, all processes together
	threads   INTEGER,
	cpu       REAL,                       -- CPUs in use since the point before
	processes INTEGER,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO curves VALUES(1,0,0.001430098586394069459,5.7734375,4,0.0,4);
CREATE TABLE workers (
	run_id            INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
	number            INTEGER NOT NULL,
	pid               INTEGER NOT NULL,
	tid               INTEGER NOT NULL,
	name              TEXT NOT NULL,
	start_seconds     REAL NOT NULL,
	last_seen_seconds REAL NOT NULL,
	cpu_seconds       REAL,
	occupancy         REAL,
	peak_rss_mb       REAL,
	PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
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
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',2);
CREATE INDEX runs_by_name ON runs (name, id);
CREATE INDEX tasks_by_name ON tasks (run_id, name, kind);
CREATE INDEX tasks_by_parent ON tasks (run_id, parent);
CREATE INDEX task_metrics_by_runtime ON task_metrics (run_id, scope, runtime_seconds DESC, task_id);
COMMIT;
