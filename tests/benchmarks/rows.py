"""The interactions of the pages *Convolution* and *Activation maps*, and what a row of them is."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import TimeoutError

from tests.benchmarks.browser import Hand, settle


@dataclass(frozen=True)
class Interaction:
    """One row: what a hand does, and what has to be painted before it counts as answered.

    Attributes:
        name: what is measured, from and to.
        act: does it once; the number says which time it is.
        needs: keys of the elements that this always changes.
        event: the browser's event that the time starts at.
        prepare: brings the page to where `act` begins; not measured.
        bar_ms: what the 95th percentile has to stay under.
        until: what ends the time: the last change of all, or the moment when each of `needs` has
            been painted once, where more is to come.
    """

    name: str
    act: Callable[[Hand, int], None]
    needs: tuple[str, ...]
    event: str = "pointerup"
    prepare: Callable[[Hand, int], None] = lambda hand, i: None
    bar_ms: float = 100
    until: Literal["rest", "needs"] = "rest"


@dataclass(frozen=True)
class Pointing:
    """A movement that stays in the browser: `begin` brings the page there and returns what moves
    the pointer to its i-th place.
    """

    name: str
    begin: Callable[[Hand], Callable[[int], None]]


@dataclass(frozen=True)
class Page:
    """A page's address, what it shows when it is there, its interactions, and its stream if any.

    `stream` begins a movement that does not wait for answers, and returns what moves the hand to
    its i-th place; `end_stream` ends it, and `follows` is the key of what has to keep up with it.
    `pointing` needs no answers at all: there every frame is timed.
    """

    path: str
    shows: tuple[str, ...]
    interactions: tuple[Interaction, ...]
    stream: Callable[[Hand], Callable[[int], None]] | None = None
    follows: str = ""
    end_stream: Callable[[Hand], None] = Hand.up
    pointing: tuple[Pointing, ...] = ()


def button(name: str) -> Callable[[Hand, int], None]:
    """Press a button by its name."""
    return lambda hand, i: hand.press(hand.page.get_by_role("button", name=name, exact=True))


def next_option(key: str, count: int | None = None) -> Callable[[Hand, int], None]:
    """Press the option after the chosen one in a row of choices, round and round.

    With a `count` only that many options take part, from the first on.
    """

    def press(hand: Hand, i: int) -> None:
        options = hand.page.locator(f".st-key-{key} [data-variant]")
        chosen = options.evaluate_all("all => all.findIndex(one => one.dataset.selected)")
        hand.press(options.nth((chosen + 1) % (count or options.count())))

    return press


def middle(hand: Hand, target: Any) -> tuple[float, float, float, float]:
    """Where a locator lies in the viewport, after bringing it there: x, y, width, height."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    return box["x"], box["y"], box["width"], box["height"]


def listed(hand: Hand, key: str) -> Any:
    """The list whose key is, or begins with, `key`."""
    return hand.page.locator(f'[class*="st-key-{key}"] input[role=combobox]').first


def open_list(key: str) -> Callable[[Hand, int], None]:
    """Open a list of choices."""

    def press(hand: Hand, i: int) -> None:
        # Its button: a click on the input opens the list only where it had no focus. A click that
        # comes while the last list still closes goes to that one.
        options = hand.page.locator("[role=option]")
        opener = hand.page.locator(f'[class*="st-key-{key}"] button[aria-haspopup=listbox]').first
        options.first.wait_for(state="detached")
        opener.click()
        try:
            options.first.wait_for(timeout=1500)
        except TimeoutError:
            opener.click()
            options.first.wait_for()

    return press


def choose(names: tuple[str, ...]) -> Callable[[Hand, int], None]:
    """Press, in an open list, the name whose turn it is."""

    def press(hand: Hand, i: int) -> None:
        name = names[i % len(names)]
        hand.press(hand.page.get_by_role("option", name=name, exact=True))

    return press


# Convolution


