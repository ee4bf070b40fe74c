"""Principal components, against numpy's singular value decomposition."""

import numpy as np
import pytest

from explorer.ops.principal import principal


def test_axes_and_shares_are_those_of_the_singular_value_decomposition():
    points = np.random.default_rng(1).normal(size=(40, 6)) @ np.diag([5, 1, 3, 0.5, 2, 0.1])
    found = principal(points, 3)
    _, sizes, axes = np.linalg.svd(points - points.mean(0), full_matrices=False)
    np.testing.assert_allclose(abs(found.axes @ axes[:3].T), np.eye(3), atol=1e-9)
    np.testing.assert_allclose(found.shares, (sizes**2 / (sizes**2).sum())[:3])
    np.testing.assert_allclose(found.mean, points.mean(0))
    expected = (points - points.mean(0)) @ found.axes.T
    np.testing.assert_allclose(found.project(points), expected, rtol=1e-5)


def test_points_on_a_line_worked_out_by_hand():
    found = principal([[1, 1], [2, 2], [3, 3]])
    np.testing.assert_allclose(found.axes[0], np.sqrt([0.5, 0.5]))
    np.testing.assert_allclose(found.shares, [1, 0], atol=1e-12)
    np.testing.assert_allclose(found.project([3, 3]), [np.sqrt(2), 0], atol=1e-6)


@pytest.mark.parametrize("points", [[[2.0]] * 3, [[0.0, 0.0, 0.0]]], ids=str)
def test_points_that_do_not_spread_lie_at_the_origin(points):
    found = principal(points)
    assert found.axes.shape == (2, len(points[0]))
    assert found.project(points).tolist() == [[0, 0]] * len(points)


def test_what_is_no_cloud_is_refused():
    for points in ([1, 2, 3], [[np.nan, 1]], np.zeros((0, 2))):
        with pytest.raises(ValueError, match="points"):
            principal(points)
    with pytest.raises(ValueError, match="count"):
        principal([[1, 2]], 0)
