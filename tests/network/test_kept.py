"""Networks that were kept or are held: the same weights again, and no harm from foreign files."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from explorer.network import kept, zoo
from explorer.network.architecture import Network
from explorer.network.layers import Conv2D, Dense, Flatten

TINY = Network("tiny", (Conv2D(2, 3), Flatten(), Dense(10)))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    return tmp_path / "networks"


def test_a_kept_network_comes_back_with_its_weights_under_its_title():
    model = TINY.build()
    key = kept.keep(model, "  my\n net\x00work ")
    assert kept.titles() == {key: "my net work"}
    again = zoo.shared(key)
    assert again.network.layers == TINY.layers
    assert again.network.name == key
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


def test_a_name_never_becomes_a_path(folder):
    key = kept.keep(TINY.build(), "../../etc/passwd")
    assert [path.name for path in folder.iterdir()] == [f"{key}.safetensors"]
    for word in ("kept-../../../x", "kept-" + "g" * 12, "", "kept-", key + "x"):
        assert not kept.is_key(word)
        with pytest.raises(ValueError, match="network"):
            zoo.shared(word)


def test_a_forgotten_network_is_gone():
    key = kept.keep(TINY.build(), "one")
    kept.forget(key)
    assert kept.titles() == {}
    with pytest.raises(ValueError, match="no kept network"):
        kept.load(key)


def test_an_empty_title_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="Give the network a name"):
        kept.keep(TINY.build(), " \n ")


def test_a_folder_that_cannot_be_written_is_said(folder):
    folder.parent.joinpath("networks").write_text("a file where the folder should be")
    with pytest.raises(ValueError, match="could not be written"):
        kept.keep(TINY.build(), "one")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04K\x01.",
        b"\xff" * 64,
        b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    ],
)
def test_a_damaged_file_counts_as_none(folder, content):
    folder.mkdir()
    (folder / "kept-000000000000.safetensors").write_bytes(content)
    assert kept.titles() == {}
    with pytest.raises(ValueError, match="kept network"):
        kept.load("kept-000000000000")


def test_weights_that_do_not_fit_their_description_are_refused(folder):
    folder.mkdir()
    path = folder / "kept-000000000001.safetensors"
    save_file({"conv1.weight": torch.zeros(1)}, path, {"title": "t", "network": TINY.to_json()})
    with pytest.raises(ValueError, match="damaged"):
        zoo.shared("kept-000000000001")


def test_a_held_network_is_shared_under_its_key_and_changes_no_more():
    model = TINY.build()
    x = torch.zeros(1, 1, 28, 28)
    expected = model(x).detach().numpy()
    held = zoo.hold("run-a-3", model)
    assert zoo.shared("run-a-3") is held
    assert zoo.held("run-a-3")
    assert held.network.name == "run-a-3"
    assert not any(weights.requires_grad for weights in held.parameters())
    np.testing.assert_array_equal(held(x).numpy(), expected)


def test_only_the_last_networks_are_held():
    for step in range(zoo.HELD + 1):
        zoo.hold(f"run-b-{step}", TINY.build())
    assert not zoo.held("run-b-0")
    assert zoo.held(f"run-b-{zoo.HELD}")
    with pytest.raises(ValueError, match="no network"):
        zoo.shared("run-b-0")
