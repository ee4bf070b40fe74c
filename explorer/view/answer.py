"""What the network received, and what it answered: the input, the digit, the probabilities."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import palette
from explorer.view.components import bars, map_grid


def show(
    image: npt.NDArray[np.float32],
    chances: npt.NDArray[np.float32],
    names: Sequence[str],
    truth: int | None,
) -> None:
    """Draw input, verdict and bars side by side; one below the other on a phone.

    Args:
        image: ``(28, 28)`` in [0, 1], as the network received it.
        chances: ``(classes,)`` probabilities.
        names: what the classes are called.
        truth: the true class of a test image; None for a drawing.
    """
    best, second = (int(i) for i in np.argsort(chances)[::-1][:2])
    texts = [percent(float(chance)) for chance in chances]
    colours = [palette.MUTED] * len(chances)
    colours[best], colours[second] = palette.PREDICTED, palette.RUNNER_UP
    with st.container(horizontal=True, gap="medium"):
        map_grid.show(
            image[None],
            key="input",
            width=200,
            label="What the network receives",
            kind="ink",
            cell=196,
            noun="input",
            unit="ink",
            selectable=False,
            alt=f"The 28×28 input of the network, which it reads as {names[best]}.",
        )
        with st.container(key="prediction", width=96):
            st.html(
                f'<div style="font-size:6.5rem;line-height:1;font-weight:700;text-align:center">'
                f"{best}</div>"
            )
        with st.container(width="stretch"):
            bars.show(
                chances.tolist(),
                key="probabilities",
                names=names,
                texts=texts,
                colours=colours,
                heading=verdict(names, texts, best, second, truth),
                alt="Probabilities: "
                + ", ".join(f"{n} {t}" for n, t in zip(names, texts, strict=True)),
            )


def verdict(
    names: Sequence[str], texts: Sequence[str], best: int, second: int, truth: int | None
) -> str:
    """The answer in one sentence, with the runner-up, and the truth where it is known."""
    said = f"It reads {names[best]} ({texts[best]}), then {names[second]} ({texts[second]})."
    if truth is None:
        return said
    return f"{said} {'Right' if truth == best else 'Wrong'}: the label says {names[truth]}."


def percent(value: float) -> str:
    """A probability as a reader wants it: ``98.3 %``; never a 100 % or a 0 % that is not one."""
    if 0 < value < 0.0005:
        return "< 0.1\u00a0%"
    if 0.9995 <= value < 1:
        return "> 99.9\u00a0%"
    return f"{100 * value:.1f}\u00a0%"
