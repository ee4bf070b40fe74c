"""One component on a page of its own, for tests of what it does in a browser."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import serving

_INSTALL = "\nfrom explorer.view import components\ncomponents.install()\n"


@contextmanager
def serve(script: str) -> Iterator[str]:
    """The address of a Streamlit script that is served until leaving."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as log:
        path = Path(folder) / "served.py"
        path.write_text(script + _INSTALL, encoding="utf-8")
        port = serving.free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", path, "--server.port", str(port)],
            cwd=serving.ROOT,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(serving.ROOT), "OMP_NUM_THREADS": "1"},
        )
        address = f"http://127.0.0.1:{port}"
        try:
            serving.await_health(address, process, time.monotonic() + 60, log)
            yield address
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def opened(address: str, **context: Any) -> Iterator[Any]:
    """A page at this address in a fresh browser; what goes wrong in its scripts is an error."""
    if serving.chromium() is None:
        pytest.skip("no Chromium or Chrome: install it (Debian: apt-get install chromium)")
    session = serving.shared_browser().new_context(**context)
    page = session.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda m: m.type == "error" and faults.append(m.text))
    page.goto(address)
    yield page
    session.close()
    assert not faults
