"""What a page's address may say: frozen dataclasses and the controls they make.

A setting of a page is one field of its dataclass, made by :func:`choice` or :func:`whole`. The
default, the bounds, the widget and the query parameter all follow from that field. What an address
says is never trusted: a value that is not on the list or not a number counts as the default, a
number out of bounds is moved to the nearest bound.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import streamlit as st

from explorer.data import ink, pictures
from explorer.network import zoo
from explorer.state import address
from explorer.view import panel
from explorer.view.components import digit_pad


def choice(default: str, options: Mapping[str, str], label: str, help: str = "") -> Any:
    """A setting that is one of ``options`` (value to the label shown)."""
    return field(default=default, metadata={"options": dict(options), "label": label, "help": help})


def whole(default: int, low: int, high: int, label: str, help: str = "") -> Any:
    """A setting that is a whole number from ``low`` to ``high``, both included."""
    return field(default=default, metadata={"low": low, "high": high, "label": label, "help": help})


def _clean(spec: Any, said: object) -> Any:
    """What ``said`` means for a field: allow-listed, clamped, or the default."""
    options = spec.metadata.get("options")
    if options is not None:
        return said if isinstance(said, str) and said in options else spec.default
    text = str(said)
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 9):
        return spec.default
    return min(max(int(text), spec.metadata["low"]), spec.metadata["high"])


@dataclass(frozen=True)
class PageState:
    """Settings of one page; a subclass lists them as fields."""

    @classmethod
    def read(cls, said: Mapping[str, object]) -> Self:
        """The state that ``said`` (query parameters) describes; never raises."""
        return cls(**{f.name: _clean(f, said[f.name]) for f in fields(cls) if f.name in said})

    def write(self) -> dict[str, str]:
        """The query parameters of this state: what differs from the defaults."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {f.name: str(values[f.name]) for f in fields(self) if values[f.name] != f.default}

    @classmethod
    def now(cls) -> Self:
        """The state as the controls left it, for a panel that does not draw them."""
        kept: Self | None = st.session_state.get(cls._memory())
        return cls.read(st.query_params) if kept is None else kept

    @classmethod
    def controls(cls, *names: str, redraw: Sequence[str] = ()) -> Self:
        """Draw the widgets of ``names`` in a row, tied to the address, and return the state.

        Whichever side changed since the last run wins: a new address (a link, the back button)
        moves the widgets, a moved widget changes the address.

        Args:
            names: fields of this state.
            redraw: the panels that follow a moved widget; none: what it stands in.
        """
        said = cls.read(st.query_params)
        if said != st.session_state.get(cls._memory()):
            for f in fields(cls):
                st.session_state[_key(f.name)] = getattr(said, f.name)
        specs = {f.name: f for f in fields(cls)}
        moved = (cls._follow, (names, redraw)) if redraw else (None, ())
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for name in names:
                _widget(specs[name], getattr(said, name), *moved)
        return cls._take(names)

    @classmethod
    def _memory(cls) -> str:
        return f"settings of {cls.__name__}"

    @classmethod
    def _take(cls, names: Sequence[str]) -> Self:
        """The state with what the widgets of ``names`` say, kept and put into the address."""
        specs = {f.name: f for f in fields(cls)}
        widgets = {n: _clean(specs[n], st.session_state[_key(n)]) for n in names}
        chosen = replace(cls.read(st.query_params), **widgets)
        words = chosen.write()
        address.say({name: words.get(name, "") for name in specs})
        st.session_state[cls._memory()] = chosen
        return chosen

    @classmethod
    def _follow(cls, names: Sequence[str], redraw: Sequence[str]) -> None:
        cls._take(names)
        panel.redraw(*redraw)


def _key(name: str) -> str:
    return f"setting-{name}"


MANY = 5
"""More options than this fold into a list; fewer stay in sight."""


def _widget(
    spec: Any, value: object, on_change: Callable[..., None] | None, args: tuple[Any, ...]
) -> None:
    meta, key = spec.metadata, _key(spec.name)
    st.session_state.setdefault(key, value)  # Streamlit forgets it when the page changes
    label, help_ = meta["label"], meta["help"] or None
    rest: dict[str, Any] = {"help": help_, "key": key, "on_change": on_change, "args": args}
    if "options" not in meta:
        st.slider(label, meta["low"], meta["high"], **rest)
        return
    options, show = list(meta["options"]), meta["options"].__getitem__
    if len(options) > MANY:
        st.selectbox(label, options, format_func=show, width=240, **rest)
        return
    rest["on_change"] = on_change or "rerun"
    st.segmented_control(label, options, format_func=show, required=True, **rest)


_PHOTO_TITLES = {photo.name: photo.title for photo in pictures.PHOTOS.values()}


@dataclass(frozen=True)
class DrawState(PageState):
    """The settings of the page *Draw*."""

    network: str = choice(
        "default",
        {name: name.capitalize() for name in zoo.NETWORKS},
        "Network",
        "Two networks read the same drawing: the default with two convolution blocks, and the "
        "article's reference network with one.",
    )
    values: str = choice(
        "after",
        {"after": "After ReLU", "before": "Before"},
        "Show each layer",
        "Before its activation function a layer's sums have a sign; ReLU sets the negative ones "
        "to zero.",
    )
    scale: str = choice(
        "map",
        {"map": "Per map", "layer": "Per layer"},
        "Colour scale",
        "Per map, every map uses the whole scale, and weak maps become visible; per layer, "
        "colours compare between maps.",
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
            "camera": "Take a photograph …",
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
