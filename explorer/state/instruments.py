"""The instruments of surgery: what can be done to a whole kernel and to the edits, and *Keep*."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from explorer.network import edits as edited
from explorer.network import kept, surgery, zoo
from explorer.network.edits import Edit, What
from explorer.ops.kernels import PRESETS
from explorer.state import surgery as operation
from explorer.view import panel
from explorer.view import surgery as view
from explorer.view.components import kernel_editor

_KEPT = "surgery kept"


def _do(network: str, edit: Edit, redraw: Sequence[str]) -> None:
    operation.do(network, edit)
    panel.redraw(*redraw)


def table(
    now: operation.Operation,
    words: Mapping[str, str],
    slices: str,
    editor: str,
    on_report: Callable[[], None],
) -> None:
    """The kernel on the table: its slices to choose from, and the sliders of the chosen one.

    Args:
        now: the operation.
        words: what the browser's address is to say.
        slices, editor: keys of the two components.
        on_report: called when a slider was moved.
    """
    _, channels, height, width = now.shape
    kernel = now.kernel
    if channels > 1:
        reads = "map" if height * width > 1 else "unit"
        view.slices(kernel.weights, now.channel, reads=reads, key=slices)
    if not now.fits:
        st.caption(
            f"A slice of {height}×{width} weights is too large for sliders: scale, negate, "
            "shuffle it, or switch it off."
        )
        return
    kernel_editor.show(
        kernel.weights[now.channel],
        key=editor,
        bias=kernel.bias,
        reset=now.token,
        limits=(-1, 1),
        bias_limits=(-1, 1),
        address=words,
        on_report=on_report,
        history=False,
        names=_names(now),
    )


def tools(now: operation.Operation, redraw: Sequence[str]) -> None:
    """The buttons for the kernel on the table, then undo, redo, reset and the list of edits.

    Args:
        now: the operation.
        redraw: the panels that follow.
    """
    model, done = zoo.shared(now.network).network, now.edits.done
    off = (now.layer, now.index) in surgery.switched_off(done)
    seed = edited.new_seed(now.edits)
    buttons: tuple[tuple[str, What, dict[str, object]], ...] = (
        ("Switch on" if off else "Switch off", "on" if off else "off", {}),
        ("× ½", "scale", {"values": (0.5,)}),
        ("× 2", "scale", {"values": (2.0,)}),
        ("Negate", "negate", {}),
        *((("Shuffle", "shuffle", {"at": (seed,)}),) if math.prod(now.shape[1:]) > 1 else ()),
    )
    with st.container(horizontal=True, gap="small"):
        for label, what, rest in buttons:
            edit = Edit(now.layer, what, now.index, **rest)  # type: ignore[arg-type]
            st.button(
                label, key=f"surgery_{what}_{label}", on_click=_do, args=(now.network, edit, redraw)
            )
    fitting = edited.presets(*now.shape[2:]) if now.shape[2] > 1 else ()
    if fitting:
        key = f"surgery_preset_{now.version}_{len(done)}"
        st.selectbox(
            "Replace the slice by a preset" if now.shape[1] > 1 else "Replace it by a preset",
            fitting,
            index=None,
            format_func=lambda name: PRESETS[name].title,
            placeholder="Sobel, blur, outline …",
            key=key,
            on_change=_pick_preset,
            args=(now.network, key, redraw),
            help="It takes the strength of the weights that it replaces.",
        )
    with st.container(horizontal=True, gap="small"):
        for label, icon, act, possible in (
            ("Undo", ":material/undo:", operation.undo, bool(done)),
            ("Redo", ":material/redo:", operation.redo, bool(now.edits.undone)),
            ("Reset", ":material/restart_alt:", operation.reset, bool(done)),
        ):
            st.button(
                label,
                icon=icon,
                key=f"surgery_{label.lower()}",
                disabled=not possible,
                on_click=_history,
                args=(act, now.network, redraw),
            )
    if now.refused:
        st.warning(now.refused[:1].upper() + now.refused[1:], icon=":material/block:")
    with st.container(key=view.LISTED_AREA):
        view.listed([edited.describe(model, edit) for edit in done], long=now.unsaid)


def _names(now: operation.Operation) -> tuple[str, str]:
    """What the weight and the bias of a normalisation are called; "" for those of a kernel."""
    row = next(row for row in zoo.shared(now.network).network.rows if row.name == now.layer)
    return ("scale γ", "offset β") if edited.scales(row) else ("", "")


def _pick_preset(network: str, key: str, redraw: Sequence[str]) -> None:
    name, now = st.session_state[key], operation.current(network)
    if name is not None:
        _do(now.network, Edit(now.layer, "preset", now.index, (now.channel,), preset=name), redraw)


def _history(act: Callable[[str], None], network: str, redraw: Sequence[str]) -> None:
    act(network)
    panel.redraw(*redraw)


def keep(now: operation.Operation, redraw: Sequence[str]) -> None:
    """The field and the button that keep the edited network under a name.

    Args:
        now: the operation.
        redraw: the panels that follow.
    """
    said = st.session_state.pop(_KEPT, None)
    with (
        st.form("surgery_keep", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(
            "Keep the edited network",
            key="surgery_title",
            max_chars=kept.MAX_TITLE,
            placeholder="its name",
            width=260,
            help="It is then among the networks on every page, and can be trained on.",
        )
        st.form_submit_button(
            "Keep",
            icon=":material/bookmark_add:",
            on_click=_keep_now,
            args=(now.network, redraw),
        )
    if said:
        good, text = said
        (st.success if good else st.warning)(text)


def _keep_now(network: str, redraw: Sequence[str]) -> None:
    now, title = operation.current(network), st.session_state["surgery_title"]
    try:
        if not now.edits.done:
            raise ValueError("Nothing is edited yet: there is no other network to keep.")
        kept.keep(operation.operated(network, now.edits.done), title)
    except ValueError as error:
        st.session_state[_KEPT] = (False, str(error))
    else:
        plain = re.sub(r"([^\w\s])", r"\\\1", kept.clean(title))  # a title is no markdown
        text = f"“{plain}” is kept: choose it as the network on any page."
        st.session_state[_KEPT] = (True, text)
    panel.redraw(*redraw)
