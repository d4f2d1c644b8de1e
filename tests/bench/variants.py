# SPDX-License-Identifier: MIT
"""Ways to run a program: plain, below a preload that does nothing, below the
probe, below its peers. The collectors of the peers run as their own commands
run them, beside the program and on any CPU.
"""
import glob
import json
import os
import shutil
import subprocess
import time

LIB = "/usr/lib/x86_64-linux-gnu"


class Failed(Exception):
    """The program did not run, or its profiler did not."""


def call(args, **more):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, **more)
    if done.returncode:
        raise Failed(f"{' '.join(args)}: status {done.returncode}: {done.stdout[-400:]}")
    return done.stdout.decode(errors="replace")


class Plain:
    name = "plain"
    is_peer = False
    follows = True  # programs that the program starts
    row = None  # the one that is measured

    def __init__(self, build, work):
        self.build, self.work = build, work
        self.result = f"{work}/result"

    def is_there(self):
        return True

    def begin(self):
        """Once before all rounds."""

    def end(self):
        """Once after all."""

    def environment(self):
        return []

    def before(self):
        """Before each run: what a user would start."""

    def after(self, values):
        """After each run: waits for the collector; adds to values."""

    def timed(self, command, cpu):
        return [f"{self.build}/tests/bench/timed", self.result, str(cpu), *self.environment(),
                "--", *command]

    def wrap(self, timed):
        return timed

    def run(self, command, cpu):
        """Runs it once. {"wall", "cpu", "rss_kb", "out", …}"""
        if os.path.exists(self.result):
            os.unlink(self.result)
        values = {}
        self.before()
        try:
            done = subprocess.run(self.wrap(self.timed(command, cpu)), cwd=self.work,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=300)
            values["out"] = done.stdout.decode(errors="replace")
            self.read_result(values)
        except (OSError, ValueError) as e:
            raise Failed(f"{self.name}: {' '.join(command)}: {done.stderr[-400:]}") from e
        finally:
            self.after(values)
        return values

    def read_result(self, values):
        with open(self.result) as f:
            status, wall, user, system, rss = map(float, f.read().split())
        if status:
            raise ValueError("status")
        values.update(wall=wall, cpu=user + system, rss_kb=rss)


class Pass(Plain):
    name = "pass"

    def environment(self):
        return [f"LD_PRELOAD={self.build}/tests/bench/libpass.so"]


class Probe(Plain):
    """The probe alone: the first process starts the collector."""
    level = name = "trace"
    more = []
    keep = None  # a directory that the trace is moved to

    def environment(self):
        return [f"LD_PRELOAD={self.build}/libtpprobe.so", f"TPPROBE_OUT={self.work}/t",
                f"TPPROBE_LEVEL={self.level}", *self.more, *(self.row.asks if self.row else [])]

    def before(self):
        shutil.rmtree(f"{self.work}/t", ignore_errors=True)

    def after(self, values):
        trace, manifest = f"{self.work}/t", {}
        until = time.monotonic() + 60
        while manifest.get("state") != "complete" or os.path.islink(f"{trace}/session"):
            if time.monotonic() > until:
                raise Failed("the collector did not finish")
            time.sleep(0.01)
            try:
                with open(f"{trace}/manifest.json") as f:
                    manifest = json.load(f)
            except OSError:
                continue
        values["events"] = manifest["events"]
        values["lost"] = sum(manifest["lost"].values())
        values["disk_bytes"] = manifest["trace_bytes"]
        values["collector_seconds"] = manifest["collector_cpu_seconds"]
        if self.keep:
            shutil.rmtree(self.keep, ignore_errors=True)
            os.rename(trace, self.keep)
        else:
            shutil.rmtree(trace)


class Counters(Probe):
    level = name = "counters"


class Drop(Probe):
    name = "drop"
    more = ["TPPROBE_WHEN_FULL=drop"]


