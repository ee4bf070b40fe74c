"""Draw: a digit on the pad, and every layer's answer while it is drawn."""

import streamlit as st
import torch

from explorer import state
from explorer.data import mnist
from explorer.network import zoo
from explorer.network.trace import trace
from explorer.state import given
from explorer.view import answer, layers
from explorer.view.components import digit_pad
from explorer.view.panel import panel


@panel
def explore() -> None:
    """The pad and everything that follows it; a stroke redraws this and nothing else."""
    pad, reading = st.columns([2, 5], gap="medium")
    settings = state.DrawState.controls("network", "values", "scale")

    report = digit_pad.read(reset=given.current().version)
    address = {"brush": state.DrawState(brush=report.brush).write().get("brush", "")}
    if report.current:
        address |= given.give_drawing(report.ink, report.strokes, finished=not report.drawing)
    current = given.current()

    model = zoo.shared(settings.network)
    with torch.inference_mode():
        outputs = trace(model, torch.from_numpy(current.image)[None, None])

    with reading:
        answer.show(
            current.image, outputs.probabilities[0].numpy(), mnist.class_names(), current.label
        )
        given.picker(settings.network)
    shown = outputs if settings.values == "after" else outputs.before
    for row in model.network.rows:
        layers.show(row, shown[row.name][0].numpy(), settings.scale)
    with pad:
        digit_pad.show(
            strokes=current.strokes,
            background=None if current.index is None else current.image,
            brush=settings.brush,
            reset=current.version,
            address=address if report.seq else None,
        )


explore()
