"""What all tests share: one browser, closed at the end."""

import pytest

from tests import serving


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close the browser that tests shared."""
    serving.close_shared_browser()
