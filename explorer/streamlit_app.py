"""The frame that every page shares: which pages there are, their order, their heads.

A new page is one :class:`PageEntry` here, one script in ``pages/`` and one text in
``explorer/text/``. The head of the page (its title and two sentences) is drawn here, before the
script imports anything, so that no page waits for torch to show itself.
"""

import base64
import sys
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # ``streamlit run explorer`` puts only this folder there
    sys.path.insert(0, str(ROOT))

from explorer import warm  # noqa: E402
from explorer.view import burst, components, text  # noqa: E402
from explorer.view.panel import guarded  # noqa: E402

ICON = (ROOT / "explorer" / "view" / "icon.png").read_bytes()


@dataclass(frozen=True)
class PageEntry:
    """One line of the navigation; ``name`` is the script, the text and the URL path."""

    name: str
    title: str
    icon: str
    group: str
    help: str


PAGES = (
    PageEntry(
        "draw",
        "Draw",
        ":material/draw:",
        "See",
        "Draw a digit and watch every layer of the network answer while you draw.",
    ),
    PageEntry(
        "convolution",
        "Convolution",
        ":material/grid_on:",
        "See",
        "Edit a kernel with sliders, and see the arithmetic of every output pixel.",
    ),
    PageEntry(
        "activations",
        "Activation maps",
        ":material/layers:",
        "See",
        "Every map of a layer, what excites it most, and how each of its values was made.",
    ),
    PageEntry(
        "pooling",
        "Pooling",
        ":material/grid_view:",
        "See",
        "Drag a picture sideways, and see which pooled cells do not notice.",
    ),
    PageEntry(
        "network",
        "Network",
        ":material/account_tree:",
        "See",
        "The whole network in one picture: point at a map, open it, and see its arithmetic.",
    ),
    PageEntry(
        "dense",
        "Fully connected",
        ":material/hub:",
        "See",
        "Who spoke for the answer, the patterns of 10,000 images, and a person from parts.",
    ),
    PageEntry(
        "depth",
        "Depth",
        ":material/stacks:",
        "See",
        "What each layer prefers, what more layers buy, and what a unit sees.",
    ),
    PageEntry(
        "train",
        "Train",
        ":material/model_training:",
        "Train",
        "Train a small CNN live: loss, kernels and answers while it learns.",
    ),
    PageEntry(
        "backprop",
        "Backprop",
        ":material/undo:",
        "Train",
        "One image's loss, and its gradient on the way back to every weight and pixel.",
    ),
)


def main() -> None:
    """Run the chosen page inside the frame."""
    # A picture of our own: a named icon would be fetched from a font server. And one that travels
    # with the page: Streamlit drops a file at the next redraw of a panel, and it would be missing.
    icon = f"data:image/png;base64,{base64.b64encode(ICON).decode()}"
    st.set_page_config(page_title="CNN Explorer", page_icon=icon, layout="wide")
    warm.start()
    burst.install()
    groups: dict[str, list[st.Page]] = {}
    names: dict[str, str] = {}
    for entry in PAGES:
        page = st.Page(
            ROOT / "pages" / f"{entry.name}.py",
            title=entry.title,
            icon=entry.icon,
            url_path=entry.name,
            default=entry is PAGES[0],
            help=entry.help,
        )
        groups.setdefault(entry.group, []).append(page)
        names[page.title] = entry.name
    page = st.navigation(groups)
    name = names[page.title]
    text.head(name)
    with guarded(f"the page {name!r}"):
        with st.skeleton(height=480):
            warm.wait()
        components.install()
        page.run()
        settle()
    text.foot(name)
    warm.shown()


def settle() -> None:
    """Bring the address in step; what a page is made of is imported by then."""
    from explorer.state import address

    address.settle()


if __name__ == "__main__":
    main()
