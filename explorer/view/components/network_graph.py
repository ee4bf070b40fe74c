"""A whole network as one picture: every map of every layer, what made each, opened on a click.

The browser gets the arrays themselves. It draws them on one canvas, finds what lies under the
pointer, and fills the formula cards by indexing them; what a layer computes is Python's. Two kinds
of messages keep a stroke small: the weights of each layer lie in the stash of the page, under a
digest, and are sent by :func:`weights` only when they change; what the layers answered travels as
:func:`show`, which names the digests. A picture whose weights have not come yet is drawn, and only
lacks its edges.

An edited network is marked: what was edited, the other network's probabilities beside those that
are shown, and a choice between the two. What is opened, and which of the two is to be shown, is
reported when it changes, one message in flight:

    seen = network_graph.read(reset=token)
    ...                                        # the answers, the parts of the opened map
    network_graph.show(stages, …, opened=…, reset=token)

`host.graph` of the component's element holds what is pointed at, and `host.placeOf` says where
something lies, for tests; `data-painted` counts what Python sent and is painted. A pixel of the
opened map that is pointed at is told to the page as the event `network-pointed`, {row, column},
which a lens follows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from zlib import crc32

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.view import palette
from explorer.view.components import assets, blob, stash

Floats = NDArray[np.float32]
Operation = Literal[
    "input", "convolution", "max", "average", "normalise", "pass", "flatten", "dense"
]
Part = Literal["kernels", "dense"]

# What a JavaScript number counts exactly.
_MAX_SEQ = 2**53 - 1

_STASHED: dict[str, str] = {part: f"network {part}" for part in get_args(Part)}
"""What the weights are called in the stash: kernels are edited more often than dense layers, which
are much larger.
"""

_HTML = """
<div class="network" data-part="network">
  <div class="bar">
    <div class="player" data-part="player">
      <button type="button" class="main" data-part="play"></button>
      <button type="button" data-part="back" title="The layer before (←)"
        aria-label="The layer before">‹</button>
      <button type="button" data-part="on" title="The next layer (→)"
        aria-label="The next layer">›</button>
      <input type="range" data-part="scrub" min="0" value="0" step="1"
        aria-label="Layers that the input has passed">
      <button type="button" data-part="stop" title="Show the whole network (Escape)">Show all</button>
    </div>
    <div class="zoom">
      <button type="button" data-part="closer" title="Larger (+, or Ctrl and the wheel)"
        aria-label="Larger">+</button>
      <button type="button" data-part="further" title="Smaller (−)" aria-label="Smaller">−</button>
      <button type="button" data-part="whole" title="The whole picture (0)">Reset view</button>
    </div>
  </div>
  <div class="banner" data-part="banner" role="group" aria-label="Which network is shown" hidden>
    <span data-part="edits"></span>
    <span class="choice">
      <button type="button" data-part="edited">Edited</button
      ><button type="button" data-part="original">Original</button>
    </span>
    <span class="quiet" data-part="whose"></span>
  </div>
  <div class="sentence" data-part="sentence" aria-live="polite"></div>
  <div class="stage" data-part="stage">
    <canvas data-part="base"></canvas>
    <canvas data-part="marks" tabindex="0" role="application" aria-describedby="keys"></canvas>
  </div>
  <div class="legends" data-part="legends"></div>
  <div class="card" data-part="card"></div>
  <div class="unseen" id="keys">Arrow keys move between units and layers, Shift with arrow keys
    between the values of a map; Enter opens a unit, Escape closes it. Space lets the input travel
    from layer to layer. Plus, minus and zero zoom.</div>
  <ul class="unseen" data-part="table"></ul>
  <div class="unseen" data-part="spoken" role="status" aria-live="polite"></div>
