"""What the answer hangs on: four saliency maps side by side, and what each may be trusted for."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view.components import map_grid
from explorer.view.nudged import digits, signed

if TYPE_CHECKING:
    from explorer.network.saliency import Integrated

Floats = npt.NDArray[np.float32]

SIDE = 168
"""Of one map, in CSS pixels."""

TRUST = {
    "gradient": (
        "Trust it for which way a *tiny* change of ink would push the logit, here and now. Not for "
        "what the answer is made of: a stroke that is surely there may have no slope left, and "
        "neighbouring pixels flicker."
    ),
    "integrated": (
        "Trust its sums: the parts share out what the ink added to the logit. Not its looks: it "
        "is multiplied by the ink, so that it resembles the digit even for random weights."
    ),
    "cam": (
        "Trust it for the rough region in which the last convolution found something for this "
        "class, empty paper included. Not for single pixels, and not for what speaks against: that "
        "is cut off."
    ),
    "occlusion": (
        "Trust it as a measurement: this is what the logit really lost without that patch. But a "
        "digit with a hole is nothing that the network was trained on, and two strokes that can "
        "stand in for each other both look needless."
    ),
}
"""What each method may be trusted for, and what not."""


def given(image: Floats, about: str) -> None:
    """Draw the input that the maps are of; ``about`` says which class they speak of."""
    map_grid.show(
        image[None],
        key="why-input",
        label="The input",
        kind="ink",
        cell=SIDE,
        noun="input",
        unit="ink",
        selectable=False,
        alt="The input, for comparison with the maps beside it.",
    )
    st.caption(about)


def gradient(values: Floats) -> None:
    """Draw the gradient."""
    _map(
        values, "gradient", "Gradient", "logit per ink", "How fast the logit rises with each pixel"
    )
    st.caption(TRUST["gradient"])


def integrated(found: "Integrated", steps: int) -> None:
    """Draw integrated gradients, and whether they are complete."""
    _map(
        found.parts,
        "integrated",
        "Integrated gradients",
        "logits",
        "What each pixel adds to the logit on the way from empty paper",
    )
    st.caption(
        f"Sum {signed(found.total, 4)}; the logit rises from {digits(found.baseline, 4)} (empty "
        f"paper) to {digits(found.logit, 4)}, by {signed(found.logit - found.baseline, 4)}. What "
        f"is missing, {signed(-found.gap, 2)}, fell between the {steps} steps. "
        f"{TRUST['integrated']}"
    )


def cam(values: Floats | None, layer: str, sees: int) -> None:
    """Draw Grad-CAM.

    Args:
        values: None for a network without a convolution.
        layer: whose maps are weighed.
        sees: side of the receptive field of one of its cells.
    """
    if values is None:
        st.markdown("**Grad-CAM**")
        st.caption("Not available: this network has no convolution whose maps could be weighed.")
        return
    _map(values, "cam", "Grad-CAM", "logits", f"Where maps of {layer} speak for the class")
    none = "" if values.any() else "All of it is 0: no map of that layer speaks for this class. "
    st.caption(f"{none}Maps of {layer}, whose cells see {sees}×{sees} pixels each. {TRUST['cam']}")


def occlusion(values: Floats, size: int) -> None:
    """Draw occlusion; ``size`` is the side of the patch."""
    _map(
        values,
        "occlusion",
        "Occlusion",
        "logits lost",
        f"What the logit loses without each patch of {size}×{size} pixels",
    )
    st.caption(TRUST["occlusion"])


def _map(values: Floats, name: str, label: str, unit: str, alt: str) -> None:
    map_grid.show(
        values[None],
        key=f"why-{name}",
        label=label,
        kind="activation" if name == "cam" else "signed",
        cell=SIDE,
        noun="map",
        unit=unit,
        selectable=False,
        alt=f"{alt}: from {digits(float(values.min()), 3)} to {digits(float(values.max()), 3)}.",
    )
