"""One app and one browser for all browser tests, a fresh context for each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import serving


@pytest.fixture(scope="session")
def app() -> Iterator[str]:
    """Address of a running app."""
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    with serving.serve() as (address, _):
        yield address


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, app: str) -> Iterator[Any]:
    """A blank page of each kind of device; what goes wrong in its scripts fails the test."""
    kind = serving.DESKTOP if request.param == "desktop" else serving.PHONE
    context = serving.shared_browser().new_context(**kind)
    page = context.new_page()
    faults: list[str] = []

    def spoke(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            faults.append(message.text)

    def answered(response: Any) -> None:
        # Streamlit's client finds out where the app lies by asking for its health at each level.
        if response.status >= 400 and "/_stcore/" not in response.url:
            faults.append(f"{response.status} {response.url}")

    def failed(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # a reload gives up what was still on its way
            faults.append(f"{request.failure} {request.url}")

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", spoke)
    page.on("response", answered)
    page.on("requestfailed", failed)
    page.set_default_timeout(30_000)
    yield page
    context.close()
    assert not faults
