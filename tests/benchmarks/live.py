"""From a click on the page *Train* to what the run shows of it, and how often it is repainted.

    python tests/benchmarks/live.py [--n 5] [--seconds 5] [--device desktop|phone]

It starts the app with a store of its own, begins the article's run once and throws it away, and
then `n` times: starts it, watches its chart, pauses, takes a step, goes on, stops. Printed is one
line of JSON, times in ms from the press of the button to the change in the page:

    acknowledged   the run's head says something else (queued, "Pausing …", a state)
    first_point    the chart has its first step, from the click on Start
    repaints       of the chart a second, and the longest time without one
    watched        steps a second while the page shows the run, as a share of those in the windows
                   between, in which no page is open; of one run, in turns
"""

import argparse
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from explorer.training import launcher
from explorer.training.spec import PRESETS
from tests.benchmarks import measure
from tests.serving import DESKTOP, PHONE, browse, serve

WATCH = """() => {
  const all = (key) => [...document.querySelectorAll(`.st-key-${key} *`)];
  const host = (key) => all(key).find((element) => element.shadowRoot);
  const seen = { said: '', painted: '', changes: [], paints: [], first: null, pressed: 0 };
  window.live = seen;
  addEventListener('pointerup', (event) => { seen.pressed = event.timeStamp; }, true);
  const look = () => {
    const [head, chart] = [host('run_head'), host('curves')];
    const now = performance.now();
    const note = head?.shadowRoot.querySelector('[data-part=note]')?.textContent ?? '';
    const said = `${head?.dataset.state} ${note}`;
    if (said !== seen.said) seen.changes.push(now);
    seen.said = said;
    if (chart && chart.dataset.painted !== seen.painted) {
      seen.paints.push(now);
      seen.painted = chart.dataset.painted;
    }
    const points = chart?.curves?.arrays.loss0.shape[0];
    if (!points) seen.first = null;
    else seen.first ??= now;
    requestAnimationFrame(look);
  };
  look();
}"""


def press(page: Any, name: str) -> float:
    """Press a button; ms until the head of the run says something else."""
    page.evaluate("live.changes = []")
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_function("live.changes.some((at) => at > live.pressed)")
    return float(page.evaluate("live.changes.find((at) => at > live.pressed) - live.pressed"))


def stands(page: Any, state: str) -> None:
    """Wait until the run is in this state."""
    page.wait_for_function("(state) => live.said.startsWith(state)", arg=state)


def once(page: Any, seconds: float) -> dict[str, float]:
    """One run, from its start to its stop."""
    found = {"start": press(page, "Start")}
    page.wait_for_function("live.first > live.pressed")
    found["first_point"] = page.evaluate("live.first - live.pressed")
    page.evaluate("live.paints = []")
    page.wait_for_timeout(1000 * seconds)
    paints = page.evaluate("live.paints")
    found["repaints"] = len(paints) / seconds
    found["longest_gap"] = max((b - a for a, b in pairwise(paints)), default=1000 * seconds)
    found["pause"] = press(page, "Pause")
    stands(page, "paused")
    found["one_step"] = press(page, "One step")
    page.wait_for_function("!live.said.includes('…')")
    found["resume"] = press(page, "Resume")
    stands(page, "running")
    found["stop"] = press(page, "Stop")
    stands(page, "stopped")
    return found


def rate(run: str, seconds: float) -> float:
    """Steps a second that a run reports in the next seconds."""
    begun, before = time.monotonic(), launcher.find(run)
    time.sleep(seconds)
    after, passed = launcher.find(run), time.monotonic() - begun
    assert before
    assert after
    return (after.step - before.step) / passed


def watched(page: Any, address: str, seconds: float, turns: int) -> list[float]:
    """Share of its speed that a run keeps while a page shows it, turn by turn."""
    run = launcher.launch(PRESETS["article"].spec)
    try:
        shares = []
        for turn in range(1 + turns):
            page.goto("about:blank")
            alone = rate(run, seconds)
            page.goto(f"{address}/train?run={run}")
            page.locator(".st-key-curves").wait_for()
            if turn:  # in the first turn everything is made for the first time
                shares.append(rate(run, seconds) / alone)
        return shares
    finally:
        launcher.command(run, "stop")


def main() -> None:
    """Measure as the command line says and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--device", choices=("desktop", "phone"), default="desktop")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["EXPLORER_DATA"] = folder
        with (
            serve() as (address, _),
            sync_playwright() as playwright,
            browse(playwright, **(PHONE if wish.device == "phone" else DESKTOP)) as page,
        ):
            page.set_default_timeout(60_000)
            page.goto(f"{address}/train")
            page.get_by_role("button", name="Start", exact=True).wait_for()
            page.evaluate(WATCH)
            seen = [once(page, wish.seconds) for _ in range(1 + max(wish.n, 1))][1:]
            shares = watched(page, address, wish.seconds, max(wish.n, 1))
    figures = {name: measure.summary([each[name] for each in seen]) for name in seen[0]}
    figures["watched"] = {"n": len(shares), "median": median(shares), "least": min(shares)}
    print(measure.line({"device": wish.device, **figures, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
