"""The lens: what Python believes of it, and whether its arithmetic is the array's, bit by bit."""

import json
import re
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from explorer import ops
from explorer.view.components import blob, lens
from tests import serving
from tests.apps import scripted
from tests.view import served

CASES = {
    "same": {"padding": "same"},
    "strided": {"padding": "same", "stride": 2, "dilation": 2, "relu": True},
    "even": {"side": 2, "stride": 3},
    "deep": {"channels": 5, "padding": "same"},
    "large": {"height": 80, "width": 70, "side": 9, "boxes": True},
    "max": {"operation": "max", "padding": "same"},
    "average": {"operation": "average", "padding": "same"},
}


def arrays(name):
    """The arguments of lens.show of one case; the browser's script and the tests share them."""
    case = {
        "height": 11, "width": 13, "side": 3, "channels": 1, "padding": "valid", "stride": 1,
        "dilation": 1, "relu": False, "operation": "convolution", "boxes": False,
    } | CASES[name]  # fmt: skip
    random = np.random.default_rng(5)
    image = random.normal(size=(case["channels"], case["height"], case["width"]))
    image = image.astype(np.float32)
    common = {"image_kind": "signed", "alt": "Noise", "box_mode": case["boxes"]}
    if case["operation"] != "convolution":
        pool = ops.max_pool if case["operation"] == "max" else ops.average_pool
        output = pool(image[0], 2, 2, case["padding"])
        pooled = {"size": 2, "stride": 2, "operation": case["operation"]}
        return image[0], {"output": output, **pooled, **common}
    kernel = random.normal(size=(case["channels"], case["side"], case["side"]))
    kernel = kernel.astype(np.float32)
    kernel[:, 0, 0] = 0
    geometry = (case["stride"], case["padding"], case["dilation"])
    output = ops.convolve(image, kernel, *geometry, bias=0.1)
    around = [ops.pads(n, case["side"], *geometry)[0] for n in image.shape[1:]]
    return image, {
        "output": output, "kernel": kernel, "bias": 0.1, "stride": case["stride"],
        "dilation": case["dilation"], "pads": tuple(around), "relu": case["relu"], **common,
    }  # fmt: skip


SCRIPT = """
import streamlit as st
from explorer.view.components import lens
from tests.view.test_lens import arrays

image, options = arrays(st.query_params["case"])

@st.fragment
def show():
    seen = lens.read()
    lens.show(image, **options)
    st.text("box %s pinned %s seq %d" % (seen.box, seen.pinned, seen.seq))

show()
"""


def report(**changes):
    fields = {"seq": 3, "reset": 0, "box": [1, 2, 5, 48], "pinned": [4, 5]}
    return {"report": fields | changes}


def test_a_report_becomes_a_box_and_a_pin():
    seen = lens._parse(report(), 0)
    assert seen == lens.LensResult((1, 2, 5, 48), (4, 5), 3, current=True)
    assert lens._parse(report(box=None, pinned=None), 0).current


def test_a_report_from_before_the_reset_keeps_its_number_only():
    assert lens._parse(report(), 1) == lens.LensResult(seq=3)


def test_a_box_beyond_the_picture_is_no_box():
    assert lens._parse(report(), 0, shape=(6, 50)).box == (1, 2, 5, 48)
    assert lens._parse(report(), 0, shape=(5, 50)).box is None
    assert lens._parse(report(), 0, shape=(6, 49)).box is None


@pytest.mark.parametrize(
    "changes",
    [
        {"box": [1, 2, 4, 9]},
        {"box": [1, 2, 9, 49]},
        {"box": [-1, 2, 9, 9]},
        {"box": [1, 2, 9]},
        {"box": [1, 2, 9, 9.5]},
        {"box": [1, 2, 9, True]},
        {"box": "1299"},
        {"pinned": [1]},
        {"pinned": [1, None]},
        {"pinned": [1, 10**9]},
    ],
    ids=str,
)
def test_a_malformed_report_is_none_and_no_error(changes):
    assert lens._parse(report(**changes), 0) == lens.LensResult(seq=3)


@pytest.mark.parametrize(
    "state", [None, 5, [], {}, {"report": [1]}, report(seq=True), report(seq=-1), report(seq="3")]
)
def test_a_state_without_a_report_is_an_untouched_lens(state):
    assert lens._parse(state, 0) == lens.LensResult()


GOOD = {"output": np.zeros((3, 3)), "kernel": np.zeros((3, 3)), "alt": "x"}


