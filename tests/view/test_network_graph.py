"""The picture of a network: what is sent of it, and the numbers that a browser reads off it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.network import layers, making
from explorer.network.answers import Answers, answers
from explorer.network.architecture import CNN, Network
from explorer.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from explorer.view import cards, graph
from explorer.view.components import network_graph
from explorer.view.components.network_graph import Graph, Opened, Stage
from tests import serving
from tests.view import served

EVERY = Network(
    "every",
    (
        Conv2D(3, 3, strides=2, padding="same", activation="relu"),
        BatchNormalization(),
        MaxPooling2D(3, strides=2),
        Conv2D(4, 3),
        AveragePooling2D(2),
        Dropout(0.25),
        Flatten(),
        Dense(5, activation="relu"),
        BatchNormalization(),
        Dense(10, activation="softmax"),
    ),
)


def every() -> CNN:
    """A network with every layer type, its normalisations as after training."""
    torch.manual_seed(3)
    model = EVERY.build().eval()
    for row in EVERY.rows:
        if isinstance(row.layer, BatchNormalization):
            norm: Any = model.get_submodule(row.name)
            norm.weight.data.uniform_(0.5, 2)
            norm.bias.data.uniform_(-1, 1)
            norm.running_mean.uniform_(-0.5, 0.5)
            norm.running_var.uniform_(0.2, 2)
    return model.requires_grad_(False)


def image() -> np.ndarray:
    return np.random.default_rng(1).random((28, 28), np.float32)


SCRIPT = """
import numpy as np
import streamlit as st
from explorer.network import making
from explorer.network.answers import answers
from explorer.view import graph
from explorer.view.components import network_graph
from tests.view.test_network_graph import every, image

model = every()

@st.fragment
def show():
    seen = network_graph.read()
    found = answers(model, image())
    opened = None
    if seen.opened:
        row = next(r for r in model.network.rows if r.name == seen.opened[0])
        made = making.made(model, found.after, row.name, seen.opened[1])
        opened = (row, made, seen.opened[1])
    graph.show(
        model.network, found, graph.weights(model.state_dict()),
        classes=[str(i) for i in range(10)], scale="map", opened=opened,
    )
    st.text(f"opened {seen.opened} seq {seen.seq}")

for part in ("kernels", "dense"):
    graph.send(graph.weights(model.state_dict()), part)
