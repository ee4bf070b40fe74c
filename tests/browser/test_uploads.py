"""A picture of the user's own on the convolution page: shown, or refused in one sentence."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.browser.test_convolution import element, opened


def png(pixels: np.ndarray) -> bytes:
    """The pixels as a PNG file."""
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_an_uploaded_picture_is_convolved_and_a_false_one_refused_in_a_sentence(page, app):
    opened(page, f"{app}/convolution?picture=upload&kernel=identity")
    stripes = np.zeros((40, 60, 3), np.uint8)
    stripes[:, ::2] = 255
    chooser = page.locator(".st-key-picture_upload input[type=file]")
    chooser.set_input_files(
        {"name": "stripes.png", "mimeType": "image/png", "buffer": png(stripes)}
    )
    page.get_by_text("40×60").first.wait_for()
    card = element(page, "lens", "lens")
    assert card["before"] == stripes[card["row"] + 1, card["column"] + 1, 0] / 255

    page.locator(".st-key-picture_upload").get_by_role("button", name="Remove").or_(
        page.locator("[data-testid=stFileUploaderDeleteBtn] button")
    ).first.click()
    chooser.set_input_files(
        {"name": "page.png", "mimeType": "image/png", "buffer": b"<html><script>1</script></html>"}
    )
    page.get_by_text("PNG or JPEG").nth(1).wait_for()
    assert page.locator("[data-testid=stAlert]").count() == 1
    page.get_by_text("28×28").first.wait_for()
