# SPDX-License-Identifier: MIT
"""What is measured: one row each, with the goal that stands beside it.

A goal belongs to a variant: ("diff", 24) is at most 24 ns more than plain for
each call, ("ratio", 1.05) at most 1.05 times plain, ("added_ms", 1.5) at most
that many milliseconds more.
"""
import os
import shlex
from collections import namedtuple

# show: "diff" in ns a call, "ratio", or "added_ms". cpu: 1 pins the program, -1 does not.
# burst: so many calls, then a pause, the median burst counts: the cost of the hook
# alone, on a busy machine as well. 0: all in one go ("sustained"), so that a
# collector that is slower than the program has its say.
# asks: what the probe is told besides, as environment; uftrace: the same for uftrace.
Row = namedtuple("Row", "name title count quick burst goals show group cpu command asks uftrace",
                 defaults=(0, {}, "diff", "micro", 1, None, [], None))

IO_GOAL = {"trace": ("diff", 22)}
COUNTED_GOAL = {"trace": ("diff", 3)}
# Rows without a goal are there so that no hook lands unmeasured.
MICRO = [
    Row("malloc", "malloc + free pair", 300000, 30000, burst=2000,
        goals={"trace": ("diff", 24), "counters": ("diff", 6)}),
    Row("write", "write 1 byte to /dev/null", 100000, 10000, burst=500, goals=IO_GOAL),
    Row("read", "read 64 bytes of /dev/zero", 100000, 10000, burst=500, goals=IO_GOAL),
    Row("socket", "send + recv, socketpair", 20000, 2000, burst=100),
    Row("poll", "poll with timeout 0", 60000, 5000, burst=300),
    Row("stat", "stat", 30000, 2000, burst=100),
    Row("open", "open + close of /dev/null", 20000, 1000, burst=50),
    Row("mmap", "mmap + munmap", 10000, 1000, burst=50),
    Row("putc", "putc", 2000000, 100000, burst=10000),
    Row("fwrite", "fwrite of 64 bytes", 500000, 50000, burst=5000),
    Row("fgets", "fgets", 500000, 50000, burst=4000),
    Row("mutex", "mutex lock + unlock", 1000000, 100000, burst=10000, goals=COUNTED_GOAL),
    Row("rwlock", "rwlock rdlock + unlock", 1000000, 100000, burst=10000),
    Row("sem", "sem_post + sem_wait", 1000000, 100000, burst=10000),
    Row("signal", "cond_signal, nobody waits", 2000000, 100000, burst=10000),
    Row("throw", "C++ throw + catch", 20000, 2000, burst=100),
    Row("mark", "task begin + end, tpprobe.h", 100000, 10000, burst=500),
    Row("getenv", "getenv", 300000, 30000, burst=5000),
    Row("task", "function task, begin + end", 300000, 30000, burst=1000,
        goals={"trace": ("diff", 25)}, asks=["TPPROBE_TASKS=bench_task"], uftrace=["-P", "bench_task"]),
    Row("event", "function as an event", 1000000, 100000, burst=2000,
        asks=["TPPROBE_EVENT=bench_task"]),
    Row("task_all", "function task, sustained", 2000000, 100000, asks=["TPPROBE_TASKS=bench_task"],
        uftrace=["-P", "bench_task"]),
    Row("malloc_all", "malloc + free, sustained", 3000000, 200000),
    Row("churn_all", "heap churn, sustained", 2000000, 100000),
    Row("write_all", "write, sustained", 700000, 30000),
    Row("churn2_all", "churn, 2 threads, crossing", 1500000, 100000, show="ratio", cpu=-1,
        goals={"trace": ("ratio", 1.5)}),
    Row("thread", "thread create + join", 3000, 300, burst=20, show="ratio",
        goals={"trace": ("ratio", 1.05)}),
    Row("fork", "fork + wait", 400, 40, burst=5, show="ratio"),
    Row("forkexec", "fork + exec + wait", 120, 12, burst=3, show="ratio"),
    Row("spawn", "posix_spawn a joining child", 120, 12, burst=3, show="added_ms",
        goals={"trace": ("added_ms", 0.5)}),
    Row("start", "start of a first process", 1, 1, show="added_ms", group="start",
        goals={"trace": ("added_ms", 1.5)}),
]