show()
"""


def test_every_layer_type_is_in_the_picture_and_has_a_formula():
    names = {layer.__name__ for layer in layers.LAYERS}
    assert set(graph.OPERATIONS) == names
    assert set(cards.FORMULAS) == names
    assert set(cards.APPLIED) == set(layers.ACTIVATIONS)
    assert {type(row.layer).__name__ for row in EVERY.rows} == names


def test_every_operation_has_a_card_in_the_browser():
    source = Path(network_graph.__file__).with_name("network_card.js").read_text("utf-8")
    cards_ = source.partition("const CARDS = {")[2].partition("\n};")[0]
    found = set(re.findall(r"^  (\w+)\(stage", cards_, re.MULTILINE))
    assert found == {"input", *graph.OPERATIONS.values()}


def test_the_parts_of_a_unit_add_up_to_its_sum():
    model, found = every(), answers(every(), image())
    for row in EVERY.rows:
        if not isinstance(row.layer, Conv2D | Dense):
            continue
        made = making.made(model, found.after, row.name, 2)
        parts = graph.parts(row, made)
        assert parts is not None
        over = None if isinstance(row.layer, Dense) else 0
        total = parts.sum(axis=over) + np.float32(made.bias)
        np.testing.assert_allclose(total, found.before[row.name][2], atol=1e-4)


def test_at_temperature_one_the_chances_are_the_network_s_probabilities():
    found = answers(every(), image())
    shown = graph.chances(found.before["output"])
    one = shown[graph.TEMPERATURES.index(1.0)]
    np.testing.assert_allclose(one, found.probabilities, rtol=1e-5)
    np.testing.assert_allclose(shown.sum(axis=1), 1, rtol=1e-5)


def test_a_high_temperature_evens_the_chances_out():
    shown = graph.chances(np.array([0, 10], np.float32))
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert shown[-1, 0] == pytest.approx(1 / (1 + np.e))


def test_weights_have_the_digest_of_their_numbers():
    arrays = {"weight": np.ones((2, 2), np.float32), "bias": np.zeros(2, np.float32)}
    same = {name: array.copy() for name, array in arrays.items()}
    assert network_graph.digest(arrays) == network_graph.digest(same)
    same["weight"][1, 0] = np.float32(1.0000001)
    assert network_graph.digest(arrays) != network_graph.digest(same)


def test_what_is_sent_with_every_stroke_are_the_layers_answers_and_no_weights(monkeypatch):
    sent: list[bytes] = []
    monkeypatch.setattr(network_graph, "_component", lambda key, data, **rest: sent.append(data))
    model = every()
    weights = graph.weights(model.state_dict())
    found = answers(model, image())
    graph.show(EVERY, found, weights, classes=list("0123456789"), scale="map")
    values = sum(v.nbytes for v in values_sent(found)) + 10 * len(graph.TEMPERATURES) * 4
    assert values < len(sent[0]) < values + 8_000


def values_sent(found: Answers) -> Iterator[np.ndarray]:
    """What a flatten and a dropout pass on is not sent twice."""
    return (v for name, v in found.before.items() if not name.startswith(("flatten", "dropout")))


def test_a_report_names_the_open_unit():
    state = {"report": {"seq": 2, "reset": 0, "opened": ["conv1", 3]}}
    assert network_graph._parse(state, 0) == Graph(("conv1", 3), 2, current=True)
    state["report"] |= {"original": True, "opened": None}
    assert network_graph._parse(state, 0) == Graph(None, 2, current=True, original=True)


@pytest.mark.parametrize(
    "opened", [7, ["conv1"], ["conv1", -1], ["conv1", 1.5], [1, 1], ["x" * 50, 1], ["conv1", True]]
)
def test_a_report_of_another_form_opens_nothing(opened):
    state = {"report": {"seq": 2, "reset": 0, "opened": opened}}
    assert network_graph._parse(state, 0) == Graph(seq=2)


def test_a_report_from_before_the_reset_keeps_its_number_only():
    state = {"report": {"seq": 2, "reset": 1, "opened": ["conv1", 3]}}
    assert network_graph._parse(state, 0) == Graph(seq=2)


ONE = np.ones((1, 2, 2), np.float32)


@pytest.mark.parametrize(
    ("stages", "opened"),
    [
        ([Stage("input", "input", (1, 2, 2), ONE)], None),
        ([Stage("input", "input", (1, 2, 2), ONE), Stage("c", "max", (1, 1, 2), ONE)], None),
        ([Stage("input", "input", (1, 2, 2), ONE), Stage("c", "max", (1, 2, 2), None)], None),
        (
            [Stage("input", "input", (1, 2, 2), ONE), Stage("c", "max", (1, 2, 2), ONE)],
            Opened(1, 5),
        ),
    ],
)
def test_stages_that_do_not_go_together_are_refused(stages, opened):
    with pytest.raises(ValueError, match=r"input|its values|unit"):
        network_graph.show(
            stages,
            classes=["0"],
            temperatures=[1.0],
            chances=np.ones((1, 1)),
            alt="",
            opened=opened,
        )


HOST = """() => [...document.querySelectorAll('*')].find((one) => one.placeOf)"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served.serve(SCRIPT) as address:
        yield address


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    with served.opened(address, viewport={"width": 1280, "height": 1000}) as page:
        page.wait_for_function(f"({HOST})()?.dataset.painted")
        yield page


def place(page: Any, stage: int, unit: int, row: int | None = None, column: int | None = None):
    at = {"stage": stage, "unit": unit}
    if row is not None:
        at |= {"row": row, "column": column}
    page.locator("canvas[data-part=marks]").scroll_into_view_if_needed()
    return page.evaluate(f"(at) => ({HOST})().placeOf(at)", at)


