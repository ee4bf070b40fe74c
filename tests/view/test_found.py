"""What is said of the strongest responses."""

from explorer.view import found


def test_responses_elsewhere_are_admitted():
    assert found.verdict(4, (2, 1), True) == (
        "On an eye: 1, 2. Elsewhere: 3, 4; to this kernel, what is there looks alike."
    )
    assert found.verdict(2, (1, 2), True) == "On an eye: 1, 2."
    assert found.verdict(1, (), True).startswith("On an eye: none. Elsewhere: 1;")


def test_a_picture_without_known_eyes_claims_none():
    assert "eye" not in found.verdict(4, (), False)