def _picture(hand: Hand, name: str, side: str | None = None) -> None:
    """Show a picture, whatever was there before."""
    if side is not None:
        option = hand.page.locator(".st-key-setting-side").get_by_text(side, exact=True)
        if option.locator("xpath=ancestor-or-self::*[@data-selected]").count() == 0:
            hand.page.evaluate("watcher.arm()")
            hand.press(option)
            _rest(hand)
    if listed(hand, "setting-picture").input_value() != name:
        hand.page.evaluate("watcher.arm()")
        open_list("setting-picture")(hand, 0)
        choose((name,))(hand, 0)
        settle(hand.page, "pointerup", ("lens",))


def _rest(hand: Hand) -> None:
    """Wait until nothing changes any more; an option may change nothing that is painted."""
    settle(hand.page, "pointerup", ())


INPUT = "Your drawing or test image"
PHOTOS = ("Face", "Raccoon", "Cat")


def _from(name: str, side: str | None = None) -> Callable[[Hand, int], None]:
    """The list of pictures is open, and this one is shown."""

    def prepare(hand: Hand, i: int) -> None:
        _picture(hand, name, side)
        open_list("setting-picture")(hand, i)

    return prepare


def _slider(hand: Hand) -> tuple[float, float, float, float]:
    return middle(hand, hand.page.locator(".st-key-kernel_editor .grid input[type=range]").first)


def _to(place: int, box: tuple[float, float, float, float]) -> tuple[float, float]:
    """A place on a slider, to and fro."""
    left, top, width, height = box
    share = 0.5 - 0.4 * math.cos(place / 6)
    return left + share * width, top + height / 2


def _grasp(hand: Hand, i: int) -> None:
    """Before a step of a drag: the slider is held."""
    hand.up()
    hand.page.evaluate("watcher.arm()")
    hand.down(*_to(i, _slider(hand)))
    settle(hand.page, "pointerdown", ())


def _drag(hand: Hand, i: int) -> None:
    # Far enough from where it was grasped to be another weight.
    hand.move(*_to(i + 9, _slider(hand)))


def _slide(hand: Hand) -> Callable[[int], None]:
    box = _slider(hand)
    hand.down(*_to(0, box))
    return lambda i: hand.move(*_to(i, box))


def _over(name: str, side: str | None = None) -> Callable[[Hand], Callable[[int], None]]:
    """The pointer wanders over the lens's output."""

    def begin(hand: Hand) -> Callable[[int], None]:
        _picture(hand, name, side)
        canvas = hand.page.locator('.st-key-lens figure[data-part="output"] canvas').last
        left, top, width, height = middle(hand, canvas)

        def move(i: int) -> None:
            across, down = (1 + math.cos(i / 12)) / 2, (1 + math.sin(i / 7.7)) / 2
            hand.move(left + (0.1 + 0.8 * across) * width, top + (0.1 + 0.8 * down) * height)

        return move

    return begin


CONVOLUTION = Page(
    path="/convolution",
    shows=("kernel_editor", "lens"),
    interactions=(
        Interaction(
            "kernel slider dragged -> output painted",
            _drag,
            ("lens",),
            event="pointermove",
            prepare=_grasp,
        ),
        Interaction(
            "preset chosen -> painted",
            choose(("Sharpen", "Sobel y", "Emboss")),
            ("lens", "kernel_editor"),
            prepare=open_list("kernel_preset"),
        ),
        Interaction(
            "picture of 28x28 chosen -> painted",
            choose((INPUT,)),
            ("lens",),
            prepare=_from("Face"),
        ),
        Interaction(
            "picture of 256x256 chosen -> painted",
            choose(PHOTOS),
            ("lens",),
            prepare=_from(INPUT, "256"),
        ),
        Interaction(
            "picture of 512x512 chosen -> painted",
            choose(PHOTOS),
            ("lens",),
            prepare=_from(INPUT, "512"),
            bar_ms=150,
        ),
    ),
    stream=_slide,
    follows="lens",
    pointing=(
        Pointing("28x28", _over(INPUT)),
        Pointing("256x256", _over("Face", "256")),
    ),
)


