"""What a page's address may say: frozen dataclasses and the controls they make.

A setting of a page is one field of its dataclass, made by :func:`choice` or :func:`whole`. The
default, the bounds, the widget and the query parameter all follow from that field. What an address
says is never trusted: a value that is not on the list or not a number counts as the default, a
number out of bounds is moved to the nearest bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import streamlit as st

from explorer.data import ink
from explorer.network import zoo
from explorer.state import address
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
    def controls(cls, *names: str) -> Self:
        """Draw the widgets of ``names`` in a row, tied to the address, and return the state.

        Whichever side changed since the last run wins: a new address (a link, the back button)
        moves the widgets, a moved widget changes the address.
        """
        memory = f"settings of {cls.__name__}"
        said = cls.read(st.query_params)
        if said != st.session_state.get(memory):
            for name in names:
                st.session_state[_key(name)] = getattr(said, name)
        specs = {f.name: f for f in fields(cls)}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = replace(said, **{n: _clean(specs[n], _widget(specs[n])) for n in names})
        _say(chosen)
        st.session_state[memory] = chosen
        return chosen


def _say(state: PageState) -> None:
    """Bring the address to ``state``; what other parts of the app say there stays."""
    words = state.write()
    address.say({f.name: words.get(f.name, "") for f in fields(state)})


def _key(name: str) -> str:
    return f"setting-{name}"


def _widget(spec: Any) -> object:
    meta, key = spec.metadata, _key(spec.name)
    st.session_state.setdefault(key, spec.default)
    if "options" in meta:
        return st.segmented_control(
            meta["label"],
            list(meta["options"]),
            format_func=meta["options"].__getitem__,
            required=True,
            help=meta["help"] or None,
            key=key,
        )
    return st.slider(meta["label"], meta["low"], meta["high"], help=meta["help"] or None, key=key)


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
