"""One command as a process of its own: seconds, CPU seconds and peak memory of it and all its children."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

SAMPLED_EVERY = 0.05  # seconds


class BenchmarkError(Exception):
    """What went wrong, in words for the user."""


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost."""

    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


def measure(command: list[str], environment: dict[str, str], cores: int | None = None) -> tuple[Cost, str]:
    """Run a command to its end and return its cost and what it wrote to stdout."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:cores])
        watcher = _MemoryWatcher(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        watcher.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        end = "\n".join(text.strip().splitlines()[-25:])
        raise BenchmarkError(f"this failed: {' '.join(command)}\n{end}")
    # ru_maxrss knows the process alone, and on Linux counts what this one held when it started it
    unit = 1 if sys.platform == "darwin" else 1024
    peak = watcher.peak or usage.ru_maxrss * unit
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(round(seconds, 3), round(cpu, 3), round(peak / 1e6, 1)), text


def summary(costs: Iterable[Cost]) -> dict:
    """Every run, and the least, the middle and the most of each figure."""
    runs = [asdict(cost) for cost in costs]
    figures = {name: sorted(run[name] for run in runs) for name in runs[0]}
    spread = {n: {"min": v[0], "median": round(median(v), 3), "max": v[-1]} for n, v in figures.items()}
    return {"runs": runs, **spread}


class _MemoryWatcher:
    """Adds up the resident memory of a process and its descendants while it runs, where /proc tells it."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLED_EVERY):
            self.peak = max(self.peak, _resident_bytes(self._pid))


def _resident_bytes(pid: int) -> int:
    """The resident memory of a process and its descendants; what has ended meanwhile counts as nothing."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [
            int(child)
            for path in Path(f"/proc/{pid}/task").glob("*/children")
            for child in path.read_text().split()
        ]
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident_bytes(child) for child in children)
