"""The command that measures networks on shifted images."""

import json

from explorer.data import mnist
from explorer.network import shifts, zoo
from explorer.training import shifted


def test_the_command_writes_what_is_measured(tmp_path):
    out = tmp_path / "shifts.json"
    shifted.main(["--out", str(out), "--images", "30"])
    found = json.loads(out.read_text())
    assert tuple(found) == shifted.NAMES
    images, labels = (part[:30] for part in mnist.test_set())
    *_, curve = shifts.measure(zoo.load("pool-average"), images, labels)
    assert found["pool-average"] == {
        "weights": shifted.weights_sum("pool-average"),
        "images": 30,
        "shifts": list(range(9)),
        "right": {direction: right.tolist() for direction, right in curve.right.items()},
    }


def test_the_command_repeats_itself(tmp_path):
    texts = []
    for name in ("one", "two"):
        shifted.main(["--out", str(tmp_path / name), "--images", "3"])
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


def test_a_written_file_is_read_as_curves(tmp_path, monkeypatch):
    out = tmp_path / "shifts.json"
    shifted.main(["--out", str(out), "--images", "20"])
    monkeypatch.setattr(shifts, "FILE", out)
    curves = shifts.shipped.__wrapped__()
    images, labels = (part[:20] for part in mnist.test_set())
    *_, curve = shifts.measure(zoo.load("default"), images, labels)
    assert curves["default"].images == 20
    assert curves["default"].mean.tolist() == curve.mean.tolist()
    assert curves["default"].low.tolist() == curve.low.tolist()
