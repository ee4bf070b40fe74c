"""The settings of the next run: a preset, or a person's own; complete or not.

The session keeps what was typed, right or wrong, so that a wrong number loses nothing: what is
wrong with it is said in one sentence, the spec's own. The preset stands in the address as
``preset=<name>``; settings that differ from every preset stay with their session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from explorer.network import kept, zoo
from explorer.network.architecture import Network
from explorer.network.zoo import NETWORKS
from explorer.state import address
from explorer.training.spec import BOUNDS, CHOICES, PRESETS, RunSpec
from explorer.view import panel
from explorer.view.components import option_cards

PRESET = "preset"
CARDS = "presets"
_MEMORY, _VERSION = "train draft", "train draft version"
_FIRST = next(iter(PRESETS))

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Control:
    """How one field is asked for."""

    label: str
    help: str
    form: str = ""


CONTROLS: dict[str, Control] = {
    "network": Control(
        "Network",
        "Which layers are trained. They start from chance; those of a network that you kept start "
        "from its weights.",
    ),
    "dataset": Control(
        "Data", "MNIST ships with the app; the others are fetched when a run first asks for them."
    ),
    "images": Control("Training images", "The first so many of the data set's 60,000."),
    "epochs": Control("Epochs", "Passes over the training images; a fraction is allowed.", "%g"),
    "batch_size": Control("Batch size", "Images that one step learns from."),
    "optimiser": Control("Optimiser", "How a step follows from the gradient."),
    "learning_rate": Control(
        "Learning rate", "How far a step goes; the highest of its schedule.", "%g"
    ),
    "schedule": Control(
        "Schedule",
        "constant; cosine: falls to nothing along half a cosine; one-cycle: rises over the first "
        "30 % of the steps, then falls.",
    ),
    "loss": Control("Cost function", "What training makes small."),
    "label_smoothing": Control(
        "Label smoothing", "Share of each label that is spread over all classes.", "%g"
    ),
    "dropout": Control(
        "Dropout", "Share of the output layer's inputs that is left out at each step.", "%g"
    ),
    "augmentation": Control("Augmentation", "shift: each image is moved by up to one pixel."),
    "precision": Control(
        "Precision", "bfloat16 keeps 8 bits of each product: faster where the processor has it."
    ),
    "device": Control("Device", "auto takes the best that this machine has."),
    "seed": Control("Seed", "Decides the first weights, the order of the images, all chance."),
}
"""One for each field of :class:`~explorer.training.spec.RunSpec`, in the order of the page."""

TITLES = {"mnist": "MNIST", "fashion": "Fashion-MNIST"}


def current() -> Values:
    """What the next run is to be, field by field, as it was typed."""
    if (said := address.news(PRESET)) and said[PRESET] in PRESETS:
        _take(PRESETS[said[PRESET]].spec)
    if _MEMORY not in st.session_state:
        _take(PRESETS[_FIRST].spec)
    now: Values = st.session_state[_MEMORY]
    name = preset(now)
    address.owe({PRESET: "" if name in (None, _FIRST) else str(name)})
    return now


def spec(given: Values) -> RunSpec:
    """The description that these values make; raises ValueError with one sentence."""
    return RunSpec(**given)


def preset(given: Values) -> str | None:
    """The preset whose settings these are, or None."""
    return next((name for name, each in PRESETS.items() if values(each.spec) == given), None)


def take(changes: Values) -> None:
    """Change some settings from outside their controls, which begin anew."""
    st.session_state[_MEMORY] = {**current(), **changes}
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def presets(redraw: Sequence[str]) -> None:
    """The cards of the presets."""
    option_cards.show(
        {name: (each.title, each.help) for name, each in PRESETS.items()},
        chosen=preset(current()),
        label="Presets",
        key=CARDS,
        on_choose=lambda: _choose(redraw),
    )


def controls(redraw: Sequence[str]) -> None:
    """A control for each setting, whatever it holds now."""
    now, version = current(), st.session_state.get(_VERSION, 0)
    for name in CONTROLS:
        _control(name, now[name], f"draft-{name}-{version}", redraw)


def _control(name: str, value: Any, key: str, redraw: Sequence[str]) -> None:
    control = CONTROLS[name]
    rest: dict[str, Any] = {
        "key": key,
        "help": control.help,
        "on_change": _edit,
        "args": (name, key, redraw),
    }
    if name == "network" or name in CHOICES:
        titles = (
            _networks() if name == "network" else {each: _title(each) for each in CHOICES[name]}
        )
        shown = value.name if isinstance(value, Network) else value
        titles.setdefault(shown, shown)
        options = list(titles)
        show, index = titles.__getitem__, options.index(shown)
        st.selectbox(control.label, options, index=index, format_func=show, **rest)
        return
    low, high = BOUNDS[name]
    value = 60_000 if value is None else value
    rest["help"] += f" From {low:,} to {high:,}."
    # Without bounds: the browser would leave a number beyond them in the field, and say nothing.
    whole = isinstance(low, int)
    step = 1 if whole else {"learning_rate": 0.001, "epochs": 0.5}.get(name, 0.05)
    st.number_input(
        control.label,
        value=int(value) if whole else float(value),
        step=step,
        format=control.form or None,
        **rest,
    )


def _networks() -> dict[str, str]:
    """What can be trained: the named networks from chance, kept ones from their weights."""
    return {name: _title(name) for name in NETWORKS} | kept.titles()


def _title(value: str) -> str:
    return TITLES.get(value, value.replace("_", " "))


def _edit(name: str, key: str, redraw: Sequence[str]) -> None:
    value = st.session_state[key]
    if name == "images" and value == 60_000:
        value = None
    changes = {name: value}
    if name == "network":
        changes = _begin_with(value, current())
    st.session_state[_MEMORY] = {**current(), **changes}
    panel.redraw(*redraw)


def _begin_with(key: str, now: Values) -> dict[str, Any]:
    """What the choice of a network changes: layers, and the weights to start from."""
    if key in NETWORKS:
        return {"network": key, "start": None}
    if not kept.is_key(key):
        return {"network": now["network"], "start": now["start"]}
    try:
        return {"network": zoo.shared(key).network, "start": key}
    except ValueError:  # it was forgotten meanwhile
        return {}


def _choose(redraw: Sequence[str]) -> None:
    name = option_cards.read(key=CARDS, options=list(PRESETS))
    if name:
        _take(PRESETS[name].spec)
        address.say({PRESET: "" if name == _FIRST else name})
    panel.redraw(*redraw)


def _take(chosen: RunSpec) -> None:
    st.session_state[_MEMORY] = values(chosen)
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def values(chosen: RunSpec) -> dict[str, Any]:
    """A description field by field, as :func:`current` has it."""
    return {field.name: getattr(chosen, field.name) for field in fields(chosen)}
