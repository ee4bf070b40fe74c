"""Everything slow, imported and loaded once, early, beside the first page.

``import torch`` takes longer than the rest of the start together, so a background thread does it
while the server comes up and the browser paints the frame; a page waits here only for what it
draws with. When all is there the garbage collector is told to leave it alone: a full collection
would walk some 300,000 objects that never die (see ``.streamlit/config.toml``).
"""

import gc
import logging
import os
import threading

PAINTING = 3.0
"""Seconds that a browser may need for its first page; on few processors it needs them alone."""

_ready = threading.Event()
_started = threading.Lock()
_looked = threading.Lock()
_failure: list[BaseException] = []


def _load() -> None:
    try:
        _import()
        gc.collect()
        gc.freeze()
    except BaseException as error:
        logging.getLogger(__name__).exception("the app could not load what it needs")
        _failure.append(error)
    finally:
        _ready.set()


def _import() -> None:
    """What every page needs, used once, so that the first visitor does not wait for it."""
    import pandas  # noqa: F401  Streamlit asks it about the data of every component
    import torch

    from explorer.data import drawing, mnist
    from explorer.network import zoo
    from explorer.network.trace import trace
    from explorer.state import given  # noqa: F401

    torch.set_num_threads(1)
    images, _ = mnist.test_set()
    drawing.to_mnist(images[0])
    with torch.inference_mode():
        trace(zoo.shared(next(iter(zoo.NETWORKS))), torch.zeros(1, 1, 28, 28))


def _look_ahead() -> None:
    """What takes time and is asked for sooner or later."""
    from explorer.network import evaluate, exciting, zoo
    from explorer.training import launcher

    launcher.start()
    for name in zoo.NETWORKS:
        zoo.shared(name)
    name, network = next(iter(zoo.NETWORKS.items()))
    evaluate.mistakes(name)
    exciting.strongest(name, network.names()[0])


def start() -> None:
    """Begin to load, once per process; returns at once.

    The process waits for the thread when it ends: torch aborts when it is cut off in mid-work.
    """
    if _started.acquire(blocking=False):
        # Each script runs in a thread of its own, and OpenMP would set up a team of workers for
        # each: 5 ms, where the network takes 0.3.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        threading.Thread(target=_load, name="explorer-warm", daemon=False).start()


def wait() -> None:
    """Return when everything is loaded; raises what loading raised."""
    start()
    _ready.wait()
    if _failure:
        raise _failure[0]


def shown() -> None:
    """Tell that a page has been sent: once per process, look ahead when it has been painted."""
    if _looked.acquire(blocking=False):
        timer = threading.Timer(PAINTING, _look_ahead)
        timer.daemon = False  # torch aborts when it is cut off in mid-work
        timer.start()
