"""Every page opens with its defaults and with hostile addresses, never empty, never broken."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.state import given, late
from explorer.streamlit_app import PAGES
from explorer.view import text
from tests.apps import PATIENCE
from tests.serving import ROOT

HOSTILE = [
    {"network": "../../etc/passwd", "values": "<script>alert(1)</script>", "scale": "💥"},
    {"network": "", "image": "-1", "ink": "%00"},
    {"image": "99999999999999999999", "ink": "A" * 5_000},
    {"image": "1e3", "ink": "../../x", "brush": "NaN"},
    {"image": "٣", "ink": "AQ"},
    {"run": "'; DROP TABLE runs; --", "step": "-1"},
]


ADDRESS = "cnn_explorer.address_bar"


def opened(page: str, **address: str) -> AppTest:
    """A page of the app under an address."""
    at = AppTest.from_file(str(ROOT / "explorer" / "streamlit_app.py"), default_timeout=PATIENCE)
    for name, value in address.items():
        at.query_params[name] = value
    at.session_state[late.AT_ONCE] = True
    at.run()
    if page != PAGES[0].name:
        at.switch_page(f"../pages/{page}.py").run()
    return at


def visit(at: AppTest, page: str) -> AppTest:
    """Another page of the same session by the sidebar, whose links name no settings."""
    at.query_params.clear()
    return at.switch_page(f"../pages/{page}.py").run()


def setting(at: AppTest, name: str) -> Any:
    """The widget of a setting: buttons, or a list where there are many options."""
    lists = [widget for widget in at.selectbox if widget.key == f"setting-{name}"]
    return lists[0] if lists else at.button_group(key=f"setting-{name}")


def chosen(at: AppTest, name: str, value: str) -> AppTest:
    """The page after a setting was changed."""
    return setting(at, name).set_value(value).run()


def settled(at: AppTest) -> dict[str, str]:
    """The address once the browser has done what the page asks of it."""
    words = {n: w if isinstance(w, str) else w[-1] for n, w in at.query_params.items()}
    for element in at.get("bidi_component"):
        if element.proto.component_name == ADDRESS:
            words |= json.loads(element.proto.json)["words"]
    return {name: word for name, word in words.items() if word}


def shown(at: AppTest) -> list[bytes]:
    """What the components of a page were sent, but for what they say to the address."""
    elements = [element.proto for element in at.get("bidi_component")]
    return [proto.bytes for proto in elements if proto.component_name != ADDRESS]


def broken(at: AppTest) -> list[str]:
    """What the page says went wrong."""
    return [str(e.value) for e in (*at.exception, *at.error)]


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
def test_a_page_opens_useful(page):
    at = opened(page)
    assert not broken(at)
    assert at.title[0].value
    assert at.get("bidi_component")


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
@pytest.mark.parametrize("address", HOSTILE, ids=str)
def test_a_hostile_address_opens_the_defaults(page, address):
    at = opened(page, **address)
    assert not broken(at)
    assert shown(at) == shown(opened(page))


@pytest.mark.parametrize("page", ["activations", "convolution"])
def test_a_setting_is_in_force_on_the_next_page_and_its_address_says_so(page):
    at = opened("draw")
    words = {"network": "article", "values": "before", "scale": "layer", "image": "4"}
    for name in ("network", "values", "scale"):
        chosen(at, name, words[name])
        at.run()  # AppTest shows no more than what was redrawn
    at.button_group(key="test_class").set_value(4).run()
    assert settled(at) == words
    visit(at, page)
    assert not broken(at)
    assert words.items() >= settled(at).items()
    assert settled(at)["image"] == "4"
    visit(at, "activations")
    assert settled(at) == words
    assert shown(at) == shown(opened("activations", **words))
    visit(at, "draw")
    assert settled(at) == words


def test_another_network_s_open_map_is_what_its_address_says():
    at = opened("activations", layer="conv2", map="5", pin="1_1")
    chosen(at, "network", "article")
    assert not broken(at)
    assert settled(at) == {"network": "article"}


def test_what_an_address_names_wins_over_what_was_chosen_before():
    at = opened("draw")
    chosen(at, "network", "article")
    at.query_params.clear()
    at.query_params["network"] = "default"
    at.switch_page("../pages/activations.py").run()
    assert setting(at, "network").value == "default"


def test_a_new_session_with_an_empty_address_has_the_defaults():
    opened("draw", network="article", image="7")
    assert settled(opened("draw")) == {}
    assert settled(opened("activations")) == {}


def test_the_kernel_in_hand_stays_in_hand():
    at = opened("convolution", kernel="sharpen", stride="2", picture="cat")
    visit(at, "draw")
    visit(at, "convolution")
    words = {"kernel": "sharpen", "stride": "2", "picture": "cat"}
    assert words.items() <= settled(at).items()


def test_refused_words_vanish_from_the_address():
    at = opened("convolution", image="-1", box="1_2_3_4", kernel="junk", pin="a_b", side="7")
    assert settled(at) == {}


@pytest.mark.parametrize(("typed", "goes_back"), [(999_999, 1027), (-5, 0)])
def test_a_number_that_no_test_image_has_goes_back_as_the_nearest(typed, goes_back):
    assert len(given.of_class(7)) == 1028
    at = opened("draw")
    at.number_input(key="test_number").set_value(typed).run()
    assert not broken(at)
    field = at.number_input(key="test_number")
    assert field.value == goes_back
    assert field.proto.set_value


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
def test_a_page_ends_with_experiments_whose_outcome_can_be_checked(page):
    at = opened(page)
    foot = at.markdown[-1].value
    experiments = text.prose(page).experiments()
    assert 2 <= len(experiments) <= 3
    for task, outcome in experiments:
        hidden = foot.partition(f"{task}\n\n<details><summary>What happens?</summary>")[2]
        assert outcome
        assert hidden.startswith(f"\n\n{outcome}\n\n</details>")
