"""The pictures that ship: complete, small, credited, and the same for every caller."""

import numpy as np
import pytest
from PIL import Image

from explorer.data import pictures
from explorer.data.pictures import FOLDER, PHOTOS, load


def test_every_file_is_in_the_table_and_in_the_credits():
    files = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert files == {photo.file for photo in PHOTOS.values()}
    credits = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [file for file in files if f"| `{file}` |" not in credits] == []


@pytest.mark.parametrize("name", PHOTOS)
def test_a_picture_is_square_small_and_without_metadata(name):
    photo = PHOTOS[name]
    assert photo.name == name
    path = FOLDER / photo.file
    assert path.stat().st_size < 120_000
    with Image.open(path) as image:
        assert image.width == image.height <= 512
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_picture_says_what_it_shows_and_whose_it_is(name):
    photo = PHOTOS[name]
    assert photo.title
    assert photo.alt.endswith(".")
    assert "CC0" in photo.credit or "public domain" in photo.credit


@pytest.mark.parametrize("size", [1, 28, 200, 256, 512])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_picture_loads_in_grey_and_in_colour(name, size):
    for colour, shape in ((False, (size, size)), (True, (3, size, size))):
        pixels = load(name, size, colour)
        assert pixels.shape == shape
        assert pixels.dtype == np.float32
        assert pixels.flags.c_contiguous
        assert 0 <= pixels.min() <= pixels.max() <= 1


def test_the_same_array_is_given_to_everybody_and_nobody_can_change_it():
    pixels = load("face", 64)
    assert load("face", 64) is pixels
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 0


def test_the_checkerboard_is_a_checkerboard():
    squares = load("checkerboard", 8)
    assert squares.tolist() == [
        [float((row + column) % 2 == 0) for column in range(8)] for row in range(8)
    ]


def test_a_grey_picture_has_three_equal_channels():
    red, green, blue = load("camera", 64, colour=True)
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_grey_is_the_luma_of_the_colours():
    red, green, blue = load("cat", 300, colour=True)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    assert np.abs(load("cat", 300) - luma).max() < 1 / 255


def test_there_is_a_face_an_animal_something_with_edges_and_a_checkerboard():
    assert {"face", "cat", "stairs", "checkerboard"} <= set(PHOTOS)
    assert all(len(PHOTOS[name].eyes) == 2 for name in ("face", "cat", "raccoon", "astronaut"))


@pytest.mark.parametrize("name", [name for name, photo in PHOTOS.items() if photo.eyes])
def test_an_eye_is_darker_than_the_picture_around_it(name):
    image = load(name, 512)
    for x, y in PHOTOS[name].eyes:
        row, column = int(y * 512), int(x * 512)
        assert image[row - 3 : row + 4, column - 3 : column + 4].mean() < image.mean()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "no picture is named 'nobody': choose one of face, "),
        (("../mnist/x",), "no picture is named"),
        (("face", 0), "size must be 1 to 512 pixels, not 0"),
        (("face", 513), "not 513"),
    ],
)
def test_what_is_not_there_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        pictures.load(*arguments)
