"""Many users at once, each drawing: how long they wait, and what it costs the server.

    python tests/benchmarks/load.py [--users 20] [--seconds 20] [--rate 2]

It starts the app on this machine, lets plain WebSocket clients (`visitor.py`) open the page *Draw*,
and lets each of them report a stroke `rate` times a second, each at its own moments. Like the pad,
a client waits for the answer before it reports again. It prints one line of JSON:

    answer_ms    from the report being sent to its script run having finished, the whole answer read
    from_due_ms  the same from the moment at which the report was due: this grows when answers
                 take longer than the pace allows, which `answer_ms` would not show
    late         reports that left later than they were due, because an answer was outstanding
    errors       answers that were none, with the first of their reasons
    kb_per_answer, answers_per_second, server_processor (1.0 = one processor busy all the time)
    processor_ms_per_answer  what one answer costs the server; at 40 a second, 25 fill a processor
    memory_mb    of the server: with one session at rest, with all sessions open, after a quarter
                 of the time, at the end, and when all but the first have left

The figure to reach is a median `answer_ms` under 100 ms with 20 users at 2 a second. The clients
share the machine with the server and take up to a tenth of it.
"""

import argparse
import asyncio
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import measure
from tests.benchmarks.visitor import RefusedError, Visitor
from tests.serving import serve

BAR_MS = 100
MOST_USERS, MOST_SECONDS, MOST_RATE = 100, 300, 20.0
PATIENCE = 60
SEED = 0


@dataclass
class Tally:
    """What the clients found: seconds of each answer, late departures, failures."""

    answers: list[float] = field(default_factory=list)
    from_due: list[float] = field(default_factory=list)
    late: int = 0
    errors: list[str] = field(default_factory=list)


def due_times(phase: float, rate: float, seconds: float) -> list[float]:
    """When a client reports: seconds from the start, `rate` a second, beginning at `phase`."""
    return [phase + i / rate for i in range(max(0, int((seconds - phase) * rate + 0.999999)))]


async def use(visitor: Visitor, dues: list[float], start: float, tally: Tally) -> None:
    """Draw with one client at the given times after `start`."""
    for due in dues:
        wait = start + due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        elif wait < -0.001:
            tally.late += 1
        try:
            took = await asyncio.wait_for(visitor.draw(), PATIENCE)
        except (RefusedError, OSError, TimeoutError) as error:
            tally.errors.append(f"{type(error).__name__}: {error}")
            return
        tally.answers.append(took)
        tally.from_due.append(time.perf_counter() - start - due)


async def load(address: str, pid: int, users: int, seconds: float, rate: float) -> dict[str, Any]:
    """Run the clients against a server that is up, and return what is printed."""
    memory: dict[str, Any] = {}
    first = await Visitor.open(address)
    for _ in range(10):
        await first.draw()
    memory["one session"] = measure.memory(pid)
    # One after the other: this measures people at work, not all of them arriving at once.
    visitors = [await Visitor.open(address) for _ in range(users)]
    for visitor in visitors:
        await visitor.draw()
    memory["all open"] = measure.memory(pid)

    tally, chance = Tally(), random.Random(SEED)
    heard, used = sum(v.received for v in visitors), measure.processor_seconds(pid)
    start = time.perf_counter()

    async def look() -> None:
        await asyncio.sleep(seconds / 4)
        memory["after a quarter"] = measure.memory(pid)

    dues = [due_times(chance.random() / rate, rate, seconds) for _ in visitors]
    await asyncio.gather(
        look(), *(use(v, d, start, tally) for v, d in zip(visitors, dues, strict=True))
    )
    took = time.perf_counter() - start
    heard = sum(v.received for v in visitors) - heard
    used = measure.processor_seconds(pid) - used
    memory["at the end"] = measure.memory(pid)
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    await first.draw()
    memory["one session again"] = measure.memory(pid)
    await first.close()
    return {
        "due": sum(map(len, dues)),
        "answer_ms": measure.summary([1000 * t for t in tally.answers]),
        "from_due_ms": measure.summary([1000 * t for t in tally.from_due]),
        "late": tally.late,
        "errors": len(tally.errors),
        "first_error": next(iter(tally.errors), None),
        "answers_per_second": round(len(tally.answers) / took, 1),
        "kb_per_answer": round(heard / max(1, len(tally.answers)) / 1000, 1),
        "server_processor": round(used / took, 2),
        "processor_ms_per_answer": round(1000 * used / max(1, len(tally.answers)), 1),
        "memory_mb": memory,
    }


def main() -> None:
    """Measure as the command line says and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=2, help="reports a second of each user")
    wish = parser.parse_args()
    users = min(max(wish.users, 1), MOST_USERS)
    seconds = min(max(wish.seconds, 1), MOST_SECONDS)
    rate = min(max(wish.rate, 0.1), MOST_RATE)
    with serve() as (address, process):
        found = asyncio.run(load(address, process.pid, users, seconds, rate))
    head = {"users": users, "seconds": seconds, "rate": rate, "bar_median_ms": BAR_MS}
    print(measure.line({**head, **found, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
