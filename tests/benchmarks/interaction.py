"""From a person's event to the painted result, for each interaction of a page.

    python tests/benchmarks/interaction.py [--page draw] [--n 40] [--device desktop|phone]
                                           [--training]

It starts the app, drives Chromium with real input events, and prints one line of JSON: for each
interaction how many events it measured after a warm-up, and the median, 95th percentile and
maximum in ms from the event to the last change that it caused being painted: all activation maps,
the bars, the prediction, and whatever else of the page answered. `watch.js` says exactly what an
event, a change and painted mean. Besides, medians tell where the time goes:

    sent      the event's report has left the page
    answered  the last message of the answer has reached the page (the script's run, the network)
    changed   the last change is in the page (React, canvases, chart)
    painted   it is on the screen
    bytes     size of the answer
    first     the same as `painted` for the very first event, which the figures leave out
    repeated  events that went unanswered for 10 s and were done again: more than a rare 1 is a
              fault

It begins when the server has looked up ahead what it looks up once after its start.

One interaction is one row of `PAGES`; the figure to reach is a 95th percentile under `bar_p95_ms`;
with `--training`, while a run trains in a process of its own, it is 150 ms.
`continuous` is what a hand sees that does not wait: repaints a second while points come as fast as
the browser takes them, and the longest time without one, on the page as the interactions leave it
(with the largest picture, if it has any) and as it opens. `pointing` is what needs no answer: the
times of all frames while the pointer wanders over a lens, and how many took more than 33 ms.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from explorer import warm
from tests.benchmarks import measure, rows
from tests.benchmarks.backprop import BACKPROP
from tests.benchmarks.browser import WATCH, Hand, settle
from tests.benchmarks.dense import DENSE, SPOKE, seeing
from tests.benchmarks.network import NETWORK
from tests.benchmarks.pooling import POOLING
from tests.benchmarks.rows import Interaction, Page, button, choose, next_option, open_list
from tests.benchmarks.stepping import STEPPING
from tests.benchmarks.surgery import SURGERY
from tests.benchmarks.travel import TRAVEL
from tests.serving import DESKTOP, PHONE, ROOT, browse, serve

FRAME_MS = 33
WARM_UP = 5
STREAM_SECONDS = 3.0
STROKE_POINTS = 16
"""Points of one stroke, after which the sheet is cleared and the next stroke begins."""


def three(points: int = STROKE_POINTS) -> Iterator[tuple[float, float]]:
    """The digit 3 in one stroke, from its top left: (x, y) from 0 to 1."""
    for i in range(points):
        along = 2 * i / (points - 1)
        bow, turn = (0.0, along) if along < 1 else (1.0, along - 1)
        angle = math.pi * (turn - 0.5)
        yield 0.4 + 0.22 * math.cos(angle), 0.32 + 0.36 * bow + 0.18 * math.sin(angle)


def _sheet(hand: Hand) -> Any:
    return hand.page.locator(f".st-key-{_pad(hand)} canvas")


def _pad(hand: Hand) -> str:
    """The key of the page's pad."""
    return "dense_pad" if hand.page.locator(".st-key-dense_pad").count() else "digit_pad"


def _on_sheet(hand: Hand, x: float, y: float) -> tuple[float, float]:
    box = _sheet(hand).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def _begin_stroke(hand: Hand, i: int, drawn: tuple[str, ...] | None = None) -> None:
    """Before the first point of a stroke: lift, clear, and put the pen down again."""
    if i % (STROKE_POINTS - 1) == 0:
        _clear(hand)
        hand.page.evaluate("watcher.arm()")
        hand.down(*_on_sheet(hand, *next(three())))
        settle(hand.page, "pointerdown", drawn or DRAWN)


def _clear(hand: Hand) -> None:
    hand.up()
    clear = hand.page.locator(f".st-key-{_pad(hand)} button[data-part=clear]")
    if clear.is_enabled():
        hand.page.evaluate("watcher.arm()")
        hand.press(clear)
        settle(hand.page, "pointerup", (_pad(hand),))
    _sheet(hand).scroll_into_view_if_needed()


def _stroke_point(hand: Hand, i: int) -> None:
    hand.move(*_on_sheet(hand, *list(three())[1 + i % (STROKE_POINTS - 1)]))