</div>
"""  # noqa: E501 - a title is one line

_assets = assets(
    "network_graph",
    "reporter",
    "blob",
    "stash_of",
    "network_scene",
    "network_layout",
    "network_paint",
    "network_opened",
    "network_edges",
    "network_card",
    "network_play",
    "network_view",
    "network_dress",
    "network_hand",
    STASHED=list(_STASHED.values()),
    BEST=palette.PREDICTED,
    SECOND=palette.RUNNER_UP,
    REST=palette.MUTED,
)
_component = st.components.v2.component(
    "cnn_explorer.network_graph", html=_HTML, css=_assets.css, js=_assets.js
)


@dataclass(frozen=True, eq=False)
class Stage:
    """The input, or one layer as it answered.

    Attributes:
        name: such as ``conv1``.
        operation: what it does to the stage before it; the first one is the ``input``.
        shape: ``(C, H, W)`` or ``(units,)``.
        values: before the activation, of that shape; None where they are the values of the stage
            before it, as they are or flattened.
        activation: ``relu`` or ``softmax``, which only the last stage may have.
        kind: what the layer is, such as ``Conv2D 5×5``.
        size, learnt: its shape and its parameters, as people read them.
        sentence: what it does, in words.
        formula: the same in symbols.
        window, stride: side of the window and its step.
        pads: zeros above and to the left.
        details: further numbers for the formula card, such as the epsilon of a normalisation.
        digest: of its weights; "" where it has none.
        edited, off: maps or units whose weights were edited; those that are switched off.
    """

    name: str
    operation: Operation
    shape: tuple[int, ...]
    values: Floats | None
    activation: str | None = None
    kind: str = ""
    size: str = ""
    learnt: str = ""
    sentence: str = ""
    formula: str = ""
    window: int = 1
    stride: int = 1
    pads: tuple[int, int] = (0, 0)
    details: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""
    edited: tuple[int, ...] = ()
    off: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Edited:
    """That a network has edits.

    Attributes:
        count: how many.
        original: whether the picture shows the network without them.
        other: ``(classes,)``, the probabilities of the one that is not shown.
    """

    count: int
    original: bool
    other: Floats


@dataclass(frozen=True, eq=False)
class Opened:
    """A unit that is open.

    Attributes:
        stage: number of its stage.
        index: which of its maps or units.
        parts: ``(C, H', W')``, what each channel that it reads gives of its sum; None where it
            reads one.
    """

    stage: int
    index: int
    parts: Floats | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """What is open, as last reported.

    Attributes:
        opened: (name of the stage, number of the unit), or None.
        original: whether an edited network is to be shown without its edits.
        seq: number of the report, rising by at least one; 0 before the first.
        current: whether anything was reported since the last reset.
    """

    opened: tuple[str, int] | None = None
    seq: int = 0
    current: bool = False
    original: bool = False


def digest(arrays: Mapping[str, Floats]) -> str:
    """A name for the weights of one layer: the same for the same numbers."""
    found = 0
    for name, array in arrays.items():
        head = f"{name}{array.shape}".encode()
        numbers = np.ascontiguousarray(array, dtype="<f4").reshape(-1)
        found = crc32(numbers.data, crc32(head, found))
    return f"{found:08x}"


def weights(arrays: Mapping[str, Mapping[str, Floats]], *, part: Part) -> None:
    """Send weights to where the pictures that name them find them.

    Args:
        arrays: :func:`digest` to the arrays of one layer: ``weight``, ``bias``, and, of a
            normalisation, ``mean`` and ``variance``.
        part: which weights of the network these are; they take the place of those before.
    """
    flat = {f"{d} {name}": a for d, layer in arrays.items() for name, a in layer.items()}
    stash.show(stash.pack(_STASHED[part], flat), key=f"network-{part}")


def read(*, key: str = "network", reset: int = 0) -> Graph:
    """The last report of the picture with this key, before it is shown in this run.

    A report from before the given `reset` token keeps its number and nothing else.
    """
    return _parse(st.session_state.get(key), reset)


def show(
    stages: Sequence[Stage],
    *,
    classes: Sequence[str],
    temperatures: Sequence[float],
    chances: Floats,
    alt: str,
    scale: Literal["map", "layer"] = "map",
    opened: Opened | None = None,
    edited: Edited | None = None,
    key: str = "network",
    reset: int = 0,
    address: Mapping[str, str] | None = None,
    on_report: Callable[[], None] | None = None,
) -> Graph:
    """Show the picture, and by that answer its last report.

    Args:
        stages: the input, then the layers in order.
        classes: what the units of the last stage are called.
        temperatures: those that the slider of the softmax offers; 1 is one of them.
        chances: ``(temperatures, classes)``, the probabilities at each temperature.
        alt: what the picture shows, in one sentence.
        scale: one colour scale for each map, or for each layer.
        opened: the unit that is open.
        edited: that the network has edits; None where it has none.
        key: identity of the picture; its report lies in the session state under this key.
        reset: any whole number; when it changes, the picture takes over `opened` and whether the
            original is shown.
        address: query parameters that the browser's address takes over, as in the digit pad.
        on_report: called at each report, before the run that answers it.

    Raises:
        ValueError: stages or shapes that do not go together, or a value that is not finite.
    """
    _check(stages, classes, temperatures, chances, opened)
    report = read(key=key, reset=reset)
    arrays: dict[str, Floats] = {
        f"values{i}": stage.values for i, stage in enumerate(stages) if stage.values is not None
    }
    arrays["chances"] = np.asarray(chances, np.float32)
    if opened is not None and opened.parts is not None:
        arrays["parts"] = opened.parts
    if edited is not None:
        arrays["other"] = np.asarray(edited.other, np.float32)
    meta = {
        "stages": [_described(stage) for stage in stages],
        "classes": [str(name) for name in classes],
        "temperatures": [float(t) for t in temperatures],
        "scale": scale,
        "opened": None if opened is None else [opened.stage, opened.index],
        "edits": 0 if edited is None else int(edited.count),
        "original": edited is not None and edited.original,
        "alt": alt,
        "reset": int(reset),
        "address": dict(address or {}),
        "echo": report.seq,
    }
    raw = _component(
        key=key,
        on_report_change=on_report or (lambda: None),
        data=blob.pack_arrays(arrays, meta),
    )
    return _parse(raw, reset)


def _described(stage: Stage) -> dict[str, object]:
    return {
        "name": stage.name,
        "op": stage.operation,
        "shape": [int(n) for n in stage.shape],
        "activation": stage.activation,
        "kind": stage.kind,
        "size": stage.size,
        "learnt": stage.learnt,
        "sentence": stage.sentence,
        "formula": stage.formula,
        "window": int(stage.window),
        "stride": int(stage.stride),
        "pads": [int(n) for n in stage.pads],
        "details": {name: float(value) for name, value in stage.details.items()},
        "digest": stage.digest,
        "edited": [int(n) for n in stage.edited],
        "off": [int(n) for n in stage.off],
    }


def _check(
    stages: Sequence[Stage],
    classes: Sequence[str],
    temperatures: Sequence[float],
    chances: Floats,
    opened: Opened | None,
) -> None:
    if len(stages) < 2 or stages[0].operation != "input" or stages[0].values is None:
        raise ValueError("a picture of a network needs its input and a layer behind it")
    for stage in stages:
        if stage.operation not in get_args(Operation):
            raise ValueError(f"{stage.name}: no operation is called {stage.operation!r}")
        if stage.values is not None and stage.values.shape != tuple(stage.shape):
            raise ValueError(f"{stage.name} is {stage.shape}, its values {stage.values.shape}")
        if stage.values is None and stage.operation not in ("flatten", "pass"):
            raise ValueError(f"{stage.name} needs its values")
    if 1.0 not in temperatures or np.shape(chances) != (len(temperatures), len(classes)):
        raise ValueError(
            f"chances must be {len(temperatures)} temperatures, 1 among them, × {len(classes)} "
            f"classes, got {np.shape(chances)}"
        )
    if opened is not None:
        known = 0 < opened.stage < len(stages)
        if not known or not 0 <= opened.index < stages[opened.stage].shape[0]:
            raise ValueError(f"no unit {opened.index} of stage {opened.stage} can be open")


def _parse(state: object, reset: int) -> Graph:
    """The report in a component's state; whatever is not exactly a report is none."""
    report: Any = state.get("report") if isinstance(state, Mapping) else None
    if not isinstance(report, Mapping):
        return Graph()
    seq = report.get("seq")
    if type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
        return Graph()
    opened: Any = report.get("opened")
    if report.get("reset") != reset:
        return Graph(seq=seq)
    original = report.get("original") is True
    if opened is None:
        return Graph(seq=seq, current=True, original=original)
    if not isinstance(opened, list) or len(opened) != 2:
        return Graph(seq=seq)
    name, index = opened
    if not isinstance(name, str) or len(name) > 40 or type(index) is not int or index < 0:
        return Graph(seq=seq)
    return Graph((name, index), seq, current=True, original=original)
