"""Every kind of file that somebody may upload: shown right, or refused in one sentence."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from explorer.data import intake
from explorer.data.intake import IntakeError, picture

RNG = np.random.default_rng(0)
RED, WHITE, BLACK = [255, 0, 0], [255, 255, 255], [0, 0, 0]


def _file(image, kind="PNG", **options):
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _image(array, mode=None):
    image = Image.fromarray(np.asarray(array, np.uint8))
    return image.convert(mode) if mode else image


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width, height, depth, colour, rows, *chunks):
    """A PNG written by hand: ``rows`` are the raw bytes of each line."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [_chunk(b"IHDR", header), *chunks, _chunk(b"IDAT", body), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PHOTO = _image(np.linspace(0, 255, 40 * 60 * 3).reshape(40, 60, 3))


def _sentence(error):
    text = str(error.value)
    assert text[0].isupper()
    assert text.endswith(".")
    assert text.count(". ") == 0
    assert "\n" not in text
    return text


def test_a_png_comes_out_as_it_is():
    pixels = RNG.integers(0, 256, (5, 7, 3)).astype(np.uint8)
    out = picture(_file(_image(pixels)))
    assert out.dtype == np.uint8
    assert out.flags.c_contiguous
    assert out.flags.writeable
    assert np.array_equal(out, pixels)


def test_a_jpeg_comes_out_as_it_is_but_for_its_losses():
    out = picture(_file(PHOTO, "JPEG", quality=95))
    assert out.shape == (40, 60, 3)
    assert np.abs(out.astype(int) - np.asarray(PHOTO)).max() < 12


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("size", "shape"),
    [((1200, 600), (256, 512, 3)), ((600, 4800), (512, 64, 3)), ((3000, 2), (1, 512, 3))],
)
def test_a_large_picture_is_scaled_down_and_keeps_its_aspect(kind, size, shape):
    out = picture(_file(Image.new("RGB", size, (10, 200, 30)), kind))
    assert out.shape == shape
    assert np.abs(out.astype(int) - [10, 200, 30]).max() <= 2


def test_the_side_can_be_chosen_and_nothing_is_enlarged():
    assert picture(_file(PHOTO), side=30).shape == (20, 30, 3)
    assert picture(_file(PHOTO), side=500).shape == (40, 60, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_every_mode_of_png_shows_the_same_picture(mode):
    halves = np.zeros((4, 8, 3), np.uint8)
    halves[:, 4:] = 255
    assert np.array_equal(picture(_file(_image(halves, mode))), halves)


def test_a_palette_gives_its_colours():
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putdata([0, 1])
    assert picture(_file(image)).tolist() == [[RED, [0, 0, 255]]]
    # The same with its first colour transparent.
    assert picture(_file(image, transparency=0)).tolist() == [[WHITE, [0, 0, 255]]]


def test_transparency_is_shown_on_white():
    image = Image.new("RGBA", (3, 1))
    image.putdata([(255, 0, 0, 255), (255, 0, 0, 0), (0, 0, 0, 51)])
    # A fifth of black on white: 255 · 4/5.
    assert picture(_file(image)).tolist() == [[RED, WHITE, [204, 204, 204]]]


def test_a_transparent_colour_without_an_alpha_channel_is_shown_on_white():
    grey = _png(2, 1, 8, 0, [b"\x00\x80"], _chunk(b"tRNS", b"\x00\x00"))
    assert picture(grey).tolist() == [[WHITE, [128] * 3]]
    wide = _png(2, 1, 16, 0, [b"\x12\x34\x80\x80"], _chunk(b"tRNS", b"\x12\x34"))
    assert picture(wide).tolist() == [[WHITE, [128] * 3]]


def test_sixteen_bits_become_eight_not_cut():
    grey = np.array([[0, 257 * 100, 65535]], np.uint16)
    assert picture(_file(Image.fromarray(grey))).tolist() == [[BLACK, [100] * 3, WHITE]]
    colour = _png(2, 1, 16, 2, [struct.pack(">6H", 0, 257 * 100, 65535, 65535, 0, 0)])
    assert picture(colour).tolist() == [[[0, 100, 255], RED]]
    both = _png(2, 1, 16, 6, [struct.pack(">8H", 65535, 0, 0, 65535, 0, 0, 0, 0)])
    assert picture(both).tolist() == [[RED, WHITE]]


def test_cmyk_is_shown_in_its_colours():
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))  # magenta and yellow make red
    out = picture(_file(image, "JPEG", quality=95)).astype(int)
    assert np.abs(out - RED).max() < 6


def test_a_grey_jpeg_has_three_equal_channels():
    out = picture(_file(Image.new("L", (9, 9), 80), "JPEG"))
    assert np.abs(out.astype(int) - 80).max() <= 1
    assert out.shape == (9, 9, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_turned_photo_is_shown_upright(kind, orientation):
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16, :16] = RED
    # How a camera that says `orientation` stores what was upright.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = picture(_file(_image(np.ascontiguousarray(stored)), kind, exif=exif))
    assert out.shape == upright.shape
    assert out[8, 8, 0] > 240
    assert np.abs(out.astype(int) - upright).mean() < 3


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert picture(_file(PHOTO, exif=exif)).shape == (40, 60, 3)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_metadata_do_not_cost_the_picture():
    exif = b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(range(200))
    assert picture(_file(PHOTO, "JPEG", exif=exif)).shape == (40, 60, 3)