def point(page: Any, *at: Any) -> None:
    page.mouse.move(*place(page, *at))
    stage, unit = at[:2]
    seen = f"const at = ({HOST})().graph?.at; return at?.stage === s && at.unit === u"
    page.wait_for_function(f"([s, u]) => {{ {seen} }}", arg=[stage, unit])


def said(page: Any, name: str) -> float:
    """The last number of what the card says under a name."""
    text = page.locator(f'[data-part=card] [data-name="{name}"]').last.text_content()
    return float(text.split("=")[-1].replace("−", "-").strip())


def agree(shown: float, true: float) -> None:
    """To the four digits that are shown."""
    assert shown == pytest.approx(float(true), rel=5.1e-4, abs=1e-12)


@pytest.mark.parametrize("pixel", [(0, 0), (1, 1)])
def test_the_card_of_every_layer_type_says_what_the_trace_says(page, pixel):
    found = answers(every(), image())
    row, column = pixel
    for number, layer in enumerate(EVERY.rows, start=1):
        after = found.after[layer.name]
        for unit in (0, len(after) - 1):
            if after.ndim == 3:
                point(page, number, unit, row, column)
                true, before = after[unit, row, column], found.before[layer.name][unit, row, column]
            else:
                point(page, number, unit)
                true, before = after[unit], found.before[layer.name][unit]
            page.wait_for_function("document.readyState === 'complete'")
            if isinstance(layer.layer, Conv2D | Dense):
                agree(said(page, "sum"), before)
                terms = page.locator(
                    "[data-part=card] .terms span.n[data-name]"
                ).all_text_contents()
                total = sum(float(term.replace("−", "-")) for term in terms)
                assert total == pytest.approx(float(before), abs=2e-2)
            if layer.layer.activation == "softmax":
                agree(said(page, "probability"), found.probabilities[unit])
            elif not (isinstance(layer.layer, Conv2D | Dense) and layer.layer.activation is None):
                agree(said(page, "value"), true)


def test_the_temperature_changes_the_probabilities_of_the_card(page):
    found = answers(every(), image())
    point(page, len(EVERY.rows), 3)
    agree(said(page, "probability"), found.probabilities[3])
    slider = page.get_by_role("slider", name="Temperature of the softmax")
    slider.focus()
    slider.press("End")
    agree(said(page, "probability"), graph.chances(found.before["output"])[-1, 3])


def test_a_click_opens_a_map_and_escape_closes_it_one_level_after_the_other(page):
    x, y = place(page, 4, 1, 0, 0)
    page.mouse.click(x, y)
    page.get_by_text("opened ('conv2', 1) seq 1").wait_for()
    page.wait_for_function(f"({HOST})().graph.opened?.stage === 4")
    # The picture has made room: the map now lies elsewhere. A click in it pins a value.
    page.mouse.click(*place(page, 4, 1, 1, 2))
    page.mouse.move(2, 2)
    page.wait_for_function(f"({HOST})().graph.at?.row === 1 && ({HOST})().graph.at.column === 2")
    agree(said(page, "sum"), answers(every(), image()).before["conv2"][1, 1, 2])
    page.keyboard.press("Escape")
    page.wait_for_function(f"({HOST})().graph.at?.row !== 1 || ({HOST})().graph.at.column !== 2")
    page.keyboard.press("Escape")
    page.get_by_text("opened None seq 2").wait_for()


def test_a_unit_of_every_layer_type_opens_and_a_click_outside_closes_it(page):
    for number, row in enumerate(EVERY.rows, start=1):
        page.mouse.click(*place(page, number, 1))
        page.get_by_text(f"opened ('{row.name}', 1) seq {2 * number - 1}").wait_for()
        page.wait_for_function(f"({HOST})().graph.opened?.stage === {number}")
        box = page.locator("canvas[data-part=marks]").bounding_box()
        page.mouse.click(box["x"] + 2, box["y"] + 2)
        page.get_by_text(f"opened None seq {2 * number}").wait_for()


