"""A bundle is checked from itself alone: every changed byte is found and its item named."""

import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.evidence import MANIFEST_NAME, FolderStore, verify_bundle
from detector.types import EvidenceError
from tests.cases.builders import bundle_folder, seal, violation_of


@pytest.fixture
def folder(store: FolderStore, tmp_path: Path) -> Path:
    ref = seal(store, violation_of(), {"during.jpg": bytes(range(256)), "clip.mp4": b"\0" * 300})
    copy = tmp_path / "bundle"
    shutil.copytree(bundle_folder(store, ref), copy)
    for path in copy.iterdir():
        path.chmod(0o644)
    return copy


def zipped(folder: Path, *, inside: str = "") -> Path:
    path = folder.parent / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in sorted(folder.iterdir()):
            archive.write(item, f"{inside}{item.name}")
    return path


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


@pytest.mark.parametrize("form", ["folder", "zip", "zip with a folder inside"])
def test_intact_bundle_has_no_faults(folder: Path, form: str) -> None:
    path = folder if form == "folder" else zipped(folder, inside="case/" if "inside" in form else "")
    report = verify_bundle(path)
    assert report.intact
    assert (report.items, report.violation_id) == (2, violation_of().id)


CHANGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "first byte": (lambda f: flip(f / "during.jpg", 0), "during.jpg", "altered"),
    "last bit": (lambda f: flip(f / "clip.mp4", 299, 7), "clip.mp4", "altered"),
    "cut short": (lambda f: (f / "clip.mp4").write_bytes(b"\0" * 299), "clip.mp4", "altered"),
    "made longer": (lambda f: (f / "clip.mp4").write_bytes(b"\0" * 301), "clip.mp4", "altered"),
    "removed": (lambda f: (f / "during.jpg").unlink(), "during.jpg", "missing"),
    "added": (lambda f: (f / "new.jpg").write_bytes(b"x"), "new.jpg", "extra"),
    "added deeper": (lambda f: ((f / "d").mkdir(), (f / "d/new.jpg").write_bytes(b"x")), "d/new.jpg", "extra"),
    "manifest gone": (lambda f: (f / MANIFEST_NAME).unlink(), MANIFEST_NAME, "missing"),
    "manifest re-spaced": (
        lambda f: (f / MANIFEST_NAME).write_bytes((f / MANIFEST_NAME).read_bytes() + b"\n"),
        MANIFEST_NAME,
        "altered",
    ),
    "fact changed": (
        lambda f: (f / MANIFEST_NAME).write_text((f / MANIFEST_NAME).read_text().replace("171.0", "170.0")),
        MANIFEST_NAME,
        "altered",
    ),
}


@pytest.mark.parametrize("label", sorted(CHANGES))
def test_each_change_is_found_and_its_item_named(folder: Path, label: str) -> None:
    change, item, kind = CHANGES[label]
    change(folder)
    assert (item, kind) in [(fault.item, fault.kind) for fault in verify_bundle(folder).faults]


def test_item_replaced_by_a_link_is_altered(folder: Path) -> None:
    original = folder.parent / "elsewhere.jpg"
    (folder / "during.jpg").rename(original)
    (folder / "during.jpg").symlink_to(original)
    assert [fault.item for fault in verify_bundle(folder).faults] == ["during.jpg"]


def test_any_one_byte_of_the_manifest_counts(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    whole = path.read_bytes()
    draw = random.Random(7)
    for at in range(len(whole)):
        flip(path, at, draw.randrange(8))
        report = verify_bundle(folder)
        assert [fault.item for fault in report.faults][:1] == [MANIFEST_NAME], f"byte {at}: {report.faults}"
        path.write_bytes(whole)


def test_no_byte_of_a_zip_makes_the_check_fail_itself(folder: Path) -> None:
    path = zipped(folder)
    whole = path.read_bytes()
    draw = random.Random(7)
    found = 0
    for at in range(len(whole)):
        flip(path, at, draw.randrange(8))
        try:
            found += not verify_bundle(path).intact
        except EvidenceError:
            found += 1
        path.write_bytes(whole)
    assert found > 0.8 * len(whole)  # the rest are time-stamps and rights of the archive, no content


@pytest.mark.parametrize("label", ["nothing there", "not a zip"])
def test_what_is_no_bundle_is_said_so(tmp_path: Path, label: str) -> None:
    path = tmp_path / "x.zip"
    if label == "not a zip":
        path.write_text("text")
    with pytest.raises(EvidenceError, match=r"x\.zip: .*(no such bundle|neither)"):
        verify_bundle(path)
