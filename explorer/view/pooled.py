"""A picture and its shifted twin through the same blocks: what stayed the same, and why."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.ops.chain import Block, Chain, Compared, Shifted
from explorer.ops.convolution import convolve
from explorer.ops.pooling import blur_kernel, max_pool, winners
from explorer.view import palette
from explorer.view.answer import percent, verdict
from explorer.view.components import bars, lens, twins
from explorer.view.components.twins import Stage

Floats = npt.NDArray[np.float32]

NAMES = {
    "max": "Max-pooling",
    "average": "Average pooling",
    "strided": "Stride without pooling",
    "blur": "Blurred max-pooling",
}


def show(
    chain: Chain,
    image: Floats,
    found: Shifted,
    *,
    dx: int,
    dy: int,
    marks: str,
    reset: int,
    address: Mapping[str, str],
    on_report: Callable[[], None],
) -> None:
    """Draw both chains, and by that answer the hand's last report.

    Args:
        chain: the blocks.
        image: ``(H, W)`` in [0, 1], the original.
        found: what the chain made of it and of its twin.
        dx, dy: the shift in pixels.
        marks: ``cells``, ``winners`` or ``none``.
        reset, address, on_report: as in :func:`explorer.view.components.twins.show`.
    """
    twins.show(
        stages(chain, image, found, marks),
        dx=dx,
        dy=dy,
        reset=reset,
        address=address,
        on_report=on_report,
        alt=f"a picture of {image.shape[0]} by {image.shape[1]} pixels",
        remark=remark(found.before[0], found.after[-1]),
    )


def stages(chain: Chain, image: Floats, found: Shifted, marks: str) -> list[Stage]:
    """The stages of both chains; without a kernel a block has but its pooling."""
    out: list[Stage] = []
    numbered = chain.blocks > 1
    start = Stage("Input", image, image, "ink")
    if chain.kernel is None and marks == "winners" and chain.pool in ("max", "blur"):
        start = Stage("Input", image, image, "ink", winners=_won(chain, found, 0))
    out.append(start)
    for i, (a, b) in enumerate(zip(found.original, found.twin, strict=True)):
        before, after = found.before[i], found.after[i]
        name = f" {i + 1}" if numbered else ""
        if chain.kernel is not None:
            out.append(
                Stage(
                    f"Convolution{name} + ReLU",
                    a.before,
                    b.before,
                    states=before.states if marks == "cells" else None,
                    moved=found.moves[i][0],
                    winners=_won(chain, found, i) if marks == "winners" else None,
                    kernel=None if i else chain.kernel,
                    note=f", bias {chain.bias:.3g}".replace("-", "−") if chain.bias else "",
                )
            )
        inner = chain.kernel is None and marks == "winners" and i + 1 < chain.blocks
        out.append(
            Stage(
                f"{NAMES[chain.pool]}{name}",
                a.after,
                b.after,
                states=after.states if marks == "cells" else None,
                moved=found.moves[i][1],
                window=_window(chain),
                winners=_won(chain, found, i + 1) if inner else None,
            )
        )
    return out


def _window(chain: Chain) -> tuple[int, int]:
    """Side and stride of what one pooled cell reads, without the blur's margin."""
    return chain.window, chain.stride