def test_keys_move_between_units_and_layers_open_and_close(page):
    page.locator("canvas[data-part=marks]").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    spoken = page.locator("[data-part=spoken]")
    text = spoken.text_content()
    assert re.match(r"pool1, map \d, row", text)
    page.keyboard.press("Enter")
    page.get_by_text("opened ('pool1',").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("opened None seq 2").wait_for()


def test_the_input_travels_by_keys_and_stops(page):
    page.locator("canvas[data-part=marks]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")  # waits at the first one: on a busy machine it would travel on
    sentence = page.locator("[data-part=sentence]")
    sentence.get_by_text("input: The picture").wait_for()
    page.keyboard.press("ArrowRight")
    sentence.get_by_text("conv1: Each of the 3 kernels").wait_for()
    page.wait_for_function(f"({HOST})().graph.seen === 1")
    page.keyboard.press("End")
    page.locator("[data-part=scrub]").fill(str(len(EVERY.rows)))
    sentence.get_by_text("It reads").wait_for()
    page.keyboard.press("Escape")
    sentence.wait_for(state="hidden")


def test_the_wheel_with_control_enlarges_dragging_moves_and_the_button_resets(page):
    page.mouse.move(*place(page, 1, 0))
    page.wait_for_function(f"({HOST})().graph.at")
    natural = page.evaluate(f"({HOST})().graph.view.k")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(f"({HOST})().graph.view.k > 1.4 * {natural}")
    before = page.evaluate(f"({HOST})().graph.view.x")
    page.mouse.down()
    page.mouse.move(500, 300)
    page.mouse.move(480, 300)
    page.mouse.up()
    page.wait_for_function(f"({HOST})().graph.view.x !== {before}")
    page.get_by_text("opened None").wait_for()
    page.get_by_role("button", name="Reset view").click()
    page.wait_for_function(f"({HOST})().graph.view.k === {natural}")


def test_on_a_phone_two_fingers_enlarge_the_picture_and_move_it(address):
    with served.opened(address, **serving.PHONE) as page:
        page.wait_for_function(f"({HOST})()?.dataset.painted")
        touch = page.context.new_cdp_session(page)
        x, y = place(page, 1, 1)

        def fingers(kind: str, *points: tuple[float, float]) -> None:
            told = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

        def view() -> dict[str, float]:
            return page.evaluate(f"({HOST})().graph.view")

        fingers("touchStart", (x - 20, y))
        fingers("touchStart", (x - 20, y), (x + 20, y))
        for far in (25, 30, 35, 40):
            fingers("touchMove", (x - far, y), (x + far, y))
        page.wait_for_function(f"({HOST})().graph.view.k > 1.9")
        assert view()["k"] == pytest.approx(2, abs=0.02)
        # What lay between the fingers still does, and goes where they go.
        middle = page.evaluate(f"({HOST})().placeOf({{ stage: 1, unit: 1 }})")
        assert middle == pytest.approx([x, y], abs=3)
        for by in (10, 20, 30):
            fingers("touchMove", (x - 40 - by, y - by), (x + 40 - by, y - by))
        there = f"({HOST})().placeOf({{ stage: 1, unit: 1 }})[0]"
        page.wait_for_function(f"Math.abs({there} - {x - 30}) < 4")
        fingers("touchEnd")
        page.get_by_text("opened None seq 0").wait_for()
        page.get_by_role("button", name="Reset view").click()
        page.wait_for_function(f"({HOST})().graph.view.k === 1")


def test_on_a_phone_a_tap_reads_a_map_and_a_second_one_opens_it(address):
    with served.opened(address, **serving.PHONE) as page:
        page.wait_for_function(f"({HOST})()?.dataset.painted")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        x, y = place(page, 1, 1)
        page.touchscreen.tap(x, y)
        page.locator("[data-part=card]").get_by_text("conv1 · map 1").wait_for()
        page.get_by_text("opened None seq 0").wait_for()
        page.touchscreen.tap(*place(page, 1, 1))
        page.get_by_text("opened ('conv1', 1)").wait_for()
