"""What waits until the rest of its page has been painted."""

import pytest

from explorer.state import late
from tests.apps import scripted


def page():
    import streamlit as st

    from explorer.state.late import late
    from explorer.view.panel import panel, redraw

    @panel
    def early():
        st.text("early")

    @late
    def below():
        @panel
        def inner():
            st.text(f"drawn, {st.session_state.get('pressed', 0)} times pressed")

        inner()

    def press():
        st.session_state.pressed = st.session_state.get("pressed", 0) + 1
        redraw("inner", "early")

    early()
    below()
    st.button("Press", on_click=press)


def texts(at):
    assert not at.exception
    assert not at.error
    return [each.value for each in at.text]


def test_it_waits_for_the_browser_to_ask():
    at = scripted(page).run()
    assert texts(at) == ["early"]
    assert at.get("bidi_component")[0].proto.component_name == "cnn_explorer.progress"


def test_a_panel_that_is_not_drawn_yet_is_passed_over():
    at = scripted(page).run()
    assert texts(at.button[0].click().run()) == ["early"]


@pytest.mark.parametrize("times", [0, 1])
def test_once_drawn_its_panels_are_redrawn_like_others(times):
    at = scripted(page)
    at.session_state[late.AT_ONCE] = True
    at.run()
    for _ in range(times):
        at.button[0].click().run()
    assert set(texts(at)) == {"early", f"drawn, {times} times pressed"}
