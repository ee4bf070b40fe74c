"""Every page opens with its defaults and with hostile addresses, never empty, never broken."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer.streamlit_app import PAGES
from explorer.view import text
from tests.serving import ROOT

HOSTILE = [
    {"network": "../../etc/passwd", "values": "<script>alert(1)</script>", "scale": "💥"},
    {"network": "", "image": "-1", "ink": "%00"},
    {"image": "99999999999999999999", "ink": "A" * 5_000},
    {"image": "1e3", "ink": "../../x", "brush": "NaN"},
    {"image": "٣", "ink": "AQ"},
    {"run": "'; DROP TABLE runs; --", "step": "-1"},
]


def opened(page: str, **address: str) -> AppTest:
    """A page of the app under an address."""
    at = AppTest.from_file(str(ROOT / "explorer" / "streamlit_app.py"), default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    if page != PAGES[0].name:
        at.switch_page(f"../pages/{page}.py").run()
    return at


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
    shown = [element.proto.bytes for element in at.get("bidi_component")]
    assert shown == [element.proto.bytes for element in opened(page).get("bidi_component")]


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
