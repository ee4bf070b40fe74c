"""What the benchmarks share: figures out of many times, memory of a process, one line of JSON."""

import json
import math
import os
import platform
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import psutil

MB = 1_000_000


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank).

    Raises:
        ValueError: no values, or a share outside (0, 1].
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"a percentile of {len(values)} values at {share}")
    return sorted(values)[math.ceil(share * len(values) - 1e-9) - 1]


def summary(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """n, median, 95th percentile and maximum; only n where there are no values."""
    if not values:
        return {"n": 0}
    figures = {"median": median(values), "p95": percentile(values, 0.95), "max": max(values)}
    return {"n": len(values), **{name: round(value, digits) for name, value in figures.items()}}


def slope(values: Sequence[float]) -> float:
    """Growth per step of the straight line through values at 0, 1, 2, … (least squares)."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((i - middle) ** 2 for i in range(len(values)))
    if spread == 0:
        return 0.0
    return sum((i - middle) * (value - mean) for i, value in enumerate(values)) / spread


def memory(pid: int) -> dict[str, float]:
    """MB (10⁶ bytes) of a process and its children: resident, proportional and unique."""
    process = psutil.Process(pid)
    infos = [p.memory_full_info() for p in (process, *process.children(recursive=True))]
    names = [name for name in ("rss", "pss", "uss") if hasattr(infos[0], name)]
    return {name: round(sum(getattr(i, name) for i in infos) / MB, 1) for name in names}


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, in seconds."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def await_rest(pid: int, patience: float = 60) -> None:
    """Return when a process has hardly worked for a second, or after ``patience`` seconds."""
    process, end = psutil.Process(pid), time.monotonic() + patience
    while process.cpu_percent(interval=1) > 10 and time.monotonic() < end:
        pass


def machine() -> dict[str, Any]:
    """Where a figure was measured, and how busy it was there: figures mean little without."""
    busy = [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None
    return {
        "system": platform.system(),
        "processors": psutil.cpu_count(),
        "python": platform.python_version(),
        "load_average": busy,
    }


def line(figures: Mapping[str, object]) -> str:
    """The figures as one line of strict JSON."""
    return json.dumps(figures, allow_nan=False, ensure_ascii=False)
