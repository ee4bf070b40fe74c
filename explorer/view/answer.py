"""What the network received, and what it answered: the input, the digit, the probabilities."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import figures
from explorer.view.components import map_grid


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
    best, second = np.argsort(chances)[::-1][:2]
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=200, gap="small"):
            map_grid.show(
                image[None],
                key="input",
                label="What the network receives",
                kind="ink",
                cell=196,
                noun="input",
                unit="ink",
                selectable=False,
                alt=f"The 28×28 input of the network, which it reads as {names[best]}.",
            )
            st.caption("Centred, as every digit it learned from was.")
        with st.container(width=120, gap="xsmall"):
            st.caption("It reads")
            with st.container(key="prediction"):
                st.html(f'<div style="font-size:5.5rem;line-height:1;font-weight:700">{best}</div>')
            st.markdown(f"**{figures.percent(float(chances[best]))}**")
            st.caption(_comment(names, best, second, chances, truth))
        with st.container(width="stretch"):
            st.plotly_chart(
                figures.probabilities(chances, names),
                key="probabilities",
                config=figures.QUIET,
                alt="Probabilities of the ten classes: "
                + ", ".join(
                    f"{name} {figures.percent(float(chance))}"
                    for name, chance in zip(names, chances, strict=True)
                ),
            )


def _comment(
    names: Sequence[str],
    best: int,
    second: int,
    chances: npt.NDArray[np.float32],
    truth: int | None,
) -> str:
    runner_up = f"then {names[second]}, {figures.percent(float(chances[second]))}"
    if truth is None:
        return runner_up
    return f"{runner_up}; it {'is' if truth == best else 'was meant to be'} a {names[truth]}"
