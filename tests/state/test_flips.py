"""What changed between two evaluations, on readings written down by hand."""

import numpy as np

from explorer.state import flips
from explorer.training.records import Evaluation

LABELS = np.array([0, 1, 2, 3, 4, 5], np.uint8)


def read(step: int, *answers: int) -> Evaluation:
    return Evaluation(step, len(answers), 0.5, 0.5, np.array(answers, np.uint8))


def test_images_that_changed_their_side():
    found = flips.flips(read(10, 0, 9, 2, 9), read(20, 0, 1, 9, 8), LABELS)
    assert found.righted.tolist() == [1]
    assert found.wronged.tolist() == [2]
    assert (found.before, found.after, found.images) == (10, 20, 4)


def test_only_images_that_were_read_both_times_count():
    found = flips.flips(read(10, 9, 9), read(20, 0, 1, 2, 3), LABELS)
    assert found.righted.tolist() == [0, 1]
    assert found.images == 2


def test_the_last_two_steps_are_compared_and_of_one_step_the_larger_reading():
    all_ = (read(5, 0), read(10, 0), read(20, 0), read(20, 0, 1))
    assert [(e.step, e.images) for e in flips.pair(all_, None)] == [(10, 1), (20, 2)]


def test_a_pinned_step_has_the_readings_before_it():
    all_ = (read(5, 0), read(10, 0), read(20, 0))
    assert [e.step for e in flips.pair(all_, 12)] == [5, 10]
    assert [e.step for e in flips.pair(all_, 2)] == [5]
    assert flips.pair((), 3) == []


def test_the_confusion_matrix_counts_true_by_read():
    found = flips.confusion(read(1, 0, 2, 2), LABELS)
    assert found.sum() == 3
    assert found[0, 0] == found[1, 2] == found[2, 2] == 1
    assert flips.confused(read(1, 0, 2, 2), LABELS, 1, 2).tolist() == [1]


def test_an_answer_that_is_no_class_breaks_nothing():
    assert flips.confusion(read(1, 255), LABELS).shape == (10, 10)