def _scribble(hand: Hand) -> Callable[[int], None]:
    _clear(hand)
    # Asking the page for every move where the sheet is would slow the hand down.
    (left, top), (right, bottom) = _on_sheet(hand, 0.2, 0.2), _on_sheet(hand, 0.8, 0.8)

    def move(i: int) -> None:
        across, down = (1 + math.cos(i / 12)) / 2, (1 + math.sin(i / 7.7)) / 2
        hand.move(left + across * (right - left), top + down * (bottom - top))

    hand.down((left + right) / 2, (top + bottom) / 2)
    return move


LAYERS = ("layers",)
MAPS = ("input", *LAYERS)
DRAWN = (*MAPS, "digit_pad")
WHOLE = ("network", "digit_pad")
SPOKEN = (*SPOKE, "dense_pad")


def _new_input(hand: Hand, i: int) -> None:
    """Streamlit's client keeps recent messages: with the same input it would be sent nothing."""
    hand.page.evaluate("watcher.arm()")
    button("Random")(hand, i)
    settle(hand.page, "pointerup", MAPS)


def _list_of_networks(hand: Hand, i: int) -> None:
    _new_input(hand, i)
    open_list("setting-network")(hand, i)


PAGES = {
    "draw": Page(
        path="/",
        shows=(*DRAWN, "prediction", "probabilities"),
        interactions=(
            Interaction(
                "stroke point -> probabilities and maps painted",
                _stroke_point,
                (*DRAWN, "probabilities"),
                event="pointermove",
                prepare=_begin_stroke,
            ),
            Interaction("test image chosen -> painted", button("Random"), (*MAPS, "probabilities")),
            Interaction("class of test images chosen -> painted", next_option("test_class"), MAPS),
            Interaction(
                "image it gets wrong -> painted",
                button("One it gets wrong"),
                MAPS,
                prepare=_new_input,
            ),
            Interaction(
                "network changed -> painted",
                choose(("Article", "Default")),
                LAYERS,
                prepare=_list_of_networks,
            ),
            Interaction(
                "before or after ReLU -> painted",
                next_option("setting-values"),
                LAYERS,
                prepare=_new_input,
            ),
            Interaction(
                "colour scale changed -> painted",
                next_option("setting-scale"),
                LAYERS,
                prepare=_new_input,
            ),
        ),
        stream=_scribble,
        follows="layers",
        end_stream=_clear,
    ),
    "convolution": rows.CONVOLUTION,
    "activations": rows.ACTIVATIONS,
    "depth": rows.DEPTH,
    "pooling": POOLING,
    "network": replace(
        NETWORK,
        interactions=(
            Interaction(
                "stroke point -> the whole picture painted",
                _stroke_point,
                WHOLE,
                event="pointermove",
                prepare=partial(_begin_stroke, drawn=WHOLE),
                bar_ms=120,
            ),
            *NETWORK.interactions,
        ),
        stream=_scribble,
        end_stream=_clear,
    ),
    "surgery": SURGERY,
    "stepping": STEPPING,
    "dense": replace(
        DENSE,
        interactions=(
            Interaction(
                "stroke point -> contributions painted",
                _stroke_point,
                SPOKEN,
                event="pointermove",
                prepare=seeing("Who spoke for it?", partial(_begin_stroke, drawn=SPOKEN)),
            ),
            *DENSE.interactions,
        ),
    ),
    "backprop": BACKPROP,
    **TRAVEL,
}


def once(hand: Hand, row: Interaction, i: int) -> Any:
    """Do one interaction once and return what `watch.js` saw.

    Chance may choose what is there already, which changes nothing: then it is done once more.
    """
    for trial in (1, 2):
        row.prepare(hand, i)
        hand.page.evaluate("watcher.arm()")
        row.act(hand, i)
        try:
            seen = settle(hand.page, row.event, row.needs)
            if row.until == "needs":
                seen["painted"] = max(seen["first"][what] for what in row.needs)
            return {**seen, "trials": trial}
        except RuntimeError as error:
            failure = error  # the name of an exception ends with its clause
    raise RuntimeError(f"{row.name}, event {i}: {failure}") from failure


def figures(seen: list[Any], first: float) -> dict[str, Any]:
    """What is printed of one interaction's events."""
    parts = {
        name: round(median(each[name] for each in seen), 1)
        for name in ("sent", "answered", "changed", "painted")
    }
    return {
        **measure.summary([each["painted"] for each in seen]),
        "parts": {**parts, "bytes": round(median(each["bytes"] for each in seen))},
        "first": round(first, 1),
        "repeated": sum(each["trials"] > 1 for each in seen),
    }


