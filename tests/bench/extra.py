# SPDX-License-Identifier: MIT
"""What is not a comparison with plain: the collector, the trace, the analyzer."""
import json
import os
import shutil
import statistics

import rows
import variants


def entry(name, title, value, goal="", met=None, digits=1):
    return {"name": name, "title": title, "value": value, "goal": goal, "met": met,
            "digits": digits}


def at_most(name, title, value, limit, digits=1):
    return entry(name, title, value, f"<= {limit}", value <= limit, digits)


def per_event(results):
    """Of the runs that the rounds made anyway."""
    found = []
    for row, disk_goal in (("malloc_all", 1.5), ("churn_all", 5), ("write_all", 1.5),
                           ("sqlite3", 1.5), ("cc1", 1.5), ("pipeline", 1.5)):
        runs = [run for run in results.get(row, {}).get("trace", []) if run]
        runs = [run for run in runs if run["events"] > 10000]
        if not runs:
            continue
        cpu = statistics.median(r["collector_seconds"] / r["events"] * 1e9 for r in runs)
        disk = statistics.median(r["disk_bytes"] / r["events"] for r in runs)
        found.append(at_most(f"collector_{row}", f"collector CPU, ns an event: {row}", cpu, 25))
        found.append(at_most(f"disk_{row}", f"bytes on disk an event: {row}", disk, disk_goal, 2))
    return found


class Analysis(variants.Plain):
    """The command, on one CPU."""

    def report(self, trace):
        return self.run([f"{self.build}/tpprobe", "report", trace, "--format", "json"], 1)

    def recorded(self, trace):
        """Heap events that the trace holds."""
        call = f"{self.build}/tpprobe dump {trace} | grep -cE ' (REALLOC_)?(ALLOC|FREE|ALLOC_BIG) '"
        return int(self.run(["bash", "-c", call], -1)["out"])


def lost(build, work, quick):
    """Two threads at full speed, and what became of their events."""
    count, found = (30000 if quick else 2000000), []
    command = [f"{build}/tests/bench/micro", "flood2", str(count)]
    wait = variants.Probe(build, work)
    values = wait.run(command, -1)
    rate = values["events"] / values["wall"] / 1e6
    found.append(entry("rate_wait", "two threads at full speed, `wait`: million events/s", rate))
    found.append(at_most("lost_wait", "events lost with `wait`", values["lost"], 0, 0))

    drop, analysis = variants.Drop(build, work), Analysis(build, work)
    drop.keep = f"{work}/dropped"
    values = drop.run([*command[:2], str(count // 4)], -1)
    totals = json.loads(analysis.report(drop.keep)["out"])["totals"]
    done = totals["memory_allocations"] + totals["memory_frees"]
    recorded = analysis.recorded(drop.keep)
    with open(f"{drop.keep}/manifest.json") as f:
        missing = json.load(f)["lost"]["mem"]
    shutil.rmtree(drop.keep)
    found.append(entry("lost_drop", "events lost with `drop`, %", 100 * missing / done))
    found.append(entry("drop_difference", "heap events done - recorded - lost with `drop`",
                       done - recorded - missing, "0", done == recorded + missing, 0))
    return found


def analysis(build, work, quick):
    """Events a second and memory, of two lengths of the same thing."""
    found, peaks = [], []
    probe, command = variants.Probe(build, work), Analysis(build, work)
    for times in (1, 4):
        count = (50000 if quick else 1500000) * times
        probe.keep = f"{work}/kept"
        events = probe.run([f"{build}/tests/bench/micro", "churn", str(count)], 1)["events"]
        runs = [command.report(probe.keep) for _ in range(1 if quick else 3)]
        wall = statistics.median(run["wall"] for run in runs)
        peaks.append(max(run["rss_kb"] for run in runs) / 1024)
        rate = events / wall / 1e6
        size = f"{events / 1e6:.1f} M events of churn"
        found.append(entry(f"report_rate_{times}", f"report: million events/s on one CPU, {size}",
                           rate, ">= 40", rate >= 40))
        found.append(at_most(f"report_memory_{times}", f"report: peak memory, MiB, {size}",
                             peaks[-1], 64))
        shutil.rmtree(probe.keep)
    found.append(entry("report_memory_growth", "report: memory of 4 times the events, ratio",
                       peaks[1] / peaks[0], "flat", peaks[1] < 1.1 * peaks[0], 2))
    return found


def recompiled(build, work, quick):
    """The row `task` in a program that was compiled for uftrace."""
    tracer, plain, found = variants.Uftrace(build, work), variants.Plain(build, work), []
    task = next(row for row in rows.MICRO if row.name == "task")
    tracer.row = task._replace(uftrace=[])
    how = [str(task.quick if quick else task.count), str(task.burst)]
    for name, option in (("micro_pg", "-pg"), ("micro_cyg", "-finstrument-functions")):
        program = f"{build}/tests/bench/{name}"
        if not tracer.is_there() or not os.path.exists(program):
            continue
        took = [float(tracer.run([program, "task", *how], 1)["out"]) -
                float(plain.run([f"{build}/tests/bench/micro", "task", *how], 1)["out"])
                for _ in range(1 if quick else 5)]
        found.append(entry(f"task_{name}", f"uftrace: begin + end, compiled with {option}, ns",
                           statistics.median(took)))
    return found


def measure(build, work, quick, results):
    for left in ("dropped", "kept"):
        shutil.rmtree(os.path.join(work, left), ignore_errors=True)
    return (per_event(results) + recompiled(build, work, quick) + lost(build, work, quick) +
            analysis(build, work, quick))