class Heaptrack(Plain):
    """What /usr/bin/heaptrack runs: the preload, the interpreter, zstd."""
    name = "heaptrack"
    is_peer = True
    follows = False
    preload = "/usr/lib/heaptrack/libheaptrack_preload.so"
    interpreter = "/usr/lib/heaptrack/libexec/heaptrack_interpret"

    def is_there(self):
        return os.path.exists(self.preload) and os.path.exists(self.interpreter)

    def environment(self):
        return [f"LD_PRELOAD={self.preload}", f"DUMP_HEAPTRACK_OUTPUT={self.work}/heap.pipe"]

    def before(self):
        self.after({})
        os.mkfifo(f"{self.work}/heap.pipe")
        self.collector = subprocess.Popen(
            ["sh", "-c", f"{self.interpreter} <heap.pipe | zstd -c >heap.zst"], cwd=self.work,
            stderr=subprocess.DEVNULL)

    def after(self, values):
        if getattr(self, "collector", None):
            self.collector.wait(timeout=120)
            values["disk_bytes"] = os.path.getsize(f"{self.work}/heap.zst")
            self.collector = None
        for left in glob.glob(f"{self.work}/heap.*"):
            os.unlink(left)


class Lttng(Plain):
    """A live session of the session daemon with the wrappers' events enabled."""
    name = "lttng"
    is_peer = True
    wrappers = [f"{LIB}/liblttng-ust-{w}-wrapper.so.1" for w in ("libc", "pthread")]
    daemon = None

    def is_there(self):
        return shutil.which("lttng-sessiond") and all(map(os.path.exists, self.wrappers))

    def begin(self):
        if subprocess.run(["pidof", "lttng-sessiond"], stdout=subprocess.DEVNULL).returncode == 0:
            return  # the user's own
        self.daemon = subprocess.Popen(["lttng-sessiond", "--no-kernel"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if subprocess.run(["lttng", "--no-sessiond", "list"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.05)
        raise Failed("lttng-sessiond does not answer")

    def end(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(timeout=30)

    def environment(self):
        preload = ":".join([*self.wrappers, f"{LIB}/liblttng-ust-fork.so.1"])
        return [f"LD_PRELOAD={preload}"]

    def before(self):
        call(["lttng", "create", "tpbench", f"--output={self.work}/lttng"])
        call(["lttng", "enable-event", "-u", "lttng_ust_libc:*"])
        call(["lttng", "enable-event", "-u", "lttng_ust_pthread:*"])
        call(["lttng", "start"])

    def after(self, values):
        call(["lttng", "stop"])
        values["disk_bytes"] = sum(os.path.getsize(f)
                                   for f in glob.glob(f"{self.work}/lttng/**", recursive=True)
                                   if os.path.isfile(f))
        told = call(["lttng", "list", "tpbench"])
        lost = [line.split(":")[1] for line in told.splitlines() if "Discarded events" in line]
        values["lost"] = sum(int(n) for n in lost)
        call(["lttng", "destroy", "tpbench"])
        shutil.rmtree(f"{self.work}/lttng", ignore_errors=True)


class Uftrace(Plain):
    """Unmodified programs: --force, and the calls among libraries, which is
    where malloc and write are called from; a plain --force sees the
    executable's own calls alone."""
    name = "uftrace"
    is_peer = True

    def is_there(self):
        return shutil.which("uftrace") is not None

    def wrap(self, timed):
        sees = ["--force", "--nest-libcall"]
        if self.row and self.row.uftrace is not None:
            # the program itself: uftrace patches what it runs, not what that starts
            timed = timed[timed.index("--") + 1:]
            sees = ["--no-libcall", *self.row.uftrace]
        return ["uftrace", "record", "--no-pager", *sees, "-d", "uftrace", *timed]

    def read_result(self, values):
        if self.row is None or self.row.uftrace is None:
            super().read_result(values)

    def after(self, values):
        data = f"{self.work}/uftrace"
        if os.path.isdir(data):
            values["disk_bytes"] = sum(os.path.getsize(f) for f in glob.glob(f"{data}/*.dat"))
        for left in glob.glob(f"{data}*"):
            shutil.rmtree(left, ignore_errors=True)


ALL = [Plain, Pass, Counters, Probe, Heaptrack, Lttng, Uftrace]