def continuous(hand: Hand, page: Page) -> dict[str, float]:
    """Repaints while the hand moves without waiting for answers."""
    assert page.stream
    move = page.stream(hand)
    moves = 0
    for seconds in (1.0, STREAM_SECONDS):
        hand.page.evaluate("watcher.arm()")
        start = hand.page.evaluate("watcher.now()")
        before, end = moves, time.perf_counter() + seconds
        while time.perf_counter() < end:
            move(moves)
            moves += 1
        now = hand.page.evaluate("watcher.now()")
    times = hand.page.evaluate("what => watcher.paintings(what)", page.follows)
    page.end_stream(hand)
    gaps = [b - a for a, b in zip([start, *times], [*times, now], strict=True)]
    return {
        "moves_per_second": round(1000 * (moves - before) / (now - start), 1),
        "repaints_per_second": round(1000 * len(times) / (now - start), 1),
        "longest_gap_ms": round(max(gaps), 1),
    }


FRAMES = """() => {
  const times = [];
  let going = true;
  const step = (now) => { times.push(now); if (going) requestAnimationFrame(step); };
  requestAnimationFrame(step);
  window.stopFrames = () => { going = false; return times; };
}"""


def pointing(hand: Hand, what: rows.Pointing) -> dict[str, float]:
    """How long each frame takes while the pointer wanders as fast as the browser takes it."""
    move = what.begin(hand)
    for seconds in (1.0, STREAM_SECONDS):
        hand.page.evaluate(FRAMES)
        end, moves = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            move(moves)
            moves += 1
        times = hand.page.evaluate("stopFrames()")
    frames = [b - a for a, b in pairwise(times)]
    late = sum(frame > FRAME_MS for frame in frames)
    return {**measure.summary(frames), "moves": moves, f"over_{FRAME_MS}_ms": late}


@contextmanager
def training() -> Iterator[None]:
    """A run that trains meanwhile, in a store of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["EXPLORER_DATA"] = folder
        words = ["train", "--preset", "article", "--epochs", "200", "--json"]
        worker = subprocess.Popen(
            [sys.executable, "-m", "explorer", *words], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert worker.stdout
        worker.stdout.readline()  # it has begun
        drain = threading.Thread(target=worker.stdout.read, daemon=True)
        drain.start()
        try:
            yield
        finally:
            worker.kill()
            worker.wait()


def run(page: Page, n: int, device: str) -> dict[str, Any]:
    """Measure every interaction of a page in one session."""
    context = PHONE if device == "phone" else DESKTOP
    found: dict[str, Any] = {}
    result: dict[str, Any] = {"interactions": found}
    with (
        serve() as (address, server),
        sync_playwright() as playwright,
        browse(playwright, **context) as tab,
    ):
        tab.add_init_script(WATCH)
        tab.goto(address + page.path)
        settle(tab, None, page.shows, patience=60)
        tab.wait_for_timeout(1000 * warm.PAINTING)
        measure.await_rest(server.pid)
        hand = Hand(tab, touch=device == "phone")
        for row in page.interactions:
            seen = [once(hand, row, i) for i in range(WARM_UP + n)]
            found[row.name] = figures(seen[WARM_UP:], first=seen[0]["painted"])
            found[row.name]["bar_p95_ms"] = row.bar_ms
            hand.up()
        if page.stream:
            result["continuous"] = {"as the interactions left it": continuous(hand, page)}
        if page.pointing and device == "desktop":
            result["pointing"] = {one.name: pointing(hand, one) for one in page.pointing}
        if page.stream:
            tab.goto(address + page.path)
            settle(tab, None, page.shows, patience=60)
            result["continuous"]["as it opens"] = continuous(hand, page)
    return result


def main() -> None:
    """Measure as the command line says and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--page", choices=PAGES, default="draw")
    parser.add_argument("--n", type=int, default=40, help="events measured per interaction")
    parser.add_argument("--device", choices=("desktop", "phone"), default="desktop")
    parser.add_argument("--training", action="store_true", help="while a run trains")
    wish = parser.parse_args()
    with training() if wish.training else nullcontext():
        found = run(PAGES[wish.page], max(wish.n, 1), wish.device)
    head = {"page": wish.page, "device": wish.device, "training": wish.training}
    print(measure.line({**head, **found, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
