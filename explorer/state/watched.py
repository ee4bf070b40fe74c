"""What the page *Train* shows of a run, made of what was recorded."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.state import recorded
from explorer.state.recorded import Recorded
from explorer.training.records import POINT, Run, State, Verb
from explorer.training.spec import RunSpec
from explorer.training.store import shared
from explorer.view import hints
from explorer.view.components import curves
from explorer.view.curves import Curve

LATELY = 100
"""Steps that the speed is measured over."""


@dataclass(frozen=True, eq=False)
class Watched:
    """A run as it stands.

    Attributes:
        run: from the store.
        recorded: its steps and evaluations.
        loss, dataset: of its spec.
        speed: images a second of training, lately; 0 before the first.
        epoch: passes over the training images.
        rate: learning rate of the last step, None before the first.
        left: seconds until it ends, if it goes on like that; None where it does not go on.
    """

    run: Run
    recorded: Recorded
    loss: str
    dataset: str
    speed: float
    epoch: float
    rate: float | None
    left: float | None


def look(run: Run) -> Watched:
    """How a run stands; raises StoreError as the store does."""
    found = recorded.read(run)
    recent, left = found.points[-LATELY:], None
    speed = run.images_per_second
    if len(recent) > 1 and recent["seconds"][-1] > recent["seconds"][0]:
        images = float(recent["images"][-1]) - float(recent["images"][0])
        speed = images / float(recent["seconds"][-1] - recent["seconds"][0])
    pace = recorded.pace(run)
    if run.state.live and pace:
        left = (run.steps - run.step) / pace
    last = found.points[-1] if len(found.points) else None
    epoch, rate = (float(last["epoch"]), float(last["learning_rate"])) if last else (0.0, None)
    known = spec(run)
    if not run.state.live:
        speed = run.images_per_second
    return Watched(run, found, known.loss, known.dataset, speed, epoch, rate, left)


def spec(run: Run) -> RunSpec:
    """The description of a run; of one whose row is damaged, the plain one."""
    return _spec(run.spec_json)


@lru_cache(maxsize=64)
def _spec(text: str) -> RunSpec:
    try:
        return RunSpec.from_json(text)
    except ValueError:
        return RunSpec()


def slowness(run: Run) -> float:
    """Seconds from step to step, as a run was last told; 0 at full speed."""
    told = [order.value for order in shared().commands(run.id) if order.verb is Verb.SLOW]
    return (told[-1] if told else None) or 0.0


def highest_rate(run: Run) -> float:
    """The highest learning rate of a run's schedule, as it was last told or its last step tells."""
    known, points = spec(run), recorded.read(run).points
    told = [order.value for order in shared().commands(run.id) if order.verb is Verb.RATE]
    if told and told[-1]:
        return told[-1]
    if not len(points):
        return known.learning_rate
    last = points[-1]
    planned = known.rate(int(last["step"]))
    share = float(last["learning_rate"]) / planned if planned else 1.0
    return float(f"{known.learning_rate * share:.3g}")


def pinned(run: Run, axis: str, token: str) -> int | None:
    """The step that is pinned on the chart, or None."""
    x, points = curves.read(token=token).pinned, recorded.read(run).points
    if x is None or not len(points):
        return None
    at = min(int(np.searchsorted(points[axis], x - 1e-6 * abs(x))), len(points) - 1)
    return int(points["step"][at])


def curve(run: Run, axis: str) -> Curve:
    """The curves of a run.

    Args:
        run: whose.
        axis: ``step``, ``epoch`` or ``seconds``, which x counts.
    """
    found = recorded.read(run)
    points = found.points
    x = points[axis].astype(np.float32)
    rows = [(e.step, e.loss, e.accuracy, e.images) for e in found.evaluations]
    tests = np.array(rows, np.float32).reshape(-1, 4)
    tests = tests[np.isfinite(tests).all(axis=1)]
    if axis != "step" and len(points):
        tests[:, 0] = np.interp(tests[:, 0], points["step"], x)
    return Curve(
        run.name, x, points["loss"], points["accuracy"], tests, run.steps, not run.state.ended
    )


def signs(seen: Watched, dead: tuple[str, float]) -> hints.Signs:
    """What the hints look at.

    Args:
        seen: the run as it stands.
        dead: the layer with the largest share of units that answer to nothing, and that share.
    """
    found, known = seen.recorded, spec(seen.run)
    rows = [(e.step, e.loss, e.accuracy, e.images) for e in found.evaluations]
    tests = np.array(rows, np.float32).reshape(-1, 4)
    return hints.Signs(
        found.points["loss"],
        found.points["accuracy"],
        tests[np.isfinite(tests).all(axis=1)],
        {name: getattr(known, name) for name in known.__dataclass_fields__},
        failed=seen.run.state is State.FAILED and bool(seen.run.result),
        dead=dead[1],
        layer=dead[0],
    )


def csv(run: Run) -> bytes:
    """All steps of a run, a line each, with the evaluations in columns of their own."""
    found = recorded.read(run)
    names = POINT.names or ()
    tested = {e.step: e for e in found.evaluations}
    lines = [",".join([*names, "test_images", "test_loss", "test_accuracy"])]
    for point in found.points:
        cells = [f"{point[name]:.9g}" for name in names]
        e = tested.get(int(point["step"]))
        cells += [str(e.images), f"{e.loss:.9g}", f"{e.accuracy:.9g}"] if e else ["", "", ""]
        lines.append(",".join(cells))
    return ("\n".join(lines) + "\n").encode()