# Activation maps

OPENED = ("where-map", "exciting", "inside")


def _new_input(hand: Hand, i: int) -> None:
    """Streamlit's client keeps recent messages: with the same input it would be sent nothing."""
    hand.page.evaluate("watcher.arm()")
    button("Random")(hand, i)
    settle(hand.page, "pointerup", ("given", "where-input"))


def _hold_next_map(hand: Hand, i: int) -> None:
    """Another input, and the button is down on one of the first four maps, by turns."""
    _new_input(hand, i)
    left, top, width, _ = middle(hand, hand.page.locator('[class*="st-key-maps-"] canvas'))
    columns = 12 if width > 600 else 4
    hand.page.evaluate("watcher.arm()")
    hand.down(left + (i % 4 + 0.5) * width / columns, top + 40)


ACTIVATIONS = Page(
    path="/activations",
    shows=("given", *OPENED),
    interactions=(
        Interaction(
            "before or after ReLU -> painted",
            next_option("setting-values"),
            ("where-map",),
            prepare=_new_input,
        ),
        Interaction(
            "map chosen -> painted",
            lambda hand, i: hand.up(),
            OPENED,
            prepare=_hold_next_map,
        ),
        Interaction(
            "layer chosen -> painted",
            next_option("activations_layer", 4),
            OPENED,
            prepare=_new_input,
        ),
        Interaction("test image chosen -> painted", button("Random"), ("given", *OPENED[:1])),
    ),
)


# Depth

LARGE = ("made-for", "preferred", "ascent-curve")


def _climbed(hand: Hand) -> None:
    """All ascents are at their end, and all patches were found."""
    hand.page.locator(".st-key-climbing").wait_for(state="detached", timeout=60_000)


def _hold_next_column(hand: Hand, i: int) -> None:
    """The button is down on one of the first eight maps, by turns."""
    hand.up()
    _climbed(hand)
    cards = hand.page.locator('[class*="st-key-hierarchy-"] canvas')
    left, top, width, _ = middle(hand, cards.nth(i // 4 % 2))
    hand.page.evaluate("watcher.arm()")
    hand.down(left + (i % 4 + 0.5) * width / 4, top + 40)
    settle(hand.page, "pointerdown", ())


MADE = ("Max-pooling", "Default")


def _list_networks(hand: Hand, i: int) -> None:
    """The list of networks is open; before the first time the ascents of both are made."""
    hand.up()
    _climbed(hand)
    for name in () if i else MADE:
        hand.page.evaluate("watcher.arm()")
        open_list("setting-network")(hand, i)
        choose((name,))(hand, 0)
        settle(hand.page, "pointerup", ("made-for",), patience=60)
        _climbed(hand)
    open_list("setting-network")(hand, i)


def _over_units(hand: Hand) -> Callable[[int], None]:
    """The pointer wanders over the units of the map whose receptive fields are shown."""
    canvas = hand.page.locator('.st-key-field figure[data-part="map"] canvas').last
    left, top, width, height = middle(hand, canvas)

    def move(i: int) -> None:
        across, down = (1 + math.cos(i / 12)) / 2, (1 + math.sin(i / 7.7)) / 2
        hand.move(left + (0.1 + 0.8 * across) * width, top + (0.1 + 0.8 * down) * height)

    return move


DEPTH = Page(
    path="/depth",
    shows=("made-for", "field"),
    interactions=(
        Interaction(
            "map chosen -> painted", lambda hand, i: hand.up(), LARGE, prepare=_hold_next_column
        ),
        Interaction(
            "network chosen, its ascents made before -> painted",
            choose(MADE),
            (*LARGE, "field"),
            prepare=_list_networks,
        ),
    ),
    pointing=(Pointing("units of a map", _over_units),),
)
