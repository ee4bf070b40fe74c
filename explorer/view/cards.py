"""Layer type to the card that explains it: what the stage did, with the true numbers in it.

A card is a sentence with placeholders, filled from the network's own table. A new layer type fails
the completeness test until it has one here.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.network.architecture import Row

CARDS: dict[str, str] = {
    "Conv2D": (
        "Each of the {units} kernels slides over {reads} and lights up where it finds its pattern; "
        "{activation}."
    ),
    "MaxPooling2D": (
        "Each {window}×{window} window keeps only its strongest response, so that a small shift of "
        "a feature no longer matters."
    ),
    "AveragePooling2D": "Each {window}×{window} window is replaced by the mean of its responses.",
    "BatchNormalization": (
        "Each of the {units} {noun} is brought to mean 0 and variance 1 over the images of a "
        "training batch, then scaled and offset by two numbers of its own; afterwards running "
        "means take the place of the batch's."
    ),
    "Dropout": (
        "In training a random {share:.0%} of the {units} {noun}' values is set to zero at each "
        "step, so that nothing relies on one of them alone; afterwards all of them pass unchanged."
    ),
    "Flatten": (
        "The {units:,} numbers of all maps as one vector, row by row, the maps' values at each "
        "position side by side; nothing is computed here."
    ),
    "Dense": "Each of the {units} units weighs all {inputs:,} numbers before it; {activation}.",
}

ACTIVATIONS: dict[str | None, str] = {
    None: "the sums are kept as they are",
    "relu": "ReLU keeps what is positive and sets the rest to zero",
    "softmax": "these sums are the logits, and softmax makes the ten probabilities of them",
}

INPUT = (
    "The picture as the network receives it: one number for each pixel, from 0 (paper) to 1 (ink)."
)

FORMULAS: dict[str, str] = {
    "Conv2D": "z = Σ over {channels} (Σ over {kernel}×{kernel} cells of value × weight) + bias",
    "MaxPooling2D": "y = the largest of the {window}×{window} values in the window",
    "AveragePooling2D": "y = the sum of the {window}×{window} values in the window / {cells}",
    "BatchNormalization": "y = γ · (x − μ) / √(σ² + ε) + β",
    "Dropout": "y = x; while training, y = 0 with probability {share:.0%}, else x / {kept:g}",
    "Flatten": "slot = {slot}",
    "Dense": "z = Σ over {inputs:,} inputs of value × weight + bias",
}
"""Layer type to its formula, whose numbers the picture of the network fills in."""

APPLIED: dict[str | None, str] = {
    None: "",
    "relu": ",  y = max(0, z)",
    "softmax": ",  p = exp(z / T) / Σ exp(z / T)",
}
"""What an activation adds to a formula."""


def formula(row: "Row") -> str:
    """One layer in symbols; KeyError for a layer type without a formula."""
    layer, shape = row.layer, row.input_shape
    width, channels = shape[-1], shape[0]
    window, rate = getattr(layer, "pool_size", 1), getattr(layer, "rate", 0.0)
    said = FORMULAS[type(layer).__name__].format(
        channels=f"{channels} channel{'s' if channels > 1 else ''}",
        inputs=channels,
        kernel=getattr(layer, "kernel_size", None),
        window=window,
        cells=window**2,
        share=rate,
        kept=round(1 - rate, 6),
        slot="its place before"
        if len(shape) == 1
        else f"(row × {width} + column) × {channels} + channel",
    )
    return said + APPLIED[layer.activation]


def card(row: "Row") -> str:
    """The sentence for one layer of a network; KeyError for a layer type without a card."""
    channels = row.input_shape[0]
    return CARDS[type(row.layer).__name__].format(
        units=row.output_shape[0],
        inputs=row.input_shape[0],
        reads="the image" if channels == 1 else f"all {channels} maps before it",
        noun="maps" if len(row.output_shape) == 3 else "units",
        share=getattr(row.layer, "rate", 0.0),
        window=getattr(row.layer, "pool_size", None),
        activation=ACTIVATIONS[row.layer.activation],
    )


def size(shape: tuple[int, ...]) -> str:
    """A shape as Keras writes it, channels last: ``24×24×12``, or ``64 units``."""
    if len(shape) == 1:
        return f"{shape[0]:,} units"
    channels, height, width = shape
    return f"{height}×{width}×{channels}"


def facts(row: "Row") -> str:
    """One line of true numbers: the Keras call, output shape, parameters, receptive field."""
    sees = "all of the image" if row.field is None else f"{row.field.size}×{row.field.size} pixels"
    learnt = f"{row.parameters:,} parameters" if row.parameters else "no parameters"
    return f"{row.layer.keras()} → {size(row.output_shape)} · {learnt} · each value sees {sees}"
