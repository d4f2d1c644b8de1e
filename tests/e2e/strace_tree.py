#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""strace_tree.py LOG CWD: the processes in a log of `strace -f -y -s 100000 -e trace=process,chdir,fchdir`,
one a line in order of pid: pid, pid of its creator (0: none), exit status, directory that it began in, argv as JSON.

Directory and argv are those of the last program that it became; a child that became none has its creator's."""
import json
import os
import re
import signal
import sys

CREATE = re.compile(r"(fork|vfork|clone|clone3)\(")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-f]{2}|.)")
PLAIN = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}


def text(escaped):
    """A string as strace prints it, without its quotes."""

    def one(m):
        e = m.group(1)
        if e[:1].isdigit():
            return bytes([int(e, 8)])
        return bytes([int(e[1:], 16)]) if e[:1] == b"x" and len(e) == 3 else PLAIN.get(e, e)

    return ESCAPE.sub(one, escaped.encode()).decode(errors="replace")


STRING = r'"((?:[^"\\]|\\.)*)"'


def whole_calls(lines):
    """(tid, call with its result, line it began on, line it ended on); what was cut in two is joined."""
    begun = {}
    for at, line in enumerate(lines):
        tid, _, rest = line.partition(" ")
        rest = rest.strip()
        if rest.endswith("<unfinished ...>"):
            begun[tid] = (rest[: -len("<unfinished ...>")], at)
        elif m := re.match(r"<\.\.\. \w+ resumed>(.*)", rest):
            start, since = begun.pop(tid)
            yield int(tid), start + m.group(1), since, at
        else:
            yield int(tid), rest, at, at


def main():
    start = sys.argv[2]
    events = []  # (line, what, tid, value)
    for tid, call, began, ended in whole_calls(open(sys.argv[1], errors="replace").read().splitlines()):
        result = re.search(r"= (-?\d+)", call[call.rfind(")") :])
        if m := re.match(r"\+\+\+ (exited with|killed by) (\w+)", call):
            end = m.group(2)
            events.append((ended, "end", tid, end if end.isdigit() else f"-{signal.Signals[end].value}"))
        elif not result or int(result.group(1)) < 0:
            continue
        elif CREATE.match(call):
            thread = "CLONE_THREAD" in call
            events.append((began, "thread" if thread else "child", tid, int(result.group(1))))
        elif call.startswith("execve"):
            argv = call[call.index("[") : call.rindex("]") + 1]
            events.append((ended, "exec", tid, [text(s) for s in re.findall(STRING, argv)]))
        elif m := re.match(r"chdir\(" + STRING, call):
            events.append((ended, "chdir", tid, text(m.group(1))))
        elif m := re.match(r"fchdir\(\d+<(.*)>\)", call):
            events.append((ended, "chdir", tid, text(m.group(1))))

    process_of, all_of = {}, {}
    for _, what, tid, value in sorted(events, key=lambda e: e[0]):
        if what == "thread":
            process_of[value] = process_of.get(tid, tid)
            continue
        if tid in process_of and what == "end":
            continue
        pid = process_of.get(tid, tid)
        p = all_of.setdefault(pid, {"ppid": 0, "cwd": start, "in": start, "argv": [], "end": ""})
        if what == "child":
            all_of[value] = {"ppid": pid, "cwd": p["cwd"], "in": p["cwd"], "argv": p["argv"], "end": ""}
        elif what == "exec":
            p["argv"], p["in"] = value, p["cwd"]
        elif what == "chdir":
            p["cwd"] = os.path.realpath(os.path.join(p["cwd"], value))
        else:
            p["end"] = value
    for pid, p in sorted(all_of.items()):
        print(pid, p["ppid"], p["end"], p["in"], json.dumps(p["argv"], ensure_ascii=False, separators=(",", ":")))


main()