@pytest.mark.parametrize(
    ("image", "changes"),
    [
        (np.zeros(5), {}),
        (np.zeros((5, 5)), {"kernel": None}),
        (np.zeros((2, 5, 5)), {}),
        (np.zeros((5, 5)), {"kernel": np.zeros((2, 3, 3))}),
        (np.zeros((5, 5)), {"output": np.zeros((9, 3))}),
        (np.zeros((5, 5)), {"output": np.zeros((0, 3))}),
        (np.zeros((5, 5)), {"pads": (3, 0)}),
        (np.zeros((5, 5)), {"stride": 0}),
        (np.zeros((5, 5)), {"operation": "max", "kernel": None}),
        (np.zeros((5, 5)), {"image_kind": "colour"}),
        (np.zeros((5, 5)), {"bias": float("nan")}),
        (np.full((5, 5), np.inf), {}),
        (np.zeros((5, 5)), {"limits": (1, 1)}),
        (np.zeros((5, 5)), {"channel_names": ["a", "b"]}),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(image, changes):
    with pytest.raises(ValueError, match=r"\w+ must|channels?|kernel|outputs at|window"):
        lens.show(image, **{**GOOD, **changes})


def colour_app():
    import numpy as np

    from explorer.view.components import lens

    shades = np.arange(75, dtype=np.uint8).reshape(3, 5, 5) / np.float32(255)
    kernel = np.ones((3, 3, 3), np.float32)
    lens.show(shades, kernel=kernel, output=np.ones((3, 3)), image_kind="colour", alt="x", bias=0.1)


def test_a_picture_of_256_shades_travels_as_bytes_and_the_rest_as_float32():
    at = scripted(colour_app).run()
    assert not at.exception
    raw = at.get("bidi_component")[0].proto.bytes
    length = struct.unpack_from("<I", raw, 8)[0]
    head = json.loads(raw[12 : 12 + length])
    assert head["arrays"] == [
        ["image", "share", [3, 5, 5]], ["output", "share", [3, 3]], ["kernel", "share", [3, 3, 3]],
    ]  # fmt: skip
    assert raw[12 + length : 12 + length + 75] == bytes(range(75))
    assert head["meta"]["bias"] == float(np.float32(0.1))
    assert head["meta"]["names"] == ["red", "green", "blue"]


def test_every_shade_is_read_back_as_the_same_float32():
    shades = np.arange(256, dtype=np.uint8) / np.float32(255)
    as_javascript_reads_them = (np.arange(256) / 255.0).astype(np.float32)
    assert blob._shades(shades) == bytes(range(256))
    assert np.array_equal(as_javascript_reads_them, shades)
    assert blob._shades(np.nextafter(shades, np.float32(2))) is None


# --- in the browser ---

HOST = "[...document.querySelectorAll('.st-key-lens *')].find((e) => e.shadowRoot)"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with served.serve(SCRIPT) as address:
        yield address


@pytest.fixture
def page(address, request):
    case = request.param if hasattr(request, "param") else "same"
    with served.opened(f"{address}?case={case}", **serving.DESKTOP) as page:
        ready(page)
        yield page


def ready(page):
    """Wait until the lens is painted and the page's fonts are there."""
    page.wait_for_function(f"() => {HOST}?.dataset.painted > 0")
    page.evaluate("document.fonts.ready.then(() => true)")


def canvas(page, name):
    return page.locator(f'[data-part="{name}"] canvas').nth(1)


def point(page, name, row, column, shape, click=False):
    """Move the mouse onto a cell; `shape` is how many cells the picture has, padding included."""
    target = canvas(page, name)
    box = target.bounding_box()
    place = {
        "x": (column + 0.5) / shape[1] * box["width"],
        "y": (row + 0.5) / shape[0] * box["height"],
    }
    # Both wait until the canvas stands still: a font that arrives late still moves it.
    (target.click if click else target.hover)(position=place)


def shown(page, row, column):
    """What the card shows, once it is about this output."""
    page.wait_for_function(
        f"([r, c]) => {{ const l = {HOST}.lens; return l.row === r && l.column === c; }}",
        arg=[row, column],
    )
    return page.evaluate(
        f"""() => {{
            const l = {HOST}.lens;
            const list = (x) => x === null ? null : [...x];
            return {{ ...l, patch: list(l.patch), weights: list(l.weights), inside: list(l.inside),
                products: list(l.products), partial: list(l.partial),
                channelSums: list(l.channelSums) }};
        }}"""
    )


def corners_border_middle(shape):
    rows, columns = shape
    return [
        (0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1),
        (0, columns // 2), (rows // 2, 0), (rows // 2, columns // 2),
    ]  # fmt: skip


def window_of(image, options, row, column):
    """The patch of an output, zeros for its padding, and which of its cells are real: (C, k, k)."""
    image = image.reshape(-1, *image.shape[-2:])
    side = options["size"] if "size" in options else options["kernel"].shape[-1]
    step, spread = options["stride"], options.get("dilation", 1)
    top, left = options.get("pads", (0, 0))
    patch = np.zeros((len(image), side, side), np.float32)
    real = np.zeros((side, side), bool)
    for i in range(side):
        for j in range(side):
            y, x = row * step - top + i * spread, column * step - left + j * spread
            if 0 <= y < image.shape[1] and 0 <= x < image.shape[2]:
                patch[:, i, j] = image[:, y, x]
                real[i, j] = True
    return patch, real


@pytest.mark.parametrize("page", [c for c in CASES if CASES[c].get("operation") is None],
                         indirect=True)  # fmt: skip
def test_the_sum_on_the_card_is_the_outputs_value_to_the_last_bit(page):
    name = re.search("case=(.*)", page.url)[1]
    image, options = arrays(name)
    output = options["output"]
    for row, column in corners_border_middle(output.shape):
        point(page, "output", row, column, output.shape)
        found = shown(page, row, column)
        patch, _ = window_of(image, options, row, column)
        assert found["patch"] == patch.ravel().tolist()
        assert found["weights"] == options["kernel"].ravel().tolist()
        assert found["products"] == (patch * options["kernel"]).ravel().tolist()
        assert found["bias"] == float(np.float32(0.1))
        assert np.float32(found["sum"]) + np.float32(0.1) == output[row, column]
        assert found["before"] == found["computed"] == float(output[row, column])
        assert found["after"] == (max(0.0, found["before"]) if options["relu"] else found["before"])


@pytest.mark.parametrize("page", ["max", "average"], indirect=True)
def test_pooling_shows_its_window_and_ends_at_the_pooled_value(page):
    name = re.search("case=(.*)", page.url)[1]
    image, options = arrays(name)
    output = options["output"]
    for row, column in corners_border_middle(output.shape):
        point(page, "output", row, column, output.shape)
        found = shown(page, row, column)
        patch, real = window_of(image, options, row, column)
        assert found["patch"] == patch.ravel().tolist()
        assert found["inside"] == real.ravel().astype(int).tolist()
        assert found["before"] == found["computed"] == float(output[row, column])
        if name == "max":
            assert found["patch"][found["winner"]] == found["before"]
            assert found["inside"][found["winner"]] == 1


def test_the_card_writes_the_numbers_that_it_holds(page):
    _, options = arrays("same")
    point(page, "output", 5, 6, (11, 13))
    found = shown(page, 5, 6)
    page.get_by_text("every digit").click()
    point(page, "output", 5, 6, (11, 13))
    shown(page, 5, 6)
    lines = page.locator(".line:not(.th)")
    texts = [text.replace("−", "-") for text in lines.last.locator("span").all_text_contents()]
    assert texts[0] == "6, 7"
    assert np.float32(texts[1]) == np.float32(found["patch"][-1])
    assert np.float32(texts[3]) == options["kernel"][0, 2, 2]
    assert np.float32(texts[5]) == np.float32(found["products"][-1])
    assert np.float32(texts[6]) == np.float32(found["sum"])
    result = page.locator(".result strong").text_content().replace("−", "-")
    assert np.float32(result) == options["output"][5, 6]


@pytest.mark.parametrize("page", ["strided"], indirect=True)
def test_an_input_pixel_tells_how_many_outputs_read_it(page):
    image, options = arrays("strided")
    reads = np.zeros(image.shape[1:], int)
    for row in range(options["output"].shape[0]):
        for column in range(options["output"].shape[1]):
            for i in range(3):
                for j in range(3):
                    y = 2 * row - options["pads"][0] + 2 * i
                    x = 2 * column - options["pads"][1] + 2 * j
                    if 0 <= y < reads.shape[0] and 0 <= x < reads.shape[1]:
                        reads[y, x] += 1
    top, left = options["pads"]
    # 11 rows and 13 columns at stride 2 and a span of 5 need two zeros on every side.
    padded = (reads.shape[0] + 2 * top, reads.shape[1] + 2 * left)
    for row, column in [(0, 0), (1, 1), (4, 6), (5, 6), (10, 12)]:
        point(page, "input", row + top, column + left, padded)
        noun = "output" if reads[row, column] == 1 else "outputs"
        page.get_by_text(f"takes part in {reads[row, column]} {noun}", exact=False).wait_for()
        page.get_by_text(f"Input, row {row}, column {column}:").wait_for()


def test_a_click_pins_and_python_knows_it_and_escape_lets_go(page):
    point(page, "output", 2, 3, (11, 13), click=True)
    page.get_by_text("pinned (2, 3)").wait_for()
    point(page, "output", 8, 8, (11, 13))
    assert shown(page, 2, 3)["pinned"] == {"row": 2, "column": 3}
    canvas(page, "output").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_text("pinned (3, 3)").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("pinned None").wait_for()


def test_arrow_keys_read_the_output_and_speak_it(page):
    _, options = arrays("same")
    point(page, "output", 0, 0, (11, 13))
    canvas(page, "output").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    shown(page, 0, 1)
    spoken = page.locator('[data-part="spoken"]').text_content().replace("−", "-")
    assert spoken.startswith("Row 0, column 1: ")
    assert float(spoken.split(": ")[1]) == pytest.approx(float(options["output"][0, 1]), rel=1e-3)


@pytest.mark.parametrize("part", ["weights", "kernel"])
def test_arrow_keys_move_from_weight_to_weight_and_light_what_each_is_multiplied_with(page, part):
    _, options = arrays("same")
    field = page.locator('[data-part="weights"]') if part == "weights" else canvas(page, "kernel")
    field.focus()
    for key, (row, column) in [("ArrowRight", (1, 2)), ("ArrowRight", (1, 2)), ("ArrowUp", (0, 2))]:
        page.keyboard.press(key)
        page.get_by_text(f"Weight row {row}, column {column}:").first.wait_for()
    page.wait_for_function(f"() => {HOST}.lens.hover?.on === 'kernel'")
    spoken = page.locator('[data-part="spoken"]').text_content().replace("−", "-")
    assert float(spoken.split(": ")[1].split(" ")[0]) == pytest.approx(
        float(options["kernel"][0, 0, 2]), rel=1e-3
    )
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => {HOST}.lens.hover === null")


def test_the_kernel_runs_across_the_picture_in_reading_order(page):
    step = page.get_by_role("button", name="Step", exact=True)
    step.click()
    shown(page, 0, 0)
    for _ in range(13):
        step.click()
    found = shown(page, 1, 0)
    assert found["played"] == 14
    page.locator('[data-part="scrub"]').fill("100")
    assert shown(page, 7, 8)["played"] == 100
    page.locator('[data-part="speed"]').select_option("rows")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("output 143 of 143").wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.get_by_role("button", name="Show all").click()
    page.get_by_text("all 143 outputs").wait_for()


def test_following_the_pointer_sends_nothing_to_python(address):
    with served.opened("about:blank", **serving.DESKTOP) as page:
        sent = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda f: sent.append(f)))
        page.goto(f"{address}?case=large")
        ready(page)
        page.get_by_text("seq 0").wait_for()
        before = len(sent)
        for row in range(0, 70, 7):
            point(page, "output", row, row % 62, (72, 62))
            shown(page, row, row % 62)
        assert len(sent) == before


@pytest.mark.parametrize("page", ["large"], indirect=True)
def test_a_box_is_dragged_and_reported_when_it_is_done(page):
    point(page, "input", 10, 20, (80, 70))
    page.mouse.down()
    point(page, "input", 15, 28, (80, 70))
    point(page, "input", 21, 31, (80, 70))
    page.get_by_text("box None").wait_for()
    page.mouse.up()
    page.get_by_text("box (10, 20, 12, 12) pinned None seq 1").wait_for()


@pytest.mark.parametrize("page", ["large"], indirect=True)
def test_a_box_is_held_between_5_and_48_pixels_and_on_the_picture(page):
    point(page, "input", 79, 69, (80, 70))
    page.mouse.down()
    point(page, "input", 77, 66, (80, 70))
    page.mouse.up()
    page.get_by_text("box (75, 65, 5, 5)").wait_for()
    point(page, "input", 1, 1, (80, 70))
    page.mouse.down()
    point(page, "input", 70, 69, (80, 70))
    page.mouse.up()
    page.get_by_text("box (1, 1, 48, 48)").wait_for()


@pytest.mark.parametrize("page", ["large"], indirect=True)
def test_a_box_is_moved_resized_and_taken_by_keys(page):
    canvas(page, "input").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.get_by_text("box (34, 29, 12, 14)").wait_for()


@pytest.mark.parametrize("case", CASES)
def test_it_fits_a_phone_and_a_finger_reads_it(address, case):
    _, options = arrays(case)
    rows, columns = options["output"].shape
    with served.opened(f"{address}?case={case}", **serving.PHONE) as page:
        ready(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        frame = page.locator('[data-part="lens"]').bounding_box()
        for part in page.locator("canvas, button, .cells, .lines, .totals").all():
            box = part.bounding_box()
            assert box is None or box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
        output = canvas(page, "output")
        output.scroll_into_view_if_needed()
        box = output.bounding_box()
        page.touchscreen.tap(
            box["x"] + (columns // 2 + 0.5) / columns * box["width"],
            box["y"] + (rows // 2 + 0.5) / rows * box["height"],
        )
        shown(page, rows // 2, columns // 2)
        page.get_by_text(f"pinned ({rows // 2}, {columns // 2})").wait_for()
