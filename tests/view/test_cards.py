"""Every layer type has a card, filled with the network's own numbers."""

from explorer.network import layers
from explorer.network.zoo import NETWORKS
from explorer.view import cards


def test_every_layer_type_has_a_card():
    assert set(cards.CARDS) == {layer.__name__ for layer in layers.LAYERS}


def test_every_activation_has_a_sentence():
    assert set(cards.ACTIVATIONS) == set(layers.ACTIVATIONS)


def test_the_facts_of_a_layer_are_those_of_the_table():
    conv, pool, _, dense, output = NETWORKS["article"].rows
    assert cards.facts(conv) == (
        "Conv2D(32, activation='relu') → 26×26×32 · 320 parameters · each value sees 3×3 pixels"
    )
    assert cards.facts(pool) == (
        "MaxPooling2D(2) → 13×13×32 · no parameters · each value sees 4×4 pixels"
    )
    assert cards.facts(dense).endswith(
        "256 units · 1,384,704 parameters · each value sees all of the image"
    )
    assert "all 256 numbers before it" in cards.card(output)
    assert cards.card(conv).startswith("Each of the 32 kernels slides over the image")
