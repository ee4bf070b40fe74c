"""The matrix product that is chosen is exact, and devices are refused with a sentence."""

import pytest
import torch

from explorer.training import machine


def test_the_chosen_product_is_as_exact_as_float32():
    machine.choose_matmul()
    x = torch.rand(64, 300, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close((x @ x.T).double(), x.double() @ x.double().T, rtol=1e-6, atol=0)


def _seconds(monkeypatch, mkl: float, onednn: float) -> None:
    times = iter([mkl, onednn])
    monkeypatch.setattr(machine, "_fastest", lambda call: next(times))
    monkeypatch.setattr(machine, "_EXACT", 1.0)


@pytest.mark.parametrize(
    ("mkl", "onednn", "better"), [(2.0, 1.0, "onednn"), (1.0, 1.1, "onednn"), (1.0, 1.5, "mkl")]
)
def test_the_faster_product_is_chosen_and_noise_does_not_decide(mkl, onednn, better, monkeypatch):
    _seconds(monkeypatch, mkl, onednn)
    assert machine._better() == better
    machine.choose_matmul()


def test_a_product_that_rounds_is_not_chosen(monkeypatch):
    _seconds(monkeypatch, 2.0, 1.0)
    monkeypatch.setattr(machine, "_EXACT", 0.0)
    assert machine._better() == "mkl"
    machine.choose_matmul()


def test_a_wish_is_followed_and_the_choice_stays():
    chosen = machine.choose_matmul()
    assert machine.choose_matmul("mkl") == "mkl"
    assert machine.choose_matmul("nonsense") == chosen


def test_auto_is_a_device_that_is_there():
    assert machine.device("auto").type in ("cpu", "cuda", "mps")
    assert machine.device("cpu").type == "cpu"


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="no cuda device: choose auto or cpu"):
        machine.device("cuda")


def test_what_was_found_holds_for_the_next_process(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "new"))
    found = machine.choose_matmul()
    (written,) = (tmp_path / "new").iterdir()
    assert written.read_text() == found
    other = "mkl" if found == "onednn" else "onednn"
    monkeypatch.setattr(machine, "_chosen", {})
    written.write_text(other)
    assert machine.choose_matmul() == other
    monkeypatch.setattr(machine, "_chosen", {})
    written.write_bytes(b"\xffrubbish")
    assert machine.choose_matmul() in ("mkl", "onednn")


def test_the_first_of_two_processes_decides(tmp_path):
    place = tmp_path / "matmul.txt"
    assert machine._remember(place, "mkl") == "mkl"
    assert machine._remember(place, "onednn") == "mkl"


def test_a_folder_that_cannot_be_written_stops_no_training(tmp_path):
    (tmp_path / "file").write_text("")
    assert machine._remember(tmp_path / "file" / "matmul.txt", "mkl") == "mkl"
