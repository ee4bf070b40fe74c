"""An error inside a panel is one sentence for the user and a traceback for the log."""

from explorer.view.panel import SORRY
from tests.apps import scripted


def script():
    import streamlit as st

    from explorer.view.panel import panel

    @panel
    def breaks(value: int) -> None:
        st.button("again")
        raise RuntimeError(f"secret {value}")

    breaks(7)
    st.write("the rest")


def test_a_failing_panel_leaves_the_rest_of_the_page_standing(caplog):
    at = scripted(script).run()
    assert [e.value for e in at.error] == [SORRY]
    assert not at.exception
    assert at.markdown[0].value == "the rest"
    assert "RuntimeError: secret 7" in caplog.text


def test_a_panel_that_fails_again_in_its_own_rerun_says_so_again():
    at = scripted(script).run()
    at.button[0].click().run()
    assert [e.value for e in at.error] == [SORRY]
    assert not at.exception