REAL_GOAL = {"trace": ("ratio", 1.12)}
MEAN_GOAL = {"trace": ("ratio", 1.05), "counters": ("ratio", 1.02)}
SQL = """CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
INSERT INTO t SELECT i, 'text of row ' || i FROM n;
CREATE INDEX tb ON t (b);
SELECT count(*), sum(length(b)) FROM t WHERE b LIKE '%9%';
"""
PYTHON = """import json, re
rows = [{{"id": i, "name": "row %d" % i, "tags": ["a", str(i % 7)]}} for i in range({n})]
text = json.dumps(rows)
back = json.loads(text)
words = {{}}
for word in re.findall(r"[a-z]+ \\d+", text):
    words[word] = words.get(word, 0) + 1
print(len(back), len(words), len(sorted(words)))
"""
REDIS = """(exec -a redis-server redis-check-rdb --port 0 --unixsocket $PWD/redis.sock --save '' \\
	--appendonly no >/dev/null) &
until redis-cli -s $PWD/redis.sock ping >/dev/null 2>&1; do sleep 0.01; done
redis-benchmark -s $PWD/redis.sock -q -c 4 -n {n} -r 10000 -t set,get,lpush >/dev/null
redis-cli -s $PWD/redis.sock shutdown nosave
wait
"""
PIPELINE = """seq 1 {n} | gawk '{{ print ($1 * 7919) % 400009, $1 }}' | sort -rn |
	gzip -1 | zcat | sha256sum
"""

# name, files that must exist, the command
REAL = [
    ("sqlite3", ["/usr/bin/sqlite3"],
     "sqlite3 -init /dev/null -batch :memory: '.read script.sql'"),
    ("python3", ["/usr/bin/python3"], "/usr/bin/python3 script.py"),
    ("cc1", [], "{cc1} -quiet -O2 -o /dev/null source.i"),
    ("perl", ["/usr/bin/perl"],
     "perl -ne '@f = split; $h{{$f[0]}} .= $f[2]; END {{ print scalar(keys %h) }}' lines"),
    ("gawk", ["/usr/bin/gawk"],
     "gawk '{{ s[$1 % 1000] = s[$1 % 1000] $3 }} END {{ print length(s) }}' lines"),
    ("sort", ["/usr/bin/sort"], "sort --parallel=2 -k 2 lines"),
    ("redis", ["/usr/bin/redis-check-rdb"], "bash redis.sh"),
    ("pipeline", ["/usr/bin/gawk"], "bash pipeline.sh"),
]


def find_cc1(run):
    """The compiler proper, or None."""
    path = run(["gcc", "-print-prog-name=cc1"]).strip()
    return path if os.path.isabs(path) else None


def prepare_real(work, quick, source, run):
    """Writes the inputs into `work`; gives the rows."""
    n = 20000 if quick else 300000
    small = n // 10 if quick else n // 3
    cc1 = find_cc1(run)
    with open(f"{work}/lines", "w") as f:
        f.writelines(f"{i * 7919 % 400009} line {i}\n" for i in range(1, n + n // 3))
    for name, text in (("script.sql", SQL.format(n=n)), ("script.py", PYTHON.format(n=small)),
                       ("pipeline.sh", PIPELINE.format(n=n)),
                       ("redis.sh", REDIS.format(n=small // 2))):
        with open(f"{work}/{name}", "w") as f:
            f.write(text)
    with open(f"{work}/source.i", "w") as f:
        f.write(run(["gcc", "-E", "-P", "-D_GNU_SOURCE", "-std=gnu11", *source]))
    return [Row(name, name, 1, 1, 0, REAL_GOAL, "ratio", "real", 1,
                shlex.split(command.format(cc1=cc1)))
            for name, needs, command in REAL
            if all(map(os.path.exists, needs)) and (name != "cc1" or cc1)]