@pytest.mark.parametrize("first", [True, False])
def test_an_animated_png_gives_its_first_picture(first):
    frames = [Image.new("RGB", (6, 6), colour) for colour in ("red", "lime", "blue")]
    data = _file(frames[0], save_all=True, append_images=frames[1:], default_image=first)
    assert b"acTL" in data
    assert (picture(data) == RED).all()


def test_a_jpeg_of_several_pictures_gives_its_first_picture():
    red, blue = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    data = _file(red, "MPO", save_all=True, append_images=[blue])
    assert np.abs(picture(data).astype(int) - RED).max() < 3


GIF = _file(Image.new("P", (4, 4)), "GIF")


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg/>',
        b"<!doctype html><html><body>404</body></html>",
        GIF,
        _file(PHOTO, "BMP"),
        _file(PHOTO, "TIFF"),
        _file(PHOTO, "WEBP"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(40),
        b"\x80\x04\x95",
        b"\x89PNG",
        b"x",
    ],
    ids=[
        "svg",
        "xml",
        "html",
        "gif",
        "bmp",
        "tiff",
        "webp",
        "eps",
        "pdf",
        "zip",
        "pickle",
        "stub",
        "x",
    ],
)
def test_what_is_no_png_or_jpeg_is_refused_whatever_it_is_called(data):
    with pytest.raises(IntakeError) as error:
        picture(data)
    assert "no PNG or JPEG" in _sentence(error)


def test_no_decoder_but_the_two_ever_sees_a_byte(monkeypatch):
    tried = []
    monkeypatch.setattr(
        Image, "open", lambda fp, formats: tried.append(formats) or (_ for _ in ()).throw(OSError)
    )
    for data in (_file(PHOTO), _file(PHOTO, "JPEG"), GIF):
        with pytest.raises(IntakeError):
            picture(data)
    assert tried == [["PNG"], ["JPEG"]]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind, share):
    noise = _image(RNG.integers(0, 256, (64, 64, 3)))
    data = _file(noise, kind)
    with pytest.raises(IntakeError) as error:
        picture(data[: int(len(data) * share)])
    assert "damaged or incomplete" in _sentence(error)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_rubbish_behind_a_good_start_is_refused(start):
    for seed in range(50):
        data = start + np.random.default_rng(seed).bytes(400)
        with pytest.raises(IntakeError) as error:
            picture(data)
        _sentence(error)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_flipped_byte_is_shown_or_refused_but_never_another_error(kind):
    data = bytearray(_file(PHOTO, kind))
    for place in range(2, len(data), max(1, len(data) // 400)):
        broken = bytearray(data)
        broken[place] ^= 0xFF
        with suppress(IntakeError):
            assert picture(bytes(broken)).shape[2] == 3


def _jpeg_header(width, height):
    """A JPEG as far as its size, with nothing behind it."""
    data = _file(Image.new("RGB", (16, 16)), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


@pytest.mark.parametrize(
    "data",
    [_png(20_000, 20_000, 8, 2, [b""]), _jpeg_header(20_000, 20_000)],
    ids=["PNG", "JPEG"],
)
def test_twenty_thousand_pixels_a_side_are_refused(data):
    with pytest.raises(IntakeError) as error:
        picture(data)
    assert "pixels and at most 25 million" in _sentence(error)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(5001, 5000), (9000, 9000), (12_000, 12_000)])
def test_too_many_pixels_are_refused_from_the_header_alone(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("a pixel was decoded"))
    with pytest.raises(IntakeError) as error:
        picture(_png(*size, 8, 2, [b""]))
    assert "at most 25 million" in _sentence(error)


def test_many_pixels_in_few_bytes_are_taken_up_to_the_limit():
    data = _file(Image.new("1", (5000, 5000)))
    assert len(data) < 10_000
    assert picture(data).shape == (512, 512, 3)


def test_a_text_that_unpacks_to_a_thousand_times_its_size_is_refused():
    bomb = _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(50_000_000)))
    data = _png(1, 1, 8, 0, [b"\x07"], bomb)
    assert len(data) < 60_000
    with pytest.raises(IntakeError) as error:
        picture(data)
    assert "damaged" in _sentence(error)


def test_a_jpeg_of_very_many_scans_is_refused():
    data = _file(PHOTO, "JPEG", progressive=True)
    scan = data[data.index(b"\xff\xda") : data.rindex(b"\xff\xd9")]
    with pytest.raises(IntakeError) as error:
        picture(data[:-2] + scan * 200 + b"\xff\xd9")
    assert "takes too long" in _sentence(error)
    assert picture(data).shape == (40, 60, 3)


def test_an_empty_file_is_refused():
    with pytest.raises(IntakeError) as error:
        picture(b"")
    assert "empty" in _sentence(error)


def test_too_many_bytes_are_refused_before_they_are_looked_at():
    with pytest.raises(IntakeError) as error:
        picture(bytes(intake.MAX_BYTES + 1))
    assert "5.0 MB and at most 5 MB" in _sentence(error)
    data = _file(PHOTO)
    assert picture(data, limit=len(data)).shape == (40, 60, 3)
    with pytest.raises(IntakeError):
        picture(data, limit=len(data) - 1)


def test_metadata_are_gone():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    data = _file(PHOTO, "JPEG", exif=exif, comment=b"a secret place")
    assert b"a secret place" in data
    assert type(picture(data)) is np.ndarray


def test_a_limit_that_makes_no_sense_is_a_programming_error():
    with pytest.raises(ValueError, match="at least 1, not 0 and 512"):
        picture(b"x", limit=0)
