"""The pictures that ship for the convolution page, each with its credit.

All are square, so that a size is one number. They are stored at the resolution of their source, at
most 512×512, and brought to the size that is asked for: shrinking takes the mean of what each new
pixel covers, enlarging interpolates (bicubic) and adds no detail. Grey is Rec. 601 luma,
``0.299 R + 0.587 G + 0.114 B``, rounded to 256 shades.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOLDER = Path(__file__).parent / "photos"

MAX_SIZE = 512
"""Pixels a side; more would only enlarge what is there."""


@dataclass(frozen=True)
class Photo:
    """A picture that ships.

    ``eyes`` are their centres as (x, y), in shares of the side from the upper left corner, the one
    further left first; empty where there are none to find.
    """

    name: str
    file: str
    title: str
    credit: str
    alt: str
    eyes: tuple[tuple[float, float], ...] = ()


PHOTOS: dict[str, Photo] = {
    photo.name: photo
    for photo in (
        Photo(
            "face",
            "face.jpg",
            "Face",
            "Eileen Collins. NASA, public domain.",
            "Portrait of a smiling woman with short hair, looking into the camera.",
            eyes=((0.363, 0.504), (0.583, 0.517)),
        ),
        Photo(
            "raccoon",
            "raccoon.jpg",
            "Raccoon",
            "Public-domain-image.com (now pixnio.com), public domain.",
            "Head of a raccoon with a dark mask, looking into the camera from between leaves.",
            eyes=((0.257, 0.514), (0.600, 0.574)),
        ),
        Photo(
            "cat",
            "cat.jpg",
            "Cat",
            "Chelsea. Stéfan van der Walt, CC0.",
            "Face of a tabby cat with wide green eyes, turned half to the right.",
            eyes=((0.270, 0.383), (0.753, 0.450)),
        ),
        Photo(
            "astronaut",
            "astronaut.jpg",
            "Astronaut",
            "Eileen Collins. NASA, public domain.",
            "An astronaut in an orange suit, with a flag, a model of a space shuttle and a helmet.",
            eyes=((0.396, 0.197), (0.482, 0.202)),
        ),
        Photo(
            "camera",
            "camera.jpg",
            "Photographer",
            "Lav Varshney, CC0.",
            "A man in a dark coat looks through a camera on a tripod; towers on the horizon.",
        ),
        Photo(
            "stairs",
            "stairs.jpg",
            "Stairs",
            "Accent to the top. Public-domain-image.com, public domain.",
            "Two people climb an outdoor staircase of steel, seen from below.",
        ),
        Photo(
            "brick",
            "brick.jpg",
            "Brick wall",
            "CC0Textures (now ambientCG), CC0.",
            "A wall of long bricks with pale joints, turned so that the courses run upwards.",
        ),
        Photo(
            "coffee",
            "coffee.jpg",
            "Coffee",
            "Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0.",
            "A cup of espresso and a spoon on a red saucer on a wooden table.",
        ),
        Photo(
            "checkerboard",
            "checkerboard.png",
            "Checkerboard",
            "Drawn for CNN Explorer, CC0.",
            "A board of eight by eight squares, white and black in turn, white at the upper left.",
        ),
    )
}


@lru_cache(maxsize=24)
def load(name: str, size: int = 256, colour: bool = False) -> NDArray[np.float32]:
    """One picture, at one size.

    Args:
        name: a key of :data:`PHOTOS`.
        size: pixels a side, 1 to 512.
        colour: red, green and blue instead of grey; a grey picture has three equal channels.

    Returns:
        ``(size, size)`` or, in colour, ``(3, size, size)`` float32 in [0, 1], read-only: the same
        array for every caller.

    Raises:
        ValueError: no such picture, or a size out of range.
    """
    if name not in PHOTOS:
        raise ValueError(f"no picture is named {name!r}: choose one of {', '.join(PHOTOS)}")
    if not 1 <= size <= MAX_SIZE:
        raise ValueError(f"size must be 1 to {MAX_SIZE} pixels, not {size}")
    with Image.open(FOLDER / PHOTOS[name].file, formats=["JPEG", "PNG"]) as opened:
        picture = opened.convert("RGB" if colour else "L")
    method = Image.Resampling.BOX if size < picture.width else Image.Resampling.BICUBIC
    shades = np.asarray(picture.resize((size, size), method), np.float32) / np.float32(255)
    pixels = np.ascontiguousarray(shades.transpose(2, 0, 1) if colour else shades)
    pixels.flags.writeable = False
    return pixels
