"""Components, as far as Python goes: what is sent to the browser, what is believed of it."""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from explorer.data.ink import Stroke
from explorer.view import components
from explorer.view.components import digit_pad, map_grid
from tests import serving
from tests.apps import scripted

FOLDER = Path(components.__file__).parent


def grid_app(maps, options):
    from explorer.view.components import map_grid

    map_grid.show(maps, key="grid", alt="maps", **options)


def pad_app(options):
    from explorer.view.components import digit_pad

    digit_pad.show(key="pad", **options)


def sent_grid(maps, **options):
    """Description, ranges and maps that map_grid.show sends."""
    at = scripted(grid_app, maps, options).run()
    assert not at.exception
    raw = at.get("bidi_component")[0].proto.bytes
    n, h, w, length = struct.unpack_from("<4I", raw, 8)
    floats = np.frombuffer(raw[24 + length :], "<f4")
    meta = json.loads(raw[24 : 24 + length])
    return meta, floats[: 2 * n].reshape(n, 2), floats[2 * n :].reshape(n, h, w)


def sent_pad(**options):
    at = scripted(pad_app, options).run()
    assert not at.exception
    return json.loads(at.get("bidi_component")[0].proto.json)


MAPS = np.array([[[1, 2], [3, 4]], [[-8, 0], [0, 1]]], dtype=np.float32)


def test_the_browser_gets_the_numbers_themselves():
    meta, _, maps = sent_grid(MAPS, titles=["a", "b"], kind="signed")
    assert maps.tolist() == MAPS.tolist()
    assert meta["titles"] == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kind": "activation", "scale": "map"}, [[0, 4], [-8, 1]]),
        ({"kind": "activation", "scale": "layer"}, [[-8, 4], [-8, 4]]),
        ({"kind": "signed", "scale": "map"}, [[-4, 4], [-8, 8]]),
        ({"kind": "weight", "scale": "layer"}, [[-8, 8], [-8, 8]]),
        ({"kind": "activation", "limits": (0, 20)}, [[0, 20], [0, 20]]),
    ],
)
def test_a_scale_holds_its_zero(options, expected):
    assert sent_grid(MAPS, **options)[1].tolist() == expected


def test_ink_reaches_from_paper_to_full_ink_even_when_it_is_faint():
    assert sent_grid(np.full((1, 2, 2), 0.25), kind="ink")[1].tolist() == [[0, 1]]


def test_maps_that_are_all_zero_are_sent_with_an_empty_scale():
    assert sent_grid(np.zeros((1, 2, 2)), kind="signed")[1].tolist() == [[0, 0]]


def test_a_vector_becomes_units_on_one_scale():
    meta, ranges, maps = sent_grid(np.arange(6.0).reshape(1, 2, 3), wrap=True)
    assert maps.ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert maps.shape == (6, 1, 1)
    assert meta["scale"] == "layer"
    assert (ranges == [0, 5]).all()


def test_the_first_selection_is_the_pages_and_must_exist():
    assert sent_grid(MAPS, selected=1)[0]["selected"] == 1
    assert sent_grid(MAPS, selected=2)[0]["selected"] is None


@pytest.mark.parametrize(
    ("maps", "options"),
    [
        (np.zeros((2, 2)), {}),
        (np.zeros((0, 2, 2)), {}),
        (np.full((1, 1, 1), np.nan), {}),
        (np.full((1, 1, 1), np.inf), {}),
        (np.zeros((2, 1, 1)), {"titles": ["one"]}),
        (np.zeros((1, 1, 1)), {"limits": (1, 1)}),
    ],
)
def test_maps_that_cannot_be_shown_are_refused(maps, options):
    with pytest.raises(ValueError, match=r"maps|titles|limits"):
        map_grid.show(maps, key="grid", alt="maps", **options)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"selected": 1, "seq": 3}, (1, 3)),
        ({"selected": None, "seq": 3}, (None, 3)),
        ({"selected": 9, "seq": 3}, (None, 3)),
        ({"selected": True, "seq": 3}, (None, 3)),
        ({"selected": 1, "seq": "3"}, (None, 0)),
        ([1, 3], (None, 0)),
        (None, (None, 0)),
    ],
)
def test_a_selection_from_the_browser_is_checked(selection, expected):
    assert map_grid._selection({"selection": selection}, n=4) == expected


def report(**changes):
    ink = np.zeros((140, 140), np.uint8)
    ink[70, 20] = 200
    fields = {
        "seq": 7,
        "reset": 0,
        "brush": 24,
        "drawing": True,
        "strokes": [[24, 40, 140, 41, 141]],
        "ink": base64.b64encode(ink.tobytes()).decode(),
    }
    return {"report": fields | changes}


def test_a_report_becomes_ink_and_strokes():
    result = digit_pad._parse(report(), reset=0)
    assert result.ink is not None
    assert result.ink.shape == (140, 140)
    assert np.argwhere(result.ink).tolist() == [[70, 20]]
    assert result.strokes == (Stroke(24, ((40, 140), (41, 141))),)
    assert (result.seq, result.brush, result.drawing, result.current) == (7, 24, True, True)


def test_ink_may_be_a_part_of_the_sheet_and_where_it_lies():
    part = base64.b64encode(bytes([1, 2, 3, 4, 5, 6])).decode()
    result = digit_pad._parse(report(ink=part, box=[138, 0, 2, 3]), reset=0)
    assert result.ink is not None
    assert result.ink[138:, :3].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert result.ink.sum() == 21


