"""Batches: each image once an epoch, in an order that follows from seed and place alone."""

import torch

from explorer.training import data
from tests.training import small


def batches(shifted: bool = False, seed: int = 1) -> data.Batches:
    images = small.images()
    return data.Batches(images.train, images.train_labels, 20, seed, shifted)


def test_an_epoch_shows_every_image_once():
    found = batches()
    seen = torch.cat([found.batch(step)[0] for step in range(1, 5)])
    assert len(seen) == small.COUNT
    pixels = {image.numpy().tobytes() for image in (seen * 255).round().to(torch.uint8)}
    assert pixels == {image.numpy().tobytes() for image in small.images().train}


def test_a_batch_is_the_images_in_order_scaled_and_its_labels():
    images = small.images()
    chosen = data.order(1, 1, small.COUNT)[20:40]  # the second batch of the second epoch
    pixels, labels = batches().batch(6)
    assert torch.equal(pixels, images.train[chosen][:, None].float() / 255)
    assert torch.equal(labels, images.train_labels[chosen])
    assert pixels.is_contiguous(memory_format=torch.channels_last)


def test_epochs_and_seeds_differ_and_repeat():
    first = data.order(1, 0, 50)
    assert torch.equal(first, data.order(1, 0, 50))
    assert not torch.equal(first, data.order(1, 1, 50))
    assert not torch.equal(first, data.order(2, 0, 50))


def test_a_step_gives_the_same_batch_whatever_was_asked_for_before():
    late = batches(shifted=True).batch(7)[0]
    again = batches(shifted=True)
    for step in (1, 9, 3):
        again.batch(step)
    assert torch.equal(again.batch(7)[0], late)


def test_a_shift_moves_each_image_by_at_most_a_pixel_and_brings_in_black():
    plain, moved = batches().batch(1)[0][:, 0], batches(shifted=True).batch(1)[0][:, 0]
    padded = torch.nn.functional.pad(plain, (1, 1, 1, 1))
    down, across = data.shifts(1, 1, 20)
    assert set(down.tolist()) == set(across.tolist()) == {0, 1, 2}
    for i in range(20):
        window = padded[i, down[i] : down[i] + 28, across[i] : across[i] + 28]
        assert torch.equal(moved[i], window)


def test_held_out_images_take_the_place_of_the_test_set():
    whole = small.images()
    held = whole.held_out(10)
    assert torch.equal(held.test, whole.train[-10:])
    assert torch.equal(held.train, whole.train[:-10])
    assert len(held.train_labels) == small.COUNT - 10
