"""What a page's address may say: frozen dataclasses and the controls they make.

A setting of a page is one field of its dataclass, made by :func:`choice` or :func:`whole`. The
default, the bounds, the widget and the query parameter all follow from that field. What an address
says is never trusted: a value that is not on the list or not a number counts as the default, a
number out of bounds is moved to the nearest bound.

Settings live in the session: someone who comes back to a page finds it as they left it, and a
*shared* setting, the network for instance, is the same on all pages that have it. What an address
names wins; without a session, what it does not name is the default.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import streamlit as st

from explorer.data import ink, pictures
from explorer.state import address, networks
from explorer.state.settings import Spelling, choice, clean, like, spelling_of, whole
from explorer.view import panel
from explorer.view.components import digit_pad

__all__ = [
    "ConvolutionState",
    "DrawState",
    "FindState",
    "PageState",
    "Spelling",
    "choice",
    "like",
    "whole",
]


@dataclass(frozen=True)
class PageState:
    """Settings of one page; a subclass lists them as fields."""

    @classmethod
    def read(cls, said: Mapping[str, object]) -> Self:
        """The state that ``said`` (query parameters) describes; never raises."""
        return cls(**cls._said(said))

    def write(self) -> dict[str, str]:
        """The query parameters of this state: what differs from the defaults."""
        words: dict[str, str] = {}
        for spec in fields(self):
            if (value := getattr(self, spec.name)) != spec.default:
                words |= spelling_of(spec).write(value)
        return words

    @classmethod
    def now(cls) -> Self:
        """The state in force: what the address says where that is news, else what was kept."""
        kept = cls._kept()
        if said := address.news(*cls._words(kept), partly=True):
            named = cls._said(said)
            kept = replace(kept, **named)
            cls._keep(kept, named)
        return kept

    @classmethod
    def controls(cls, *names: str, redraw: Sequence[str] = ()) -> Self:
        """Draw the widgets of ``names`` in a row, tied to the address, and return the state.

        Whichever side changed since the last run wins: a new address (a link, the back button)
        moves the widgets, a moved widget changes the address.

        Args:
            names: fields of this state.
            redraw: the panels that follow a moved widget; none: what it stands in.
        """
        now = cls.now()
        address.owe(cls._words(now))
        specs = {f.name: f for f in fields(cls)}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in names:
                _widget(specs[name], getattr(now, name), cls._follow, (names, redraw))
        return now

    def changed(self) -> None:
        """A widget was moved: owe the address what else follows from that, if anything."""

    @classmethod
    def take(cls, **values: object) -> dict[str, str]:
        """Take over settings from a component, and return what it should make the address say."""
        words = cls._words(cls.keep(**values))
        address.owe(words)
        specs = {f.name: f for f in fields(cls)}
        return {word: words[word] for name in values for word in spelling_of(specs[name]).words}

    @classmethod
    def keep(cls, **values: object) -> Self:
        """Take over settings for when a page of theirs is opened; this page's address is silent."""
        specs = {f.name: f for f in fields(cls)}
        kept = replace(cls._kept(), **{n: clean(specs[n], v) for n, v in values.items()})
        cls._keep(kept, values)
        return kept

    @classmethod
    def _kept(cls) -> Self:
        kept = st.session_state.get(_KEPT, {})
        specs = {f.name: f for f in fields(cls)}
        here = {n: kept[cls._place(f)] for n, f in specs.items() if cls._place(f) in kept}
        return cls(**{n: clean(specs[n], value) for n, value in here.items()})

    @classmethod
    def _keep(cls, state: Self, names: Iterable[str]) -> None:
        kept, specs = st.session_state.setdefault(_KEPT, {}), {f.name: f for f in fields(cls)}
        for name in names:
            kept[cls._place(specs[name])] = getattr(state, name)

    @classmethod
    def _place(cls, spec: Any) -> str:
        return str(spec.name) if spec.metadata.get("shared") else f"{cls.__name__} {spec.name}"

    @classmethod
    def _words(cls, state: Self) -> dict[str, str]:
        words = state.write()
        return {word: words.get(word, "") for f in fields(cls) for word in spelling_of(f).words}

    @classmethod
    def _said(cls, said: Mapping[str, object]) -> dict[str, Any]:
        """What ``said`` means for those fields that it says anything of."""
        named = ((f, spelling_of(f)) for f in fields(cls))
        return {f.name: clean(f, s.read(said)) for f, s in named if said.keys() & set(s.words)}

    @classmethod
    def _follow(cls, names: Sequence[str], redraw: Sequence[str]) -> None:
        """A widget was moved: what it says is kept, and put into the address.

        The others of its row say what they said before, while what they stand for may have been
        changed by something else: by a component that does not redraw them.
        """
        specs, now = {f.name: f for f in fields(cls)}, cls.now()
        seen = st.session_state[_SEEN]
        moved = [n for n in names if st.session_state[_key(n)] != seen.get(_key(n))]
        seen |= {_key(n): st.session_state[_key(n)] for n in moved}
        chosen = replace(now, **{n: clean(specs[n], st.session_state[_key(n)]) for n in moved})
        cls._keep(chosen, [n for n in moved if getattr(chosen, n) != getattr(now, n)])
        chosen.changed()
        address.say(cls._words(chosen))
        if redraw:
            panel.redraw(*redraw)


