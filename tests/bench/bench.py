#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench: what the probe costs, here and now, beside its peers.

One round runs every row below every variant, in an order that rotates from round
to round, so that a slow moment hits all of them; a figure is the median over the
rounds of what was compared within a round.

    ROUNDS=n  rounds (7)          QUICK=1    2 rounds, small counts: does it work?
    MINUTES=n no round begins after so many
    ROWS=a,b  only these rows     VARIANTS=  only these, and plain
    BUILD=    where the programs are; results.json and results.tsv go to BUILD/bench
"""
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import extra
import rows
import show
import variants

QUICK = bool(os.environ.get("QUICK"))
QUICK_PEERS = ("malloc", "mutex", "thread", "start", "sqlite3", "pipeline")
ROUNDS = int(os.environ.get("ROUNDS") or (2 if QUICK else 7))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or f"{TOP}/build")


def chosen(name, wanted):
    wanted = os.environ.get(wanted)
    return not wanted or name in wanted.split(",")


def output_of(args):
    return subprocess.run(args, cwd=TOP, check=True, stdout=subprocess.PIPE, text=True).stdout


def command_of(row):
    count = str(row.quick if QUICK else row.count)
    if row.group == "real":
        return row.command
    if row.group == "start":
        return ["/bin/true"]
    if row.name == "throw":
        return [f"{BUILD}/tests/bench/throw", count, str(row.burst)]
    burst = [str(row.burst)] if row.burst else []
    return [f"{BUILD}/tests/bench/micro", row.name.removesuffix("_all"), count, *burst]


def measure(variant, row, command):
    """One run. {"value": ns a call or seconds, …}"""
    variant.row = row
    if row.group != "start":
        values = variant.run(command, row.cpu)
        out = values.pop("out")
        values["value"] = float(out.split()[-1]) if row.group == "micro" else values["wall"]
        return values
    # So short that one start says little.
    several = [variant.run(command, row.cpu) for _ in range(3 if QUICK else 7)]
    several.sort(key=lambda values: values["wall"])
    values = several[len(several) // 2]
    values["value"] = values["wall"] * 1e9
    del values["out"]
    return values


def leaves_out(variant, row, round_number):
    if not variant.follows and row.name in ("redis", "pipeline"):
        return True  # it would see the shell alone
    if variant.is_peer and row.asks and not (variant.name == "uftrace" and row.uftrace):
        return True  # it has nothing of the kind
    return QUICK and variant.is_peer and (round_number > 0 or row.name not in QUICK_PEERS)


def progress(what):
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def run_rounds(table, present):
    results = {row.name: {v.name: [] for v in present} for row in table}
    until = time.monotonic() + 60 * float(os.environ.get("MINUTES") or 1e6)
    for round_number in range(ROUNDS):
        if round_number and time.monotonic() > until:
            break
        for row_number, row in enumerate(table):
            turn = (round_number + row_number) % len(present)
            for variant in present[turn:] + present[:turn]:
                if leaves_out(variant, row, round_number):
                    continue
                progress(f"round {round_number + 1}/{ROUNDS}: {row.name}, {variant.name}")
                try:
                    values = measure(variant, row, command_of(row))
                except (variants.Failed, subprocess.TimeoutExpired) as e:
                    print(f"{row.name}, {variant.name}: {e}", file=sys.stderr)
                    values = None
                results[row.name][variant.name].append(values)
    progress("")
    return results


def machine():
    def first(path, key):
        with open(path) as f:
            return next((line.split(":")[1].strip() for line in f if line.startswith(key)), "?")

    return {"cpus": os.cpu_count(), "model": first("/proc/cpuinfo", "model name"),
            "kernel": platform.release(), "libc": " ".join(platform.libc_ver()),
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "load_before": os.getloadavg()[0]}


def versions(present):
    found = {"tpprobe": output_of([f"{BUILD}/tpprobe", "--version"]).split()[-1]}
    for variant, command in (("heaptrack", ["heaptrack", "--version"]),
                             ("lttng", ["lttng", "--version"]),
                             ("uftrace", ["uftrace", "--version"])):
        if variant in present:
            words = output_of(command).splitlines()[0].split()
            found[variant] = next(w for w in words if w.lstrip("v")[:1].isdigit())
    return found


def main():
    os.makedirs(f"{BUILD}/bench", exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the daemons end with us
    for name in [n for n in os.environ if n.startswith("TPPROBE_") or n == "LD_PRELOAD"]:
        del os.environ[name]
    os.environ["LC_ALL"] = "C.UTF-8"
    work = tempfile.mkdtemp(prefix="tpbench.")
    present = [v for v in (make(BUILD, work) for make in variants.ALL)
               if v.is_there() and (v.name == "plain" or chosen(v.name, "VARIANTS"))]
    started = []
    try:
        real = rows.prepare_real(work, QUICK, ["-I.", "collector/account.c"], output_of)
        table = [row for row in rows.MICRO + real if chosen(row.name, "ROWS")]
        if not os.path.exists(f"{BUILD}/tests/bench/throw"):
            table = [row for row in table if row.name != "throw"]
        for variant in present:
            started.append(variant)
            variant.begin()
        about = machine()
        report = {"schema": "tpprobe.bench/1", "machine": about, "rounds": ROUNDS, "quick": QUICK,
                  "versions": versions([v.name for v in present])}
        results = run_rounds(table, present)
        report["rounds"] = max(len(runs["plain"]) for runs in results.values())
        report["rows"] = show.summarize(table, [v.name for v in present], results)
        report["extra"] = extra.measure(BUILD, work, QUICK, results) if chosen("extra", "ROWS") \
            else []
        about["load_after"] = os.getloadavg()[0]
        report["runs"] = results
    finally:
        for variant in started:
            variant.end()
        shutil.rmtree(work, ignore_errors=True)
    with open(f"{BUILD}/bench/results.json", "w") as f:
        json.dump(report, f, indent=1)
    with open(f"{BUILD}/bench/results.tsv", "w") as f:
        f.write(show.tsv(report))
    text = show.text(report)
    with open(f"{BUILD}/bench/results.txt", "w") as f:
        f.write(text)
    print(text, end="")


if __name__ == "__main__":
    main()
