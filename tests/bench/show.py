# SPDX-License-Identifier: MIT
"""Figures out of runs, and their tables: text of at most 120 columns, and TSV."""
import statistics

import rows as table_of

UNITS = {"diff": "ns", "ratio": "x", "added_ms": "ms"}


def quartiles(numbers):
    numbers = sorted(numbers)
    if len(numbers) == 1:
        return numbers * 3
    return statistics.quantiles(numbers, n=4, method="inclusive")


def compared(show, plain, value):
    """What a row tells of two runs of one round."""
    if show == "ratio":
        return value / plain
    return value - plain if show == "diff" else (value - plain) / 1e6


def is_met(goal, shown):
    return shown <= goal[1] if goal else None


def cpu_rows(table, results):
    """The real programs again, by their CPU time: a busy machine hurts that less."""
    table = [row for row in table if row.group == "real"]
    table = [row._replace(group="real_cpu", goals={}, title=f"{row.name}, CPU time")
             for row in table]
    return table, {row.name: {name: [run and {"value": run["cpu"]} for run in runs]
                              for name, runs in results[row.name].items()} for row in table}


def summarize(table, names, results):
    """Rows, their geometric mean, and the same of CPU times."""
    found = rows_of(table, names, results)
    cpu_table, cpu_results = cpu_rows(table, results)
    cpu = rows_of(cpu_table, names, cpu_results)
    return found + geometric_mean(found, names, "real") + geometric_mean(cpu, names, "real_cpu")


def rows_of(table, names, results):
    """[{name, title, group, show, plain, variants: {name: {median, q1, q3, goal, met}}}]"""
    found = []
    for row in table:
        runs = results[row.name]
        plain = [run["value"] for run in runs["plain"] if run]
        entry = {"name": row.name, "title": row.title, "group": row.group, "show": row.show,
                 "plain": statistics.median(plain) if plain else None, "variants": {}}
        for name in names[1:]:
            pairs = [(p["value"], v["value"]) for p, v in zip(runs["plain"], runs[name]) if p and v]
            if not pairs:
                continue
            q1, median, q3 = quartiles([compared(row.show, *pair) for pair in pairs])
            goal = row.goals.get(name)
            entry["variants"][name] = {"median": median, "q1": q1, "q3": q3, "goal": goal,
                                       "met": is_met(goal, median), "rounds": len(pairs)}
        found.append(entry)
    return found


def geometric_mean(found, names, group):
    """Per variant, over the real programs that it could run."""
    real = [entry for entry in found if entry["group"] == group]
    if not real:
        return []
    of_cpu = group == "real_cpu"
    entry = {"name": "mean_cpu" if of_cpu else "mean", "group": group,
             "title": "geometric mean, CPU time" if of_cpu else "geometric mean", "show": "ratio",
             "plain": None, "variants": {}}
    for name in names[1:]:
        told = [e["variants"][name] for e in real if name in e["variants"]]
        if not told:
            continue
        median, q1, q3 = (statistics.geometric_mean(v[key] for v in told)
                          for key in ("median", "q1", "q3"))
        goal = None if of_cpu else table_of.MEAN_GOAL.get(name)
        entry["variants"][name] = {"median": median, "q1": q1, "q3": q3, "goal": goal,
                                   "met": is_met(goal, median), "programs": len(told)}
    return [entry]


def figure(show, number):
    if number is None:
        return "-"
    if show == "ratio":
        return f"{number:.2f}" if number >= 10 else f"{number:.3f}"
    digits = 2 if show == "added_ms" else 1
    return f"{number:+.0f}" if abs(number) >= 1000 else f"{number:+.{digits}f}"


def plain_figure(entry):
    if entry["plain"] is None:
        return ""
    if entry["group"] == "real":
        return f"{entry['plain']:.3f} s"
    ns = entry["plain"]
    if ns < 10000:
        return f"{ns:.1f} ns"
    return f"{ns / 1e3:.1f} us" if ns < 1e6 else f"{ns / 1e6:.2f} ms"


def goals(entry):
    told = []
    for name, variant in entry["variants"].items():
        if variant["goal"]:
            mark = "met" if variant["met"] else "no"
            short = "" if name == "trace" else "c"
            told.append(f"{short}{variant['goal'][1]} {mark}")
    return ", ".join(sorted(told))


HEADINGS = {"diff": "added to one call, ns", "ratio": "times plain", "added_ms": "added, ms"}
COLUMNS = ["pass", "counters", "trace", "heaptrack", "lttng", "uftrace"]
WIDTHS = dict(zip(COLUMNS, (6, 8, 6, 9, 6, 7)))


def header(title):
    cells = " ".join(f"{name:>{WIDTHS[name]}}" for name in COLUMNS[:3])
    peers = " ".join(f"{name:>{WIDTHS[name]}}" for name in COLUMNS[3:])
    return f"{title:<28} {'plain':>9} {cells} {'quartiles':>14} {peers} goal met?"


def line(entry):
    shown, trace = entry["variants"], entry["variants"].get("trace")

    def cell(name):
        return f"{figure(entry['show'], shown.get(name, {}).get('median')):>{WIDTHS[name]}}"

    between = trace and "..".join(figure(entry["show"], trace[q]) for q in ("q1", "q3"))
    return (f"{entry['title']:<28} {plain_figure(entry):>9} "
            f"{' '.join(map(cell, COLUMNS[:3]))} {between or '-':>14} "
            f"{' '.join(map(cell, COLUMNS[3:]))} {goals(entry)}").rstrip()


def text(report):
    m = report["machine"]
    lines = [f"{m['cpus']} CPUs, {m['model']}, Linux {m['kernel']}, {m['libc']}, {m['date']}, "
             f"{report['rounds']} rounds",
             f"load {m['load_before']:.2f} before, {m['load_after']:.2f} after; "
             + ", ".join(" ".join(pair) for pair in report["versions"].items())]
    for show in ("diff", "ratio", "added_ms"):
        chosen = [e for e in report["rows"] if e["show"] == show]
        if chosen:
            lines += ["", header(HEADINGS[show])] + [line(entry) for entry in chosen]
    if report["extra"]:
        lines += ["", f"{'the collector and the analyzer':<66} {'measured':>14}  goal"]
    for entry in report["extra"]:
        mark = {True: "met", False: "no", None: ""}[entry["met"]]
        lines.append(f"{entry['title']:<66} {entry['value']:>14,.{entry['digits']}f}  "
                     f"{entry['goal']} {mark}".rstrip())
    return "\n".join(lines) + "\n"


def tsv(report):
    lines = ["row\tvariant\tunit\tplain\tmedian\tq1\tq3\tgoal\tmet"]
    for entry in report["rows"]:
        for name, v in entry["variants"].items():
            goal = v["goal"][1] if v["goal"] else ""
            met = "" if v["met"] is None else str(v["met"]).lower()
            plain = "" if entry["plain"] is None else f"{entry['plain']:.9g}"
            lines.append(f"{entry['name']}\t{name}\t{UNITS[entry['show']]}\t{plain}\t"
                         f"{v['median']:.6g}\t{v['q1']:.6g}\t{v['q3']:.6g}\t{goal}\t{met}")
    for entry in report["extra"]:
        met = "" if entry["met"] is None else str(entry["met"]).lower()
        lines.append(f"{entry['name']}\ttpprobe\t\t\t{entry['value']:.9g}\t\t\t"
                     f"{entry['goal']}\t{met}")
    return "\n".join(lines) + "\n"
