"""A running app and a browser, for the browser tests and the benchmarks alike."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "has_touch": True,
    "is_mobile": True,
}
_RUNNING: list[Any] = []
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(*options: str, patience: float = 60) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The app on a free port: its address and its process, ended on leaving."""
    port = free_port()
    command = [sys.executable, "-m", "explorer", "--server.port", str(port), *options]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            await_health(address, process, time.monotonic() + patience, log)
            yield address, process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_health(address: str, process: subprocess.Popen[bytes], deadline: float, log: Any) -> None:
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.02)
    log.seek(0)
    raise RuntimeError(f"the app did not start:\n{log.read().decode()}")


def chromium() -> str | None:
    """Path of Chromium or Chrome, or None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def launch(playwright: Any) -> Any:
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)


@contextmanager
def browse(playwright: Any, **context: Any) -> Iterator[Any]:
    """A Chromium of its own with one page; keyword arguments go to its context."""
    browser = launch(playwright)
    try:
        yield browser.new_context(**context).new_page()
    finally:
        browser.close()


@cache
def shared_browser() -> Any:
    """The one Chromium of a test run: Playwright starts only once in a thread."""
    playwright = sync_playwright().start()
    _RUNNING.append(playwright)
    return launch(playwright)


def close_shared_browser() -> None:
    """End what :func:`shared_browser` started, if it was asked for."""
    if _RUNNING:
        shared_browser().close()
        _RUNNING.pop().stop()
        shared_browser.cache_clear()
