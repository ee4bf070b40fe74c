"""The address and the session: which of them leads, and what the address is owed."""

from streamlit.testing.v1 import AppTest

from tests.apps import scripted


def page():
    from dataclasses import dataclass

    import streamlit as st

    from explorer.state import PageState, address, choice

    @dataclass(frozen=True)
    class Here(PageState):
        colour: str = choice("red", {"red": "Red", "blue": "Blue"}, "Colour", shared=True)
        size: str = choice("s", {"s": "Small", "l": "Large"}, "Size")

    now = Here.controls("colour", "size")
    st.text(f"{now.colour} {now.size}")
    st.text(f"news {address.news('word')}")
    st.text(f"owed {address.owed()}")


def shown(at: AppTest) -> list[str]:
    assert not at.exception
    return [text.value for text in at.text]


def opened(**words: str) -> AppTest:
    at = scripted(page)
    for name, word in words.items():
        at.query_params[name] = word
    return at.run()


def test_an_empty_address_in_a_new_session_is_the_defaults_and_owes_nothing():
    assert shown(opened()) == ["red s", "news None", "owed {}"]


def test_what_an_address_names_wins():
    assert shown(opened(colour="blue", word="x"))[:2] == ["blue s", "news {'word': 'x'}"]


def test_what_is_refused_is_owed_to_be_taken_away():
    assert shown(opened(colour="green", size="l")) == ["red l", "news None", "owed {'colour': ''}"]


def test_what_was_said_before_is_no_news():
    at = opened(word="x").run()
    assert shown(at)[1] == "news None"


def test_another_word_on_the_same_page_is_news_and_none_is_too():
    at = opened(colour="blue", word="x")
    at.query_params["word"] = "y"
    assert shown(at.run())[1] == "news {'word': 'y'}"
    at.query_params.clear()
    assert shown(at.run())[:2] == ["red s", "news {'word': ''}"]


def test_a_moved_widget_stands_in_the_address_and_takes_refused_words_away():
    at = opened(size="nonsense")
    at.button_group(key="setting-colour").set_value("blue").run()
    assert dict(at.query_params) in ({"colour": "blue"}, {"colour": ["blue"]})
    assert shown(at)[0] == "blue s"
