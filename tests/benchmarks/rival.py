"""Side by side with CNN Explainer: the first useful paint, and a changed input to all maps painted.

    python tests/benchmarks/rival.py --rival URL [URL …] [--n 10] [--network default]

CNN Explainer (Wang et al., 2020; github.com/poloclub/cnn-explainer) is served by whoever calls
this: clone it, `npm install`, `npx rollup -c`, `npx sirv public`. With a later Node than its own,
svelte has to be pinned to 3.24.1; its page fetches d3, TensorFlow.js 1.0.0, bulma, Font Awesome,
smooth-scroll and MathJax from other hosts, which should be put beside it where the network is slow
or missing, so that no page waits for one. Where there is no graphics processor, TensorFlow.js
emulates one: then a second URL whose page calls `tf.setBackend("cpu")` before the bundle is the
fairer rival, and the better of the two counts.

This serves ours, opens each page once unmeasured, and then in turns `n` times, each time in a
browser of its own with an empty cache. One line of JSON, times in ms:

    first       navigation to all maps painted; the server has been up and asked before
    changed     another picture clicked, CNN Explainer's next thumbnail, our “Random”, to all maps
                painted, CHANGES times a visit after an unmeasured one; CNN Explainer fades the old
                maps out for 300 ms first, and its new ones in for 700 ms, which does not count
    rest        the same until nothing on the page moves any more
    stroke      ours alone: a point of a stroke to all maps painted

`ratio` is our median by the rival's. `rival.js` says exactly what painted means, for both alike.
"""

import argparse
import math
import sys
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from explorer.network.zoo import NETWORKS
from tests.benchmarks import measure
from tests.serving import DESKTOP, browse, serve

RACE = Path(__file__).with_suffix(".js").read_text("utf-8")
CHANGES = 3
POINTS = 8
PATIENCE = 60
Times = dict[str, list[float]]


def settle(page: Any) -> dict[str, float]:
    """When the maps were painted, and when the page came to rest.

    Raises:
        RuntimeError: it did not within PATIENCE seconds.
    """
    seen: dict[str, float] | None = page.evaluate(f"race.settle({1000 * PATIENCE})")
    if seen is None:
        raise RuntimeError(f"{page.url}: not all maps painted, or no rest, within {PATIENCE} s")
    return seen


def another_picture(page: Any, i: int, *, ours: bool) -> None:
    """Click another input, and have the click timed."""
    if ours:
        target = page.get_by_role("button", name="Random", exact=True)
    else:
        target = page.locator(".image-container:not(:has(.custom-image)) img").nth(i)
    target.scroll_into_view_if_needed()
    page.evaluate("race.arm('pointerup')")
    target.click()


def stroke(page: Any) -> list[float]:
    """Points of one stroke on the pad, each once the one before it is at rest."""
    pad = page.locator(".st-key-digit_pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    found = []
    for i in range(POINTS + 1):
        angle = 2 * math.pi * i / POINTS
        place = (
            box["x"] + box["width"] * (0.5 + 0.25 * math.sin(angle)),
            box["y"] + box["height"] * (0.5 - 0.3 * math.cos(angle)),
        )
        if i == 0:
            page.mouse.move(*place)
            page.evaluate("race.arm(null)")
            page.mouse.down()
            settle(page)
            continue
        page.evaluate("race.arm('pointermove')")
        page.mouse.move(*place)
        found.append(settle(page)["maps"])
    page.mouse.up()
    return found


def visit(playwright: Any, address: str, *, ours: bool) -> Times:
    """One person with an empty cache opens the page, changes the input, and draws where one can."""
    with browse(playwright, **DESKTOP) as page:
        page.add_init_script(RACE)
        page.goto(address, wait_until="commit")
        found: Times = {"first": [settle(page)["maps"]], "changed": [], "rest": []}
        for i in range(1 + CHANGES):
            another_picture(page, i, ours=ours)
            seen = settle(page)
            if i:
                found["changed"].append(seen["maps"])
                found["rest"].append(seen["rest"])
        if ours:
            found["stroke"] = stroke(page)
        return found


def load(network: str) -> dict[str, int]:
    """What our picture of a network shows: maps, the input's included, their values, and units."""
    rows = NETWORKS[network].rows
    shapes = [rows[0].input_shape, *(row.output_shape for row in rows)]
    maps = [shape for shape in shapes if len(shape) == 3]
    return {
        "maps": sum(shape[0] for shape in maps),
        "values": sum(math.prod(shape) for shape in maps),
        "units": sum(shape[0] for shape in shapes if len(shape) == 1),
    }


def main() -> None:
    """Measure as the command line says and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rival", nargs="+", required=True, metavar="URL", help="CNN Explainer")
    parser.add_argument("--n", type=int, default=10, help="visits to each page")
    parser.add_argument("--network", choices=NETWORKS, default="default", help="what ours shows")
    wish = parser.parse_args()
    with serve() as (address, _), sync_playwright() as playwright:
        own = f"{address}/network?network={wish.network}"
        times: dict[str, Times] = {url: {} for url in (*wish.rival, own)}
        for i in range(1 + max(wish.n, 1)):
            for url, sofar in times.items():
                seen = visit(playwright, url, ours=url == own)
                for name, values in seen.items() if i else ():
                    sofar.setdefault(name, []).extend(values)
    ours = times.pop(own)
    found: dict[str, Any] = {
        "network": {"name": wish.network, **load(wish.network)},
        "ours": {name: measure.summary(values) for name, values in ours.items()},
    }
    for url, sofar in times.items():
        found[url] = {name: measure.summary(values) for name, values in sofar.items()}
        found[url]["ratio"] = {
            name: round(median(ours[name]) / median(values), 3) for name, values in sofar.items()
        }
    print(measure.line({**found, "machine": measure.machine()}))


if __name__ == "__main__":
    main()