def test_a_cleared_sheet_is_a_report_without_ink():
    result = digit_pad._parse(report(strokes=[], ink=""), reset=0)
    assert (result.ink, result.strokes, result.current) == (None, (), True)


def test_a_report_from_before_the_reset_keeps_its_number_and_loses_its_ink():
    result = digit_pad._parse(report(), reset=1)
    assert (result.ink, result.strokes, result.seq, result.current) == (None, (), 7, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"ink": ""},
        {"ink": "A" * 26136},
        {"ink": "AAAA" * 10_000},
        {"ink": "é" * 26136},
        {"ink": 5},
        {"ink": None},
        {"ink": "AAAA", "box": [139, 0, 3, 1]},
        {"ink": "AAAA", "box": [0, 138, 1, 3]},
        {"ink": "AAAA", "box": [-1, 0, 1, 3]},
        {"ink": "AAAA", "box": [0, 0, 3]},
        {"ink": "AAAA", "box": [0, 0, 1.5, 3]},
        {"ink": "", "box": [0, 0, 0, 0]},
        {"ink": "AAAA", "box": "0013"},
        {"strokes": "x"},
        {"strokes": [[24]]},
        {"strokes": [[24, 1]]},
        {"strokes": [[24, 1, 280]]},
        {"strokes": [[24, -1, 2]]},
        {"strokes": [[24, 1.5, 2]]},
        {"strokes": [[24, float("nan"), 2]]},
        {"strokes": [[24, float("inf"), 2]]},
        {"strokes": [[24, True, 2]]},
        {"strokes": [[41, 1, 2]]},
        {"strokes": [{"x": 1}]},
        {"strokes": [[24, 1, 2]] * 401},
        {"strokes": [[24, *[1] * 40_002]]},
        {"seq": -1},
        {"seq": "7"},
        {"seq": 1e400},
        {"brush": None},
        {"brush": 1000},
    ],
    ids=str,
)
def test_a_malformed_report_is_no_ink_and_no_error(changes):
    result = digit_pad._parse(report(**changes), reset=0)
    assert (result.ink, result.strokes, result.current) == (None, (), False)


@pytest.mark.parametrize("state", [None, 5, "x", [], {}, {"report": None}, {"report": [1]}])
def test_a_state_without_a_report_is_an_empty_pad(state):
    assert digit_pad._parse(state, reset=0) == digit_pad.DigitPadResult()


def test_a_new_pad_gets_the_strokes_of_the_page():
    data = sent_pad(strokes=(Stroke(20, ((1, 2), (3, 4))),), brush=99, reset=5)
    assert data["strokes"] == [[20, 1, 2, 3, 4]]
    assert data["known"] is False
    assert (data["brush"], data["reset"], data["echo"]) == (40, 5, 0)


def test_a_test_image_travels_as_grey_bytes():
    image = np.zeros((28, 28), np.float32)
    image[0, :3] = [0.5, 1, 2]
    grey = base64.b64decode(sent_pad(background=image)["background"])
    assert len(grey) == 784
    assert list(grey[:4]) == [128, 255, 255, 0]


def test_a_background_of_another_size_is_refused():
    with pytest.raises(ValueError, match="28"):
        digit_pad.show(background=np.zeros((14, 14), np.float32))


def test_an_update_carries_a_loader_and_the_page_carries_the_code_once():
    components._installer()
    for assets in (digit_pad._assets, map_grid._assets):
        assert assets.js.count("export default function") == 1
        assert len(assets.js) + len(assets.css) < 700
    assert {name.rpartition("-")[0] for name in components._code} == {
        file.stem for file in FOLDER.glob("*.css") if file.stem != "common"
    }


def test_scripts_travel_without_comments_and_with_all_their_code():
    from explorer.view.components import _without_comments

    script = """// a comment
const a = 2
  * 3; // kept with its line
/** one line */
/**
 * many lines
 */
const url = "http://x";

/* block */
b();"""
    assert list(_without_comments(script)) == [
        "const a = 2",
        "  * 3; // kept with its line",
        'const url = "http://x";',
        "b();",
    ]


OVERTAKEN = """async (code) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: show } = await import(url);
  const version = code.match(/shelf.code.get\\(("[^"]+")\\)/)[1];
  const parentElement = document.body.appendChild(document.createElement("div")).attachShadow({
    mode: "open",
  });
  const log = [];
  const early = show({ parentElement, data: 0 });
  early();  // overtaken before the code had come
  cnnExplorer.code.set(JSON.parse(version), ({ data }) => (log.push(data), () => log.push("end")));
  cnnExplorer.waiting.get(parentElement)();
  show({ parentElement, data: 1 })();
  const end = show({ parentElement, data: 2 });
  parentElement.host.remove();
  end();
  cnnExplorer.code.set(JSON.parse(version), () => {});
  show({ parentElement })();  // a component that has nothing to end
  return log;
}"""


@pytest.mark.skipif(serving.chromium() is None, reason="no Chromium")
def test_an_overtaken_update_does_not_end_a_component_that_is_still_shown():
    page = serving.shared_browser().new_page()
    page.goto("about:blank")
    assert page.evaluate(OVERTAKEN, map_grid._assets.js) == [0, 1, 2, "end"]
    page.close()
