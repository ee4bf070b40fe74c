"""How long the app takes to be useful, and how much memory it takes for how many people.

    python tests/benchmarks/startup.py [--runs 5] [--sessions 10] [--no-cold]

It starts the app again and again as its command line does, opens it in Chromium, which runs
already, and prints one line of JSON:

    start_ms    from the command: `answers`, the server takes connections; `frame`, the page's title
                is painted; `useful`, the prediction and the maps of the first layer are painted;
                `whole`, nothing changes any more. Once `cold`, then the median of `runs` as `warm`.
    reload_ms   the same from a reload of the open page, and from a second person's first visit
    memory_mb   of the server with one session at rest, and what each further session adds: it
                draws a digit and a half, and stays open (clients of `visitor.py`)

Cold means that the kernel was asked (`posix_fadvise`) to forget every file of this Python, its
packages and the app before the command: it keeps those that another process has mapped, so that
nothing else of the kind should run. Painted means what it means in `watch.js`. The figures to
reach: useful within 3 s of the command, a reload within 1 s, under 15 MB for a further session.
"""

import argparse
import asyncio
import os
import sys
import sysconfig
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import measure
from tests.benchmarks.browser import WATCH, settle
from tests.benchmarks.visitor import Visitor
from tests.serving import DESKTOP, ROOT, browse, serve

BARS = {"useful_ms": 3000, "reload_useful_ms": 1000, "session_mb": 15}
USEFUL = ("prediction", "layers")
REPORTS = 9


def forget_files() -> int:
    """Ask the kernel to drop what it caches of Python, the packages and the app: bytes asked for.

    Raises:
        OSError: this system has no `posix_fadvise`.
    """
    if not hasattr(os, "posix_fadvise"):
        raise OSError("a cold start needs posix_fadvise, which this system lacks: use --no-cold")
    folders = {ROOT, *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))}
    total = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if not path.is_file() or path.is_symlink():
                continue
            with path.open("rb") as file:
                total += os.fstat(file.fileno()).st_size
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return total


def _moments(page: Any) -> dict[str, float]:
    """Seconds since 1970 at which an opened page was navigated to, framed, useful and whole."""
    seen = settle(page, None, ("title", *USEFUL), patience=120)
    origin, first = seen["origin"] / 1000, seen["first"]
    return {
        "navigated": origin,
        "frame": origin + first["title"] / 1000,
        "useful": origin + max(first[name] for name in USEFUL) / 1000,
        "whole": origin + seen["painted"] / 1000,
    }


def _since(start: float, moments: dict[str, float]) -> dict[str, float]:
    return {name: round(1000 * (at - start)) for name, at in moments.items()}


def start(playwright: Any) -> dict[str, float]:
    """One start of the app: ms from the command to each moment."""
    with browse(playwright, **DESKTOP) as page:
        page.add_init_script(WATCH)
        page.goto("about:blank")
        command = time.time()
        with serve() as (address, _):
            answers = time.time()
            page.goto(address, wait_until="commit")
            return _since(command, {"answers": answers, **_moments(page)})


def revisit(playwright: Any, address: str, runs: int) -> dict[str, dict[str, float]]:
    """Reloads of an open page, and first visits with an empty cache: medians in ms."""
    reloads, visits = [], []
    for _ in range(runs):
        with browse(playwright, **DESKTOP) as page:
            page.add_init_script(WATCH)
            page.goto(address, wait_until="commit")
            moments = _moments(page)
            visits.append(_since(moments["navigated"], moments))
            page.reload(wait_until="commit")
            moments = _moments(page)
            reloads.append(_since(moments["navigated"], moments))
    return {"reload": medians(reloads), "second_person": medians(visits)}


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure over several runs that have the same figures."""
    return {name: median(run[name] for run in runs) for name in runs[0]}


async def sessions(address: str, pid: int, count: int) -> dict[str, Any]:
    """Memory of the server with one session, and with each further one that drew something."""

    async def arrive() -> Visitor:
        visitor = await Visitor.open(address)
        for _ in range(REPORTS):
            await visitor.draw()
        return visitor

    here = [await arrive()]
    measure.await_rest(pid)  # what the server looks up ahead is no session's memory
    sizes = [measure.memory(pid)]
    for _ in range(count):
        here.append(await arrive())
        sizes.append(measure.memory(pid))
    await asyncio.gather(*(visitor.close() for visitor in here))
    return {
        "at_rest": sizes[0],
        f"with_{count}_more": sizes[-1],
        "per_session": {
            name: round(measure.slope([size[name] for size in sizes]), 2) for name in sizes[0]
        },
    }


def main() -> None:
    """Measure as the command line says and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=10, help="further sessions")
    parser.add_argument("--no-cold", action="store_true", help="leave the kernel's cache alone")
    wish = parser.parse_args()
    runs, count = max(wish.runs, 1), min(max(wish.sessions, 1), 200)
    found: dict[str, Any] = {"bars": BARS, "start_ms": {}}
    with sync_playwright() as playwright:
        if not wish.no_cold:
            start(playwright)  # so that everything is compiled, and only reading is cold
            found["forgotten_mb"] = round(forget_files() / measure.MB)
            found["start_ms"]["cold"] = start(playwright)
        found["start_ms"]["warm"] = medians([start(playwright) for _ in range(runs)])
        with serve() as (address, _):
            found["reload_ms"] = revisit(playwright, address, runs)
    with serve() as (address, process):
        found["memory_mb"] = asyncio.run(sessions(address, process.pid, count))
    print(measure.line({**found, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