def _won(
    chain: Chain, found: Shifted, block: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    """Where the strongest cells of a block's windows are; None where nothing is strongest."""
    if chain.pool not in ("max", "blur"):
        return None
    stride = chain.stride if chain.pool == "max" else 1
    places = []
    for maps in (found.original[block].before, found.twin[block].before):
        where = winners(maps, chain.size, stride)
        # Of an empty window no cell has won anything.
        places.append(np.unique(where[max_pool(maps, chain.size, stride) > maps.min()]))
    return places[0], places[1]


def headline(
    found: Shifted, tolerance: float, *, back: bool, reads: Sequence[tuple[str, float]]
) -> None:
    """The share of unchanged cells before the first and after the last pooling, as text.

    Args:
        found: what became of the cells.
        tolerance, back: how they were compared.
        reads: what the network reads in the original and in the shifted picture: the class and its
            probability.
    """
    first, last = found.before[0], found.after[-1]
    (was, was_sure), (now, now_sure) = reads
    with st.container(key="unchanged"):
        st.html(
            '<div style="font-size:1.35rem;line-height:1.3;font-weight:600">'
            f"Before pooling {_share(first)} unchanged · after pooling {_share(last)}</div>"
            '<div style="font-size:0.875rem;line-height:1.45;margin-top:0.2rem">'
            f"The network reads the original as <b>{escape(was)}</b> ({percent(was_sure)}), the "
            f"shifted picture as <b>{escape(now)}</b> ({percent(now_sure)}). "
            f'<span style="opacity:0.75">{of_what(first, last, tolerance, back=back)}</span></div>'
        )


def _share(compared: Compared) -> str:
    return "nothing lit," if compared.unchanged is None else percent(compared.unchanged)


def of_what(first: Compared, last: Compared, tolerance: float, *, back: bool) -> str:
    """What the headline's shares are shares of, in a sentence."""
    where = ", once the shifted maps are moved back" if back else ""
    return (
        f"Unchanged{where}: to within {100 * tolerance:.0f}\u00a0% of the map’s largest value, of "
        f"the cells that are lit in either twin ({first.lit:,} before pooling, {last.lit:,} after)."
    )


def remark(first: Compared, last: Compared) -> str:
    """What else there is to say of the cells: by how much they change, and the empty ones."""
    return (
        f"On average a lit cell changes by {percent(first.change)} of the map’s largest value "
        f"before pooling, by {percent(last.change)} after. Empty cells included, "
        f"{percent(first.unchanged_of_all)} and {percent(last.unchanged_of_all)} of all cells are "
        "unchanged."
    )


def chances(
    values: Floats, names: Sequence[str], truth: int | None, *, key: str, title: str
) -> None:
    """Draw the network's probabilities for one of the twins.

    Args:
        values: ``(classes,)``.
        names: what the classes are called.
        truth: the true class of a test image; None for a drawing.
        key: identity of the chart.
        title: which twin it is.
    """
    best, second = (int(i) for i in np.argsort(values)[::-1][:2])
    texts = [percent(float(value)) for value in values]
    colours = [palette.MUTED] * len(values)
    colours[best], colours[second] = palette.PREDICTED, palette.RUNNER_UP
    bars.show(
        values.tolist(),
        key=key,
        names=names,
        texts=texts,
        colours=colours,
        heading=f"{title}: {verdict(names, texts, best, second, truth)}",
        alt=f"{title}, probabilities: "
        + ", ".join(f"{n} {t}" for n, t in zip(names, texts, strict=True)),
    )


def window(
    chain: Chain,
    block: Block,
    index: int,
    *,
    whose: str,
    reset: int,
    pinned: tuple[int, int] | None = None,
) -> None:
    """Lay one block's pooling under the lens.

    Args:
        chain: the blocks.
        block: the maps of the one that is shown.
        index: its number, from 0.
        whose: ``original`` or ``shifted``.
        reset: changes whenever the lens is to begin anew.
        pinned: (row, column) of the pooled cell that is pinned.
    """
    picture = chain.kernel is None and index == 0
    reads, output, kernel, pads = block.before, block.after, None, (0, 0)
    label = "Input" if picture else "Map before pooling"
    if chain.pool == "blur":
        st.markdown(
            f"Blurred max-pooling in two steps: the maximum of each {chain.size}×{chain.size} "
            f"window at stride 1, which is the input below, and then, every {chain.stride} cells, "
            "a sum weighted by the binomial kernel."
        )
        reads, kernel = max_pool(block.before, chain.size, 1), blur_kernel(chain.stride)
        pads, label = (chain.stride - 1, chain.stride - 1), "Maxima at stride 1"
        # The same sums, added up in the order that the card shows.
        output = convolve(reads, kernel, padding="same")[:: chain.stride, :: chain.stride]
    elif chain.pool == "strided":
        st.markdown(
            f"A stride of {chain.stride} without pooling: a “window” of a single cell. What lies "
            "between the windows is thrown away unseen."
        )
    lens.show(
        reads,
        key="pool-lens",
        output=output,
        kernel=kernel,
        size=None if kernel is not None else chain.window,
        stride=chain.stride,
        pads=pads,
        operation="convolution"
        if kernel is not None
        else "average"
        if chain.pool == "average"
        else "max",
        image_kind="ink" if picture else "activation",
        pinned=pinned,
        reset=reset,
        address="pin",
        alt=f"What the pooling of block {index + 1} reads, {whose} picture.",
        input_label=label,
        output_label="Pooled map",
    )
