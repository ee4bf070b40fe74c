"""The gradient's way back through the network, stage by stage, for a page with the current input.

:func:`show` draws the player, what arrives, what decides and what is handed on at the stage that is
open, and below how one of its maps or units got its gradient. Whatever changes the input, the
network, the cost or the target redraws :data:`PANELS`.
"""

from zlib import crc32

import streamlit as st

from explorer.data import mnist
from explorer.network import making, passing, zoo
from explorer.network.architecture import CNN
from explorer.network.passing import Stage
from explorer.state import address, backprop
from explorer.view import backward, handed
from explorer.view.components import backward_play
from explorer.view.panel import panel

PANELS = ("walk",)


def show() -> None:
    """Draw the way; a step or a click on a map redraws this and nothing else."""

    @panel
    def walk() -> None:
        at = _reached()
        found, now = backprop.current(), backprop.BackpropState.now()
        model = zoo.shared(now.network)
        way = passing.stages(model.network, found)
        if at >= len(way):
            at = len(way) - 1
            backprop.BackpropState.take(at=at)
        stage, index = way[at], backward.chosen_map(way[at])
        player, maps, detail = st.container(), st.container(), st.container()
        with maps:
            backward.passed(stage, index, scale=now.colours)
        with detail:
            _explain(stage, index, model)
        with player:
            backward_play.show(
                backward.steps(way, found, mnist.class_names()),
                at=at,
                reset=backprop.held(backward_play.KEY).reset(at),
                address=address.owed(),
            )

    walk()
    backprop.BackpropState.controls("colours", redraw=PANELS)


def _reached() -> int:
    """The stage that is open, after what the hand has done since."""
    play = backprop.held(backward_play.KEY)
    report = backward_play.read(reset=play.token)
    if play.news(report.seq) and report.current:
        backprop.BackpropState.take(at=report.at)
        play.value = report.at
    return backprop.BackpropState.now().at


def _explain(stage: Stage, index: int, model: CNN) -> None:
    """How one map or unit of a stage got its gradient, cell by cell, where there is more to say."""
    if stage.row is None:
        return
    if stage.operation in ("relu", "max", "average") and stage.values.ndim == 3:
        handed.routing(stage, index)
        return
    weights = making.weights(model, stage.row.name)
    if weights is None:
        return
    if stage.operation == "dense":
        handed.weighted(stage, weights[:, index], index)
    elif stage.operation == "convolution":
        shape = stage.values.shape
        part = passing.by_input(stage.row, weights, stage.arrives, shape, index)
        handed.spread(part, stage, index, crc32(part.output.tobytes()))
