"""The one door for bytes that somebody else made: pictures that a user uploads or takes.

Nothing here trusts a file name or a declared type, and nothing is unpickled, executed or written
to disk. Every refusal is an :class:`IntakeError` whose text is one sentence for the user.

Choices for pictures:

- PNG and JPEG only, known by their first bytes; Pillow is given no other decoder to try.
- The size is read from the header and checked before a pixel is decoded. A large JPEG is decoded at
  an eighth to a half of its size where that is enough.
- A JPEG of very many scans is refused: each scan is a pass over the whole picture, so that a small
  file could keep a processor busy for minutes.
- An animated PNG or a JPEG of several pictures gives its first picture.
- What is transparent is shown on white. Of 16 bits a channel the upper 8 are kept. CMYK becomes RGB
  by formula, without its colour profile.
- The EXIF orientation is applied; with that, all metadata are dropped. Where they are damaged, the
  picture is taken as it lies.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SCANS = 100
"""A progressive JPEG has about ten."""

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class IntakeError(ValueError):
    """Bytes that are not taken in; its text is one sentence that tells the user what to do."""


def picture(data: bytes, limit: int = MAX_BYTES, side: int = 512) -> Pixels:
    """The picture in ``data``, ready to show and to compute with.

    Args:
        data: the bytes of a PNG or JPEG file.
        limit: how many bytes are taken at most.
        side: the longer side of the result is at most this many pixels; a smaller picture is not
            enlarged.

    Returns:
        ``(H, W, 3)`` uint8, red, green, blue; upright; the aspect kept to the pixel.

    Raises:
        IntakeError: empty, too many bytes or pixels, no PNG or JPEG, or damaged.
        ValueError: ``limit`` or ``side`` is below 1.
    """
    if limit < 1 or side < 1:
        raise ValueError(f"limit and side must be at least 1, not {limit} and {side}")
    if not data:
        raise IntakeError("The file is empty: choose a PNG or JPEG picture.")
    if len(data) > limit:
        raise IntakeError(
            f"The file has {len(data) / 2**20:.1f} MB and at most {limit / 2**20:.3g} MB are "
            "taken: choose a smaller picture."
        )
    kind = next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), None)
    if kind is None:
        raise IntakeError(
            "The file holds no PNG or JPEG picture, whatever its name says: "
            "save the picture as PNG or JPEG and choose that file."
        )
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise IntakeError(
            "The picture is stored in a way that takes too long to open: "
            "save it again as PNG or JPEG and choose that file."
        )
    try:
        return _decode(data, kind, side)
    except IntakeError:
        raise
    except Image.DecompressionBombError as error:
        raise IntakeError(_too_many_pixels()) from error
    except Exception as error:
        # Decoders meet damaged files with exceptions of many types, from OSError to IndexError.
        raise IntakeError(
            "The picture is damaged or incomplete: save or send it again and choose that file."
        ) from error


def _too_many_pixels(width: int = 0, height: int = 0) -> str:
    size = f"{width:,}×{height:,} pixels" if width else "too many pixels"
    return (
        f"The picture has {size} and at most {MAX_PIXELS // 10**6} million are taken: "
        "scale it down and choose that file."
    )


def _decode(data: bytes, kind: str, side: int) -> Pixels:
    with Image.open(BytesIO(data), formats=[kind]) as opened:
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise IntakeError(_too_many_pixels(width, height))
        if kind == "JPEG":
            # Twice the wanted side, so that the last step still smooths.
            opened.draft(None, (2 * side, 2 * side))
        opened.load()
        turn = _TURNS.get(_orientation(opened))
        image = _on_white(_shrink(_plain(opened), width, height, side))
    if turn is not None:
        image = image.transpose(turn)
    return np.array(image, np.uint8)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata are no reason to refuse the pixels
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The image as RGB, or as RGBA where something of it is transparent."""
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(image: Image.Image) -> Image.Image:
    """A grey image of 16 bits as one of 8; Pillow's own conversion would cut at 255."""
    values = np.asarray(image)
    shades = (values >> 8).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        shades[values == clear] = 255
    return Image.fromarray(shades)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _shrink(image: Image.Image, width: int, height: int, side: int) -> Image.Image:
    """The image with its longer side at most ``side``; ``width`` and ``height`` as in the file."""
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
