"""Which export runs on which processor."""

from pathlib import Path

import pytest

from detector.inference.processor import CPUINFO, compute_precision, fastest_file, has_bf16_tiles
from detector.inference.registry import Network, Precision
from tests.detector.inference.networks import entry


@pytest.mark.parametrize(
    ("flags", "tiles"),
    [
        ("flags : avx512_bf16 amx_bf16 avx512_fp16 amx_tile amx_int8", True),
        ("flags : avx512_bf16 avx512_vnni", False),
        ("flags : avx2 fma", False),
        ("Features : fp asimd bf16", False),
        ("", False),
    ],
)
def test_tiles_are_read_from_the_flags(tmp_path: Path, flags: str, tiles: bool) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{flags}\n")
    assert has_bf16_tiles(tmp_path / "cpuinfo") is tiles


def test_where_the_system_does_not_say_there_are_none(tmp_path: Path) -> None:
    assert has_bf16_tiles(tmp_path / "none") is False
    assert CPUINFO.is_absolute()


def network(folder: Path, *precisions: Precision) -> Network:
    (folder / "a.pt").write_bytes(b"")
    (file,) = entry(folder / "a.pt").files
    files = [file.model_copy(update={"backend": "openvino", "precision": one}) for one in precisions]
    return entry(folder / "a.pt", files=[file, *files])


@pytest.mark.parametrize(
    ("precisions", "tiles", "chosen", "compute"),
    [
        (("int8", "fp16"), True, "fp16", "bf16"),
        (("int8", "fp16"), False, "int8", "f32"),
        (("fp16", "int8"), False, "int8", "f32"),
        (("int8",), True, "int8", "f32"),
        (("fp16",), False, "fp16", "f32"),
        (("fp32", "bf16"), True, "bf16", "bf16"),
        (("fp32",), True, "fp32", "f32"),
    ],
)
def test_the_fastest_export_is_chosen(
    tmp_path: Path, precisions: tuple[Precision, ...], tiles: bool, chosen: Precision, compute: str
) -> None:
    file = fastest_file(network(tmp_path, *precisions), tiles=tiles)
    assert (file.backend, file.precision) == ("openvino", chosen)
    assert compute_precision(file, tiles=tiles) == compute


@pytest.mark.parametrize("tiles", [True, False])
def test_the_export_that_answers_best_is_taken_on_every_machine(tmp_path: Path, tiles: bool) -> None:
    found = network(tmp_path, "fp16", "int8").model_copy(update={"preferred": "int8"})
    assert fastest_file(found, tiles=tiles).precision == "int8"
