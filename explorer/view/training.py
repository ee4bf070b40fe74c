"""One run, as it trains: where it stands, its curves, its kernels."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.view import curves
from explorer.view.components import curves as chart
from explorer.view.components import map_grid, run_head
from explorer.view.curves import Curve

if TYPE_CHECKING:
    from explorer.training.records import Run
    from explorer.view.hints import Hint

Floats = npt.NDArray[np.float32]

TONES = {
    "queued": "still",
    "running": "live",
    "paused": "still",
    "finished": "good",
    "stopped": "still",
    "failed": "bad",
    "lost": "bad",
}
LOSSES = {
    "categorical_crossentropy": "categorical cross-entropy",
    "binary_crossentropy": "binary cross-entropy",
    "root_mean_squared_error": "root-mean-square error",
}
UNITS = {"step": "step", "epoch": "epoch", "seconds": "second of training"}


def head(
    run: "Run", speed: float, epoch: float, rate: float | None, left: float | None, note: str
) -> None:
    """Draw where a run stands.

    Args:
        run: as the store has it.
        speed: images a second of training, lately; 0 before the first.
        epoch: passes over the training images.
        rate: learning rate of the last step.
        left: seconds until it ends, if it goes on like that.
        note: a sentence below.
    """
    figures = [("Step", f"{run.step:,} of {run.steps:,}"), ("Epoch", f"{epoch:.2f}")]
    if run.test_accuracy is not None:
        figures.append(("Test accuracy", percent(run.test_accuracy)))
    if run.loss is not None:
        figures.append(("Loss", f"{run.loss:.3g}"))
    if rate is not None:
        figures.append(("Learning rate", f"{rate:.3g}"))
    if speed:
        figures.append(("Images/s", f"{speed:,.0f}"))
    figures.append(("Trained", duration(run.seconds)))
    if left is not None:
        figures.append(("Left, about", duration(left)))
    run_head.show(
        name=run.name,
        state=f"queued, place {run.place}" if run.place else str(run.state.value),
        tone=TONES[run.state.value],
        share=run.step / run.steps if run.steps else 0.0,
        figures=figures,
        note=note,
    )


def duration(seconds: float) -> str:
    """Seconds as people say them: ``4.2 s``, ``1 min 20 s``, ``2 h 05 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def percent(share: float) -> str:
    """An accuracy with the two decimals that 10,000 images give it."""
    return f"{100 * share:.2f} %"


def lines(shown: Sequence[Curve], axis: str, *, log: bool, loss: str, token: str) -> None:
    """Draw loss and accuracy.

    Args:
        shown: the run, and those that are laid over it.
        axis: what x counts: a key of :data:`UNITS`.
        log: a logarithmic axis for the loss.
        loss: the run's loss, a key of :data:`LOSSES`.
        token: changes with the run and the axis.
    """
    within = chart.read(token=token).within
    if within is not None:
        room = (within[1] - within[0]) / 2
        within = (within[0] - room, within[1] + room)
    chart.show(
        curves.arrays(shown, within),
        names=[curve.name for curve in shown],
        colours=curves.COLOURS[: len(shown)],
        whole=curves.whole(shown),
        unit=UNITS[axis],
        log=log,
        loss=LOSSES.get(loss, loss),
        alt=said(shown[0]),
        live=shown[0].live,
        token=token,
    )


def said(curve: Curve) -> str:
    """A curve's newest numbers in one sentence."""
    if not len(curve.x):
        return "No step has been taken yet."
    width = curves.span(curve.steps)
    loss, accuracy = (float(np.mean(v[-width:])) for v in (curve.loss, curve.accuracy))
    text = f"After {len(curve.x):,} steps the training loss is {loss:.3g} and {percent(accuracy)}"
    text += " of the last batches' images are read right"
    if len(curve.tests):
        cost, right = (float(value) for value in curve.tests[-1, 1:3])
        text += f"; on test images the loss is {cost:.3g} and the accuracy {percent(right)}"
    return f"{text}."


def kernels(weights: Floats, name: str, step: int) -> None:
    """Draw the kernels of a layer; of one with several channels, the first slice of each.

    Args:
        weights: ``(filters, channels, k, k)``.
        name: of the layer.
        step: after which they were kept.
    """
    deep = weights.shape[1] > 1
    map_grid.show(
        weights[:, 0],
        key="train-kernels",
        label=f"Kernels of {name}",
        text="slices of the first channel" if deep else "",
        caption=f"after step {step:,}",
        kind="weight",
        scale="layer",
        noun="kernel",
        unit="weight",
        cell=44,
        selectable=False,
        alt=f"The {len(weights)} kernels of {name} after step {step:,}.",
    )


def drafted(line: str, wrong: str) -> None:
    """Say in one line what the next run is, or what is wrong with it."""
    if wrong:
        st.warning(wrong, icon=":material/edit:")
    else:
        st.caption(line)


def hinted(
    found: Sequence["Hint"], run: "Run", remedy: Callable[..., None], redraw: Sequence[str]
) -> None:
    """Say what a run's curves show, and offer the settings that help.

    Args:
        found: the hints.
        run: whose they are.
        remedy: called with the run, the changes and the panels to redraw.
        redraw: those panels.
    """
    for hint in found:
        with st.container(border=True, key=f"hint-{hint.kind}"):
            st.markdown(f":material/lightbulb: **{hint.seen}** {hint.why}")
            st.button(
                hint.label,
                key=f"remedy-{hint.kind}-{run.id}",
                on_click=remedy,
                args=(run, hint.remedy, redraw),
                help="Sets it for the next run, which Start begins; this one stays as it is.",
            )
