"""The tables of the store as queries name them; :mod:`explorer.training.migrations` makes them."""

import sqlalchemy as sql
from sqlalchemy import column, table


def _table(name: str, *columns: str) -> sql.TableClause:
    return table(name, *(column(each) for each in columns))


_RUN = "id name spec state reason until created queued started ended heartbeat host process"
_RUN += " attempt step steps loss accuracy test_accuracy seconds images_per_second start result"
RUNS = _table("runs", *_RUN.split())
POINTS = _table("points", "number", "run", "last", "rows")
EVALUATIONS = _table(
    "evaluations", *["number", "run", "step", "images", "loss", "accuracy", "answers"]
)
SNAPSHOTS = _table("snapshots", "number", "run", "step", "kernels")
CHECKPOINTS = _table("checkpoints", "number", "run", "step", "data")
WHOLES = _table("wholes", "number", "run", "step", "data")
COMMANDS = _table("commands", "number", "run", "verb", "value", "given")
