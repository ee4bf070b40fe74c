"""The shares over many images are those of one picture after the other."""

import itertools

import numpy as np
import pytest
import torch

from explorer.data import mnist
from explorer.network import unchanged
from explorer.ops import translate
from explorer.ops.chain import Chain, shift
from explorer.ops.kernels import PRESETS

SOBEL = PRESETS["sobel-y"].kernel
CHAINS = {
    "max": Chain(SOBEL, bias=0.05),
    "average": Chain(None, pool="average", size=3, stride=2, blocks=2),
    "strided": Chain(SOBEL, pool="strided", stride=3),
    "blur": Chain(SOBEL, pool="blur", blocks=2),
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("back", [False, True])
def test_a_measurement_is_the_mean_over_its_pictures(chain, back):
    images = mnist.test_set()[0][:7]
    found = unchanged.measure(chain, images, 0.1, back=back)
    for row, (right, down) in enumerate(unchanged.DIRECTIONS.values()):
        for pixels in (1, 4, 8):
            each = [
                shift(
                    chain,
                    image.astype(np.float32) / np.float32(255),
                    pixels * right,
                    pixels * down,
                    0.1,
                    back=back,
                )
                for image in images
            ]
            before = [e.before[0].unchanged for e in each if e.before[0].unchanged is not None]
            after = [e.after[-1].unchanged for e in each if e.after[-1].unchanged is not None]
            assert found.before[row, pixels] == pytest.approx(np.mean(before), abs=1e-5)
            assert found.after[row, pixels] == pytest.approx(np.mean(after), abs=1e-5)
    assert (found.before[:, 0] == 1).all()
    assert found.images == 7


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_the_maps_are_those_of_the_plain_arithmetic(chain):
    image = mnist.test_set()[0][3].astype(np.float32) / np.float32(255)
    first, last = unchanged.ends(chain, torch.from_numpy(image)[None, None])
    plain = chain.run(image)
    np.testing.assert_allclose(first[0, 0], plain[0].before, atol=1e-5)
    np.testing.assert_allclose(last[0, 0], plain[-1].after, atol=1e-5)


@pytest.mark.parametrize(("dx", "dy"), list(itertools.product([-9, -1, 0, 3], repeat=2)))
def test_images_are_moved_as_one_picture_is(dx, dy):
    x = np.random.default_rng(5).random((2, 8, 7), np.float32)
    found = unchanged.moved(torch.from_numpy(x)[:, None], dx, dy)[:, 0]
    assert np.array_equal(found, translate(x, dx, dy))


def test_a_measurement_comes_piece_by_piece_and_the_same_question_has_one():
    chain = Chain(SOBEL, bias=0.015625)
    work = unchanged.measurement(chain, 0.2, back=False)
    assert unchanged.measurement(Chain(SOBEL.copy(), bias=0.015625), 0.2, back=False) is work
    assert unchanged.measurement(chain, 0.1, back=False) is not work
    assert work.done == 0
    work.step()
    assert work.done == 1 / 32
    assert np.isfinite(work.after[0, 1])
    assert np.isnan(work.after[1, 1])


def test_progress_rises_to_the_whole():
    told: list[float] = []
    images = mnist.test_set()[0][:2]
    found = unchanged.measure(Chain(), images, 0.1, back=False, progress=told.append)
    assert told == [n / 32 for n in range(1, 33)]
    before = found.after.copy()
    found.step()
    assert np.array_equal(found.after, before)


def test_images_without_a_lit_cell_have_no_share():
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 10, 10] = 255
    found = unchanged.measure(Chain(), images, 0.1, back=False)
    assert found.after[0, 1] == 1
    assert found.after[1, 1] == 0
