"""Exports: signed zips that prove themselves offline; what leaves the house shows nobody but the vehicle."""

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cases.actor import Actor
from cases.database import read_transaction
from cases.export import Exported, export_case
from cases.exported import verify_export
from cases.faults import BadReasonError, NotFoundError, NotPermittedError
from cases.inspection import verify_target
from cases.records import LedgerEntry
from cases.redaction import redacted
from cases.roles import Role
from cases.settings import Settings
from detector.types import EvidenceError
from tests.cases.builders import CHIEF, LAN, NOON
from tests.cases.installation import OFFENDER, Installation, install, street_jpeg

HUNG = Actor(name="hung", role=Role.HANDLER)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = install(tmp_path_factory.mktemp("data"))
    yield made
    made.database.close()


def export(
    made: Installation, target: Path, *, actor: Actor = CHIEF, purpose: str = "court", **how: object
) -> Exported:
    given = {"case_id": made.case_ids[min(1, len(made.case_ids) - 1)], "reason": "Công văn 12/TA", **how}
    return export_case(
        made.database.sessions, made.store, made.keys, actor=actor, purpose=purpose, target=target, now=NOON, **given
    )  # type: ignore[arg-type]


def test_export_for_a_court_proves_itself_alone(installed: Installation, tmp_path: Path) -> None:
    path = export(installed, tmp_path / "case.zip").path
    report = verify_target(str(path), Settings(data_dir=tmp_path / "elsewhere"))
    assert report.intact, report
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "unpacked")
    assert {"original/clip.mp4", "original/manifest.sig", "copies/during.jpg", "copies/vehicle.jpg"} <= names
    assert {"log/decisions.json", "log/accesses.json", "log/ledger.json", "log/anchors/00000001.json"} <= names
    assert verify_export(tmp_path / "unpacked").intact
    assert not (tmp_path / "elsewhere").exists()


def test_owner_gets_copies_only(installed: Installation, tmp_path: Path) -> None:
    path = export(installed, tmp_path / "case.zip", actor=HUNG, purpose="owner").path
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.startswith(("original", "log"))]
    assert verify_export(path).intact


def test_every_export_is_chained_before_it_is_written(installed: Installation, tmp_path: Path) -> None:
    export(installed, tmp_path / "case.zip")
    with read_transaction(installed.database.sessions) as session:
        last = session.query(LedgerEntry).order_by(LedgerEntry.seq.desc()).first()
        assert last is not None
        assert (last.kind, last.actor, last.details["reason"]) == ("export", "chief", "Công văn 12/TA")


REFUSED = {
    "originals to an officer": ({"actor": LAN}, NotPermittedError),
    "another ward": ({"actor": replace(HUNG, wards=("Ba Đình",)), "purpose": "owner"}, NotFoundError),
    "copies to an officer": ({"actor": LAN, "purpose": "owner"}, NotPermittedError),
    "no reason": ({"reason": " "}, BadReasonError),
    "no such case": ({"case_id": "PN-0000-0000"}, NotFoundError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_export_is_refused(installed: Installation, tmp_path: Path, label: str) -> None:
    how, error = REFUSED[label]
    with pytest.raises(error):
        export(installed, tmp_path / "case.zip", **how)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_altered_evidence_is_not_exported(tmp_path: Path) -> None:
    made = install(tmp_path / "data", cases=1)
    still = next((tmp_path / "data").glob("evidence/*/*/*/during.jpg"))
    still.chmod(0o644)
    still.write_bytes(still.read_bytes()[:-1])
    with pytest.raises(EvidenceError, match=r"during\.jpg"):
        export(made, tmp_path / "case.zip", case_id=made.case_ids[0])
    made.database.close()


def test_unpacked_export_names_what_was_altered(installed: Installation, tmp_path: Path) -> None:
    with zipfile.ZipFile(export(installed, tmp_path / "case.zip").path) as archive:
        archive.extractall(tmp_path / "whole")
    for name in ("index.json", "index.sig", "copies/during.jpg", "log/decisions.json", "original/during.jpg", "keys"):
        folder = tmp_path / "altered"
        shutil.copytree(tmp_path / "whole", folder)
        path = next((folder / name).iterdir()) if (folder / name).is_dir() else folder / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
        faults = [fault.item for fault in verify_export(folder).faults]
        assert path.relative_to(folder).as_posix() in faults, (name, faults)
        shutil.rmtree(folder)


def test_nothing_outside_the_vehicle_can_be_recognised() -> None:
    before = np.asarray(Image.open(BytesIO(street_jpeg())).convert("L"), float)
    after = np.asarray(Image.open(BytesIO(redacted(street_jpeg(), OFFENDER))).convert("L"), float)
    x1, y1, x2, y2 = OFFENDER
    inside = np.zeros(before.shape, bool)
    inside[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2] = True
    assert np.abs(before - after)[inside].mean() < 3
    away = np.ones(before.shape, bool)
    away[y1 - 8 : y2 + 8, x1 - 8 : x2 + 8] = False
    fine = [np.abs(np.diff(picture, axis=1))[away[:, 1:]].mean() for picture in (before, after)]
    assert fine[1] < 0.05 * fine[0]
    gone = np.asarray(Image.open(BytesIO(redacted(street_jpeg(), None))).convert("L"), float)
    assert np.abs(np.diff(gone, axis=1)).mean() < 0.05 * fine[0]


def test_picture_metadata_does_not_leave() -> None:
    data = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken by Lan"
    Image.open(BytesIO(street_jpeg())).save(data, "JPEG", exif=exif)
    assert b"taken by Lan" in data.getvalue()
    assert b"taken by Lan" not in redacted(data.getvalue(), OFFENDER)
