"""The gradient of every weight, for a page that has the current input and network.

:func:`show` draws the layers to choose from, all kernels of one beside their gradients, the open
kernel weight by weight, and the sum that makes one weight's gradient. Whatever changes the input,
the network, the cost or the target redraws :data:`PANELS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.network import making, passing, zoo
from explorer.network.answers import IMAGE
from explorer.network.architecture import CNN, Row
from explorer.network.gradients import Backward
from explorer.network.laying import Laying, laying
from explorer.state import backprop, networks
from explorer.state.backprop import Weight
from explorer.view import steepness as view
from explorer.view.components import lens, linked, map_grid
from explorer.view.panel import panel, redraw

PANELS = ("open_layer", "see_kernels", "see_sum")
"""All panels of the section, in their order on the page."""

PAIR, LENS = "weight_pair", "weight_lens"


@dataclass(frozen=True)
class _Open:
    """The weight in question, where it stands, and the backward pass that it stands in."""

    model: CNN
    found: Backward
    row: Row
    source: str
    weight: Weight
    laid: Laying

    @property
    def kernel(self) -> int:
        return self.weight.index[0]

    def chosen(self) -> view.Chosen:
        weights, gradient = self.weights, self.found.to_weights[self.row.name]
        return view.Chosen(
            self.row,
            self.kernel,
            self.laid.cell(self.weight.index),
            self.laid.lay(weights[self.kernel]),
            self.laid.lay(gradient[self.kernel]),
            self.laid,
            "the input" if self.source == IMAGE else self.source,
        )

    @property
    def weights(self) -> making.Floats:
        found = making.weights(self.model, self.row.name)
        assert found is not None
        return found


def _open() -> _Open | None:
    """What is open, after what was chosen since; None for a network without weights."""
    weight = backprop.chosen()
    if weight is None:
        return None
    network = backprop.BackpropState.now().network
    model = zoo.shared(network)
    rows = model.network.rows
    place = next(i for i, row in enumerate(rows) if row.name == weight.layer)
    row, source = rows[place], rows[place - 1].name if place else IMAGE
    return _Open(model, backprop.current(), row, source, weight, laying(model.network, row))


def show(follow: Sequence[str] = ()) -> None:
    """Draw the section.

    Args:
        follow: further panels that show the weight in question, redrawn when another is chosen.
    """
    layers, kernels, summed = st.container(), st.container(), st.container()

    def chose() -> None:
        """A weight was chosen by hand on one of the components."""
        redraw("see_kernels", "see_sum", *follow)

    @panel
    def open_layer() -> None:
        """Which layer's weights are looked at."""
        weight = backprop.chosen()
        if weight is None:
            return
        with layers:
            key = f"backprop_layer_{backprop.BackpropState.now().network}"
            st.session_state[key] = weight.layer
            st.segmented_control(
                "Weights of",
                backprop.layers(),
                key=key,
                required=True,
                on_change=_turn,
                args=(key, follow),
            )

    @panel
    def see_kernels() -> None:
        """All kernels of the layer beside their gradients, and the open one weight by weight."""
        with kernels:
            _take()
            now = _open()
            if now is None:
                st.caption("This network has no weights.")
                return
            name, gradient = now.row.name, now.found.to_weights[now.row.name]
            few = gradient.size <= view.MOST
            view.every(
                now.row,
                [now.laid.lay(one) for one in now.weights] if few else [],
                [now.laid.lay(one) for one in gradient] if few else [],
                now.found.to_before[name],
                now.kernel,
                key=_kernels(now.row.name),
                on_choose=chose,
            )
            view.one(
                now.chosen(),
                key=PAIR,
                reset=backprop.held(PAIR).reset(now.weight),
                address=backprop.words(),
                on_choose=chose,
            )
            view.said(now.chosen())

    @panel
    def see_sum() -> None:
        """The sum that makes the gradient of the weight in question."""
        with summed:
            _take()
            now = _open()
            if now is None:
                return
            _sum(now, chose)

    open_layer()
    see_kernels()
    see_sum()


def _sum(now: _Open, chose: Callable[[], None]) -> None:
    name, chosen = now.row.name, now.chosen()
    reads, gradient = now.found.after[now.source], now.found.to_before[name]
    if len(now.weight.index) == 2:
        unit, place = now.weight.index
        view.product(chosen, float(reads.ravel()[place]), float(gradient[unit]))
        return
    kernel, channel, i, j = now.weight.index
    part = passing.by_weights(now.row, reads, gradient, kernel, channel)
    own = backprop.is_chosen()
    view.under_lens(
        part,
        chosen,
        key=LENS,
        pinned=(i, j) if own else None,
        reset=backprop.held(LENS).reset((now.weight, own)),
        on_choose=chose,
    )
    products = passing.products(now.row, reads, gradient, now.weight.index)
    ones = np.ones_like(gradient)
    values = passing.products(now.row, reads, ones, now.weight.index)
    view.parts(products, values, gradient[kernel], chosen, key="weight")


def _kernels(layer: str) -> str:
    return view.key_of(layer, networks.lineage(backprop.BackpropState.now().network))


def _take() -> None:
    """Take over what was chosen on one of the components since the last look."""
    weight = backprop.chosen()
    if weight is None:
        return
    layer, index = weight.layer, weight.index
    click = map_grid.clicked(key=_kernels(layer))
    kernels = backprop.current().to_weights[layer]
    if backprop.held(_kernels(layer)).news(click[2] if click else 0):
        assert click is not None
        if click[1] != index[0] and click[1] < len(kernels):
            backprop.choose(Weight(layer, backprop.steepest(layer, click[1])))
    pair = backprop.held(PAIR)
    told = linked.read(key=PAIR, reset=pair.token)
    if pair.news(told.seq) and told.cell is not None:
        laid = _laid(layer)
        if all(i < n for i, n in zip(told.cell, laid.shape, strict=True)):
            pair.value = weight = Weight(layer, laid.index(index[0], told.cell, len(index)))
            backprop.choose(weight)
    glass = backprop.held(LENS)
    seen = lens.read(key=LENS, reset=glass.token)
    fresh, pinned = glass.news(seen.seq), seen.pinned
    if fresh and pinned and len(index) == 4 and max(pinned) < kernels.shape[2]:
        weight = Weight(layer, (*index[:2], *pinned))
        glass.value = (weight, True)
        backprop.choose(weight)


def _laid(layer: str) -> Laying:
    network = zoo.shared(backprop.BackpropState.now().network).network
    return laying(network, next(row for row in network.rows if row.name == layer))


def _turn(key: str, follow: Sequence[str]) -> None:
    backprop.open_layer(st.session_state[key])
    redraw(*PANELS, *follow)
