"""Receptive fields: which input pixels one unit of a layer can see.

Along one axis a stack of convolutions and poolings is described by three numbers (Araujo,
Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019):

* ``size``: how many input pixels one unit sees,
* ``jump``: how many input pixels lie between two neighbouring units,
* ``start``: the first input pixel that unit 0 sees; negative where padding is seen.

Both axes are treated alike, because every kernel and stride of this project is square.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of one layer see of the input, in input pixels along one axis."""

    size: int = 1
    jump: int = 1
    start: int = 0

    def through(self, kernel: int, stride: int, padding_before: int) -> "ReceptiveField":
        """The field after one more windowed layer.

        Args:
            kernel: window size in units of the layer below, at least 1.
            stride: step of the window in units of the layer below, at least 1.
            padding_before: zeros put in front of the layer below, at least 0.
        """
        return ReceptiveField(
            size=self.size + (kernel - 1) * self.jump,
            jump=self.jump * stride,
            start=self.start - padding_before * self.jump,
        )

    def span(self, index: int, length: int) -> tuple[int, int]:
        """The input pixels ``[first, last)`` that unit ``index`` sees, cut to ``[0, length)``."""
        first = self.start + index * self.jump
        return max(0, first), min(length, first + self.size)
