"""What all tests share: one browser, one thread for PyTorch, a data folder not the user's own.

A sum over two threads has another last digit than one over one, and the app's workers have one.
"""

import os
import tempfile

import pytest

from tests import serving

_FOLDER = tempfile.TemporaryDirectory(prefix="cnn-explorer-tests-", ignore_cleanup_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the runs of the tests, and of the servers that they start, out of the user's own."""
    os.environ["EXPLORER_DATA"] = _FOLDER.name
    os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is imported, by tests and their servers
    os.environ.pop("EXPLORER_STORE", None)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close the browser that tests shared, and forget their data."""
    serving.close_shared_browser()
    _FOLDER.cleanup()
