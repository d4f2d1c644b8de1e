#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# ledger.py LEDGER DUMP REPORT [MANIFEST]: compares what a torture program counted (tests/apps/torture/ledger.h)
# with the raw records of its trace and with its report. Follows the records by the rules of
# preload/events.def, on its own. Functions that the manifest names as too short to be patched have none. Prints what differs; status 1 if anything does.
import collections
import json
import re
import sys

HOW = {1: "return", 2: "failed", 3: "exception", 4: "cancelled", 5: "exited", 6: "jumped"}
FAILED = ("failed", "exception", "cancelled", "jumped")
TEXT_FUNCTION, SOURCE_FUNCTION = 13, 1
FIELD = re.compile(r"(\w+)=(\S+)")


class Task:
    def __init__(self, name, thread, process, frame):
        self.name, self.thread, self.process, self.frame = name, thread, process, frame
        self.how = "running"


def read_ledger(path):
    counts = collections.defaultdict(collections.Counter)
    for line in open(path):
        name, how, n = line.rsplit(" ", 2)
        counts[name][how] += int(n)
    return counts


def read_dump(path):
    """Tasks by how they ended, the texts of the functions, and what went wrong."""
    tasks, texts, stacks, wrong = {}, {}, collections.defaultdict(list), []
    for line in open(path, errors="replace"):
        _, who, what, *_ = line.split(" ", 3) + [""]
        what = what.strip()
        if what == "TEXT":
            head, _, text = line.partition(' text="')
            f = dict(FIELD.findall(head))
            if int(f["kind"]) == TEXT_FUNCTION:
                texts[int(f["id"])] = texts.get(int(f["id"]), "") + text.rstrip().rstrip('"')
            continue
        if what not in ("TASK_BEGIN", "TASK_END", "TASK_JUMP"):
            continue
        f = {k: int(v, 0) for k, v in FIELD.findall(line) if v[:1].isdigit()}
        process = who.split("/")[0]
        if what == "TASK_BEGIN":
            if f["source"] != SOURCE_FUNCTION:
                continue
            if f["task"] in tasks:
                wrong.append(f"task {f['task']} began twice")
            tasks[f["task"]] = Task(f["name"], who, process, f["frame"])
            stacks[who].append(f["task"])
        elif what == "TASK_END":
            task = tasks.get(f["task"])
            if not task:
                wrong.append(f"task {f['task']} ended and never began")
            elif task.process != process:
                continue  # a child goes back through its parent's frames
            elif task.how != "running":
                wrong.append(f"task {f['task']} ended twice: {task.how}, {HOW.get(f['how'])}")
            else:
                task.how = HOW.get(f["how"], "?")
                stacks[task.thread].remove(f["task"])
        else:
            kept = []
            for task in stacks[who]:
                if f["from"] <= tasks[task].frame < f["target"]:
                    tasks[task].how = "jumped"
                else:
                    kept.append(task)
            stacks[who] = kept
    return tasks, texts, wrong


def too_short(path):
    """What compilers that pack functions tightly leave no room in."""
    for spec in json.load(open(path)).get("tasks", ()):
        for refused in spec["refused"]:
            if re.search("shorter than 5|another function begins", refused["why"]):
                yield from refused["examples"]


def main():
    ledger = read_ledger(sys.argv[1])
    tasks, texts, wrong = read_dump(sys.argv[2])
    names = {}
    for ident, text in texts.items():
        fits = [n for n in ledger if text == n or text.startswith(n + " ")]
        if fits:
            names[ident] = max(fits, key=len)
    seen = collections.defaultdict(collections.Counter)
    for task in tasks.values():
        if task.name in names:
            seen[names[task.name]][task.how] += 1
        elif task.name not in texts:
            wrong.append(f"no text for function {task.name}")
    for name in ledger:
        if ledger[name] != seen[name]:
            wrong.append(f"{name}: ledger {dict(ledger[name])}, records {dict(seen[name])}")

    profiles = {p["name"]: (p["count"], p["failed"]) for p in json.load(open(sys.argv[3]))["profiles"]
                if p["kind"] == "function"}
    for name in ledger:
        failed = sum(n for how, n in ledger[name].items() if how in FAILED)
        expected = (sum(ledger[name].values()), failed)
        if profiles.get(name) != expected:
            wrong.append(f"{name}: ledger {expected} calls and failures, report {profiles.get(name)}")
    for name in too_short(sys.argv[4]) if len(sys.argv) > 4 else ():
        if seen[name]:
            wrong.append(f"{name}: refused, and has tasks")
        wrong = [line for line in wrong if not line.startswith(f"{name}: ledger")]
    for line in sorted(set(wrong))[:40]:
        print(line)
    return bool(wrong)


sys.exit(main())
