"""Find a feature: by hand on tiny pictures, and on the eyes of the pictures that ship."""

import numpy as np
import pytest

from explorer import ops
from explorer.data import pictures
from explorer.ops.matching import even_contrast, peaks, response, template

RNG = np.random.default_rng(0)
SIZE = 256


def test_a_template_has_mean_zero_and_length_one():
    # Mean 2; −1 and 1 have length √2.
    np.testing.assert_allclose(template([[1.0, 3.0]]), [[-(0.5**0.5), 0.5**0.5]])
    kernel = template(RNG.random((7, 9)).astype(np.float32))
    assert kernel.dtype == np.float32
    assert abs(float(kernel.sum())) < 1e-6
    assert float((kernel**2).sum()) == pytest.approx(1, abs=1e-6)


def test_brightness_and_contrast_of_the_patch_do_not_matter():
    patch = RNG.random((5, 5))
    np.testing.assert_allclose(template(0.3 * patch + 0.5), template(patch), atol=1e-12)


def test_a_response_is_a_plain_convolution():
    image, kernel = RNG.random((8, 9)), RNG.random((3, 2))
    assert np.array_equal(response(image, kernel), ops.convolve(image, kernel))


def test_at_equal_contrast_the_patch_itself_answers_most():
    image = RNG.choice([-1.0, 1.0], (30, 30))
    kernel = template(image[10:17, 4:11])
    (peak,) = peaks(response(image, kernel), 1, 0)
    assert (peak.row, peak.column) == (10, 4)


def test_peaks_by_hand():
    responses = [[9, 8, 0, 3], [7, 0, 0, 0], [0, 0, 0, 5]]
    found = peaks(responses, count=3, distance=1)
    assert [(p.rank, p.row, p.column, p.value) for p in found] == [
        (1, 0, 0, 9),
        (2, 2, 3, 5),
        (3, 0, 3, 3),
    ]


def test_of_equal_peaks_the_first_in_reading_order_comes_first():
    found = peaks([[0, 1], [1, 0]], count=4, distance=0)
    assert [(p.row, p.column) for p in found] == [(0, 1), (1, 0), (0, 0), (1, 1)]


def test_peaks_end_where_no_room_is_left_and_leave_the_map_alone():
    responses = np.ones((3, 3), np.float32)
    responses.flags.writeable = False
    assert len(peaks(responses, count=9, distance=2)) == 1
    assert len(peaks(responses, count=99, distance=0)) == 9


def test_even_contrast_by_hand():
    # Mirrored, a row is 1 0 1 0 1: around the middle the mean is 1/3, around a side 2/3, and the
    # deviation is √2/3 around each and over the whole picture.
    image = np.tile([0.0, 1.0, 0.0], (3, 1))
    deviation = 2**0.5 / 3
    middle = (1 - 1 / 3) / (deviation + deviation / 2)
    side = (0 - 2 / 3) / (deviation + deviation / 2)
    np.testing.assert_allclose(even_contrast(image, 3), np.tile([side, middle, side], (3, 1)))


def test_even_contrast_ignores_brightness_and_scale():
    image = RNG.random((40, 30))
    np.testing.assert_allclose(even_contrast(5 * image + 2), even_contrast(image), atol=1e-9)


def test_even_contrast_makes_two_halves_alike():
    image = RNG.random((60, 120))
    image[:, 60:] *= 0.1
    before, after = image, even_contrast(image, 9)
    spread = [(half[:, :50].std(), half[:, 70:].std()) for half in (before, after)]
    assert spread[0][0] > 8 * spread[0][1]
    assert spread[1][0] < 5 * spread[1][1]


def test_an_even_picture_has_no_contrast_to_even():
    assert not even_contrast(np.full((30, 30), 0.7, np.float32)).any()


def _box(name, eye, half_width, half_height):
    x, y = (share * SIZE for share in pictures.PHOTOS[name].eyes[eye])
    return (
        slice(round(y - half_height), round(y + half_height)),
        slice(round(x - half_width), round(x + half_width)),
    )


def _eyes(name, kernel, count):
    """Which eyes of the picture the strongest responses lie on; None for one on no eye."""
    height, width = kernel.shape
    found = []
    for peak in peaks(
        response(even_contrast(pictures.load(name, SIZE)), kernel), count, height // 2
    ):
        x, y = (peak.column + width / 2) / SIZE, (peak.row + height / 2) / SIZE
        on = [
            eye
            for eye, (ex, ey) in enumerate(pictures.PHOTOS[name].eyes)
            if max(abs(x - ex), abs(y - ey)) < 0.05
        ]
        found.append(on[0] if on else None)
    return found


def _kernel(name, eye, half_width, half_height):
    evened = even_contrast(pictures.load(name, SIZE))
    return template(evened[_box(name, eye, half_width, half_height)])


@pytest.mark.parametrize("eye", [0, 1])
@pytest.mark.parametrize("half", [(14, 9), (16, 11), (18, 13), (20, 14)])
def test_a_box_around_one_eye_of_the_face_finds_that_eye_and_then_the_other(eye, half):
    assert _eyes("face", _kernel("face", eye, *half), 2) == [eye, 1 - eye]


@pytest.mark.parametrize("eye", [0, 1])
@pytest.mark.parametrize(("name", "half"), [("raccoon", (18, 13)), ("cat", (28, 26))])
def test_an_animals_eye_finds_its_other_eye(name, half, eye):
    assert _eyes(name, _kernel(name, eye, *half), 2) == [eye, 1 - eye]


def test_an_eye_of_the_face_finds_both_eyes_of_the_raccoon():
    assert set(_eyes("raccoon", _kernel("face", 1, 18, 13), 2)) == {0, 1}
    assert {0, 1} <= set(_eyes("raccoon", _kernel("face", 0, 18, 13), 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: template(np.ones((3, 3))), "3×3 patch is all of one shade"),
        (lambda: template(np.ones(3)), r"patch must be .* not \(3,\)"),
        (lambda: response(np.ones((3, 3, 3)), np.ones((3, 3))), "image must be"),
        (lambda: response(np.ones((3, 3)), np.ones((4, 4))), "spans 4 pixels"),
        (lambda: even_contrast(np.ones((9, 9)), 4), "window must be odd .* not 4"),
        (lambda: even_contrast(np.ones((9, 9)), 19), "at most 17 .* not 19"),
        (lambda: peaks(np.ones((3, 3)), 0, 1), "count must be at least 1, not 0"),
        (lambda: peaks(np.ones((3, 3)), 1, -1), "distance must be at least 0, not -1"),
    ],
)
def test_a_bad_argument_is_refused_with_its_values(call, words):
    with pytest.raises(ValueError, match=words):
        call()