_KEPT = "settings"
_SEEN = "settings seen"
"""What each widget said last, by its key."""


def _key(name: str) -> str:
    return f"setting-{name}"


MANY = 5
"""More options than this fold into a list; fewer stay in sight."""


def _widget(
    spec: Any, value: object, on_change: Callable[..., None], args: tuple[Any, ...]
) -> None:
    meta, key = spec.metadata, _key(spec.name)
    drawn, here = st.session_state.setdefault("settings drawn", {}), address.visit()
    # Streamlit forgets it when the page changes, also where the other page has one of this key.
    if drawn.get(key) != here or st.session_state.get(key) != value:
        st.session_state[key] = value
    drawn[key] = here
    st.session_state.setdefault(_SEEN, {})[key] = value
    label, help_ = meta["label"], meta["help"] or None
    rest: dict[str, Any] = {"help": help_, "key": key, "on_change": on_change, "args": args}
    if "options" not in meta:
        st.slider(label, meta["low"], meta["high"], **rest)
        return
    options = meta["options"]()
    show, values = options.__getitem__, list(options)
    if len(values) > MANY:
        st.selectbox(label, values, format_func=show, width=240, **rest)
        return
    st.segmented_control(label, values, format_func=show, required=True, **rest)


_PHOTO_TITLES = {photo.name: photo.title for photo in pictures.PHOTOS.values()}


@dataclass(frozen=True)
class DrawState(PageState):
    """The settings of the page *Draw*."""

    network: str = choice(
        "default",
        networks.options,
        "Network",
        networks.HELP,
        shared=True,
        accepts=networks.ready,
        spelling=Spelling(networks.WORDS, networks.said, networks.spelled),
    )
    values: str = choice(
        "after",
        {"after": "After ReLU", "before": "Before"},
        "Show each layer",
        "Before its activation function a layer's sums have a sign; ReLU sets the negative ones "
        "to zero.",
        shared=True,
    )
    scale: str = choice(
        "map",
        {"map": "Per map", "layer": "Per layer"},
        "Colour scale",
        "Per map, every map uses the whole scale, and weak maps become visible; per layer, "
        "colours compare between maps.",
        shared=True,
    )
    brush: int = whole(digit_pad.DEFAULT_BRUSH, ink.MIN_BRUSH, ink.MAX_BRUSH, "Brush")


@dataclass(frozen=True)
class ConvolutionState(PageState):
    """The settings of the page *Convolution*; its kernel is in :mod:`explorer.state.kernel`."""

    picture: str = choice(
        "input",
        {
            "input": "Your drawing or test image",
            **_PHOTO_TITLES,
            "upload": "Upload a picture …",
            "webcam": "Take a photograph …",
        },
        "Picture",
        "The drawing or test image of the page Draw, a photograph, or one of your own.",
    )
    side: str = choice("256", {"128": "128", "256": "256", "512": "512"}, "Pixels a side")
    colour: str = choice(
        "grey",
        {"grey": "Grey", "rgb": "Colour", "opponent": "Red − green"},
        "Channels",
        "In colour the kernel has a slice for each channel, red, green and blue, and their sums "
        "are added. “Colour” uses a third of the kernel for each; “red − green” gives the red "
        "slice the kernel, the green one its negative, and the blue one nothing.",
    )
    stride: str = choice("1", {n: n for n in "1234"}, "Stride", "Pixels from output to output.")
    padding: str = choice(
        "valid",
        {"valid": "valid", "same": "same"},
        "Padding",
        "valid: only where the kernel fits; same: zeros around the picture, so that at stride 1 "
        "the output is as large as the input.",
    )
    dilation: str = choice("1", {n: n for n in "123"}, "Dilation", "Pixels from weight to weight.")
    relu: str = choice(
        "off",
        {"off": "Off", "on": "On"},
        "ReLU",
        "max(0, x): what is negative becomes zero, so that only presence is left.",
    )
    flip: str = choice(
        "off",
        {"off": "As it is", "on": "Flipped"},
        "Kernel",
        "Deep learning's “convolution” is a cross-correlation: it lays the kernel on the picture "
        "as it is. The convolution of mathematics turns it by half a turn first.",
    )


@dataclass(frozen=True)
class FindState(PageState):
    """The settings of *Find a feature* on the page *Convolution*."""

    find: str = choice("face", _PHOTO_TITLES, "Take the kernel from")
    also: str = choice("raccoon", _PHOTO_TITLES, "and search here too")
    slot: str = choice("1", {"1": "First", "2": "Second"}, "Kernel", "Two can be compared.")
    count: str = choice("4", {n: n for n in "2468"}, "Responses to outline")
    even: str = choice(
        "on",
        {"on": "Evened out", "off": "As it is"},
        "Contrast",
        "Evened out, each neighbourhood's mean is taken away and its contrast made alike, so that "
        "a strong edge does not drown a faint eye. The convolution itself is the same.",
    )
    compare: str = choice("off", {"off": "Off", "on": "On"}, "Both kernels side by side")
