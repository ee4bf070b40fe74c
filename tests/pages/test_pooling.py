"""The page *Pooling*: what it says is what the arithmetic gives."""

import json
import re

import numpy as np
import pytest

from explorer import ops
from explorer.data import mnist
from explorer.network import unchanged
from explorer.ops.kernels import PRESETS
from explorer.state import pooling
from explorer.view import measured
from explorer.view.components import blob
from tests.pages.test_pages import broken, opened


def headline(at) -> tuple[str, str]:
    """The shares before and after pooling, as the page says them."""
    texts = [re.sub("<[^>]+>", "", e.proto.body) for e in at.get("html")]
    found = [re.search("Before pooling (.*) unchanged · after pooling (.*?%)", t) for t in texts]
    return next((m[1].replace("\xa0", " "), m[2].replace("\xa0", " ")) for m in found if m)


def twins(at) -> tuple[dict, dict]:
    """Names and shapes of what the twins were sent, and its description."""
    for element in at.get("bidi_component"):
        raw = element.proto.bytes
        if int.from_bytes(raw[:4], "little") == blob.ARRAYS:
            sent = json.loads(raw[12 : 12 + int.from_bytes(raw[8:12], "little")])
            if "stages" in sent["meta"]:
                return {name: shape for name, _, shape in sent["arrays"]}, sent["meta"]
    raise AssertionError("no twins")


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        ({}, "42.9 %", "58.1 %"),
        ({"pool": "average"}, "42.9 %", "45.0 %"),
        ({"pool": "strided"}, "42.9 %", "27.8 %"),
        ({"pool": "blur"}, "42.9 %", "63.0 %"),
        ({"compare": "back", "dx": "2"}, "100.0 %", "100.0 %"),
        ({"compare": "back", "dx": "3"}, "100.0 %", "58.1 %"),
        ({"compare": "back", "pool": "blur"}, "100.0 %", "63.0 %"),
        ({"blocks": "2"}, "42.9 %", "81.2 %"),
        ({"blocks": "2", "dx": "3"}, "11.6 %", "30.0 %"),
        ({"blocks": "3"}, "42.9 %", "100.0 %"),
        ({"dx": "0"}, "100.0 %", "100.0 %"),
    ],
    ids=str,
)
def test_experiments_come_out_as_the_text_says(address, before, after):
    at = opened("pooling", **address)
    assert not broken(at)
    assert headline(at) == (before, after)


@pytest.mark.parametrize(
    "address",
    [
        {"dx": "1e9", "dy": "<script>", "filter": "-1"},
        {"dx": "٣", "filter": "9" * 400, "kernel": "../../etc/passwd"},
        {"pool": "💥", "pool_size": "0", "pool_stride": "-2", "blocks": "NaN"},
        {"tolerance": "'; DROP", "compare": "None", "stage": "7", "lens": "%00", "pin": "-1_2"},
    ],
    ids=str,
)
def test_a_hostile_choice_opens_the_default(address):
    at = opened("pooling", **address)
    assert not broken(at)
    if "filter" not in address:
        assert headline(at) == headline(opened("pooling"))


def test_the_twins_go_through_every_block():
    sent, meta = twins(opened("pooling", blocks="2", kernel="sobel-x", dx="3", dy="-1"))
    labels = [stage["label"] for stage in meta["stages"]]
    assert labels == [
        "Input",
        "Convolution 1 + ReLU",
        "Max-pooling 1",
        "Convolution 2 + ReLU",
        "Max-pooling 2",
    ]
    assert [sent[f"shifted{i}"] for i in range(5)] == [[s, s] for s in (28, 28, 14, 14, 7)]
    assert (meta["dx"], meta["dy"]) == (3, -1)
    assert sent["kernel1"] == [3, 3]


def test_without_a_kernel_the_picture_is_pooled():
    _, meta = twins(opened("pooling", kernel="none", pool="average", pool_size="3"))
    assert [stage["label"] for stage in meta["stages"]] == ["Input", "Average pooling"]
    assert meta["stages"][1]["window"] == [3, 2]


def test_blocks_that_do_not_fit_are_left_out_and_that_is_said():
    at = opened("pooling", kernel="none", pool_size="4", pool_stride="4", blocks="3")
    assert not broken(at)
    assert any("do not fit" in caption.value for caption in at.caption)
    assert len(twins(at)[1]["stages"]) == 3


def test_probabilities_are_those_of_the_shifted_picture():
    from explorer.network import zoo
    from explorer.network.answers import answers

    at = opened("pooling", dx="4", image="5")
    image = mnist.test_set()[0][5].astype(np.float32) / np.float32(255)
    moved = answers(zoo.shared("default"), ops.translate(image, 4, 0)).probabilities
    charts = [e.proto.json for e in at.get("bidi_component") if '"texts"' in e.proto.json]
    values = [json.loads(chart)["values"] for chart in charts]
    assert any(np.array_equal(np.float32(v), moved) for v in values)


def test_a_chart_follows_when_the_measurement_is_done(monkeypatch):
    monkeypatch.setattr(unchanged, "IMAGES", 6)
    settings = pooling.PoolingState(kernel="emboss", tolerance="20")
    at = opened("pooling", kernel="emboss", tolerance="20")
    assert not broken(at)
    bars = [e.proto.json for e in at.get("bidi_component") if '"share"' in e.proto.json]
    assert json.loads(bars[0])["share"] == 0
    work = unchanged.measurement(pooling.chain(settings), 0.2, back=False)
    while work.done < 1:
        work.step()
    at = opened("pooling", kernel="emboss", tolerance="20", dx="-5")
    assert not [e for e in at.get("bidi_component") if '"share"' in e.proto.json]
    spec = json.loads(at.get("plotly_chart")[0].proto.spec)
    names = [line["name"] for line in spec["data"]]
    assert names == [
        "before pooling",
        "after pooling",
        "after pooling, this picture, moved left",
    ]
    assert spec["layout"]["shapes"][0]["x0"] == 5


def test_three_networks_of_one_size_and_the_chosen_one_are_compared_under_shifts():
    at = opened("pooling")
    spec = json.loads(at.get("plotly_chart")[-1].proto.spec)
    names = [line["name"] for line in spec["data"]]
    assert names == [*measured.TRIALS.values(), "network “default”"]


def test_choosing_another_pooling_says_so_in_the_address():
    at = opened("pooling")
    at.button_group(key="setting-pool").set_value("blur").run()
    assert not broken(at)
    assert at.query_params["pool"] == "blur"
    assert headline(at)[1] == "63.0 %"


@pytest.mark.parametrize("pool", ["max", "average", "strided", "blur"])
@pytest.mark.parametrize("lens", ["original", "shifted"])
def test_every_pooling_can_be_looked_into(pool, lens):
    at = opened("pooling", pool=pool, lens=lens, pool_stride="3", blocks="2", stage="2")
    assert not broken(at)
    raw = [e.proto.bytes for e in at.get("bidi_component")]
    sent = [
        json.loads(b[12 : 12 + int.from_bytes(b[8:12], "little")]) for b in raw if b[:4] == b"CNNA"
    ]
    meta = next(s["meta"] for s in sent if "operation" in s["meta"])
    names = {"max": "max", "average": "average", "strided": "max", "blur": "convolution"}
    assert meta["operation"] == names[pool]
    assert meta["stride"] == 3


def test_every_preset_can_be_put_into_the_blocks():
    assert set(PRESETS) < set(
        pooling.PoolingState.__dataclass_fields__["kernel"].metadata["options"]()
    )
