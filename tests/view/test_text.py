"""Every page has its text, in the one form that the pages can show."""

import pytest

from explorer.streamlit_app import PAGES
from explorer.view import text


@pytest.mark.parametrize("page", [entry.name for entry in PAGES])
def test_a_page_has_a_title_a_lead_of_two_sentences_and_experiments(page):
    prose = text.prose(page)
    assert prose.title
    assert prose.lead.count(". ") == 1
    assert "\n" not in prose.lead
    experiments = prose.experiments()
    assert 2 <= len(experiments) <= 3
    for task, outcome in experiments:
        assert task.endswith((".", "?"))
        assert outcome


def test_there_is_no_text_without_a_page():
    pages = {entry.name for entry in PAGES}
    assert {path.stem for path in text.FOLDER.glob("*.md")} == pages
