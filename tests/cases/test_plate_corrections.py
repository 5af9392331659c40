"""Confirmed crops leave the store as training data: by whom, which ones, and that the reader's training takes them."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cases.accounts import add_user
from cases.database import Database, read_transaction
from cases.evidence import FolderStore
from cases.faults import BadQueryError, BadReasonError, NotPermittedError
from cases.plate_corrections import Correction, export_corrections
from cases.plates import say_plate
from cases.records import EntryKind, LedgerEntry
from phatnguoi import app
from tests.cases.builders import AUDITOR, CHIEF, LAN, NOON, finding_of, opened
from tests.cases.installation import install

WHY = "Huấn luyện mạng đọc biển số 2027"
READ = {"plate_text": "29E112845", "plate_rows": 2}
CROP = cv2.imencode(".jpg", np.full((40, 60, 3), 200, np.uint8))[1].tobytes()
ITEMS = {"before.jpg": b"b" * 50, "clip.mp4": b"c" * 500, "plate-1.jpg": CROP, "plate-2.jpg": CROP}


def case_with(
    database: Database, store: FolderStore, number: int, say: str = "", form: str | None = None, **read: object
) -> str:
    facts = {**finding_of().facts, **READ, **read}
    case_id = opened(database, store, number, facts=facts, items=ITEMS).case_id
    if say:
        said = {"text": say, "accepted_form": form, "expected_seq": 0, "note": "rõ"}
        say_plate(database.sessions, case_id=case_id, actor=LAN, now=NOON, **said)  # type: ignore[arg-type]
    return case_id


def export(database: Database, store: FolderStore, out: Path, **how: object) -> list[Correction]:
    given = {"actor": CHIEF, "reason": WHY, "now": NOON} | how
    return export_corrections(database.sessions, store, out=out, **given)  # type: ignore[arg-type]


def test_only_confirmed_readable_plates_of_the_offender_leave(
    database: Database, store: FolderStore, tmp_path: Path
) -> None:
    corrected = case_with(database, store, 0, "29-E1 123.45")
    case_with(database, store, 1)
    case_with(database, store, 2, "51-F9 999.99")
    one_row = case_with(database, store, 3, "30K-123.45", "30-K1 2345", plate_text="30K12345", plate_rows=1)
    found = export(database, store, tmp_path / "out")
    assert [(row.case_id, row.text, row.rows, row.upper) for row in found[::2]] == sorted(
        [(corrected, "29E112345", 2, "29E1"), (one_row, "30K12345", 1, "")]
    )
    lines = (tmp_path / "out" / "plates.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,text,rows,upper"
    assert len(lines) == 1 + 4 == 1 + len(list((tmp_path / "out" / "images").iterdir()))
    with read_transaction(database.sessions) as session:
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == EntryKind.EXPORT))
    assert entry.details == {"purpose": "plates", "reason": WHY, "cases": sorted([corrected, one_row])}


def test_training_takes_what_was_exported(database: Database, store: FolderStore, tmp_path: Path) -> None:
    train = pytest.importorskip("models.recipes.plate.train")
    case_with(database, store, 0, "29-E1 123.45")
    export(database, store, tmp_path / "out")
    confirmed = train.confirmed_crops(tmp_path / "out")
    assert [(row.rows, row.crop.shape) for row in confirmed] == [(("29E1", "12345"), (64, 160, 3))] * 2


def test_who_and_what_is_refused(database: Database, store: FolderStore, tmp_path: Path) -> None:
    case_with(database, store, 0, "29-E1 123.45")
    for actor in (LAN, AUDITOR):
        with pytest.raises(NotPermittedError):
            export(database, store, tmp_path / "out", actor=actor)
    with pytest.raises(BadReasonError):
        export(database, store, tmp_path / "out", reason="vì")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(BadQueryError, match="not an empty folder"):
        export(database, store, tmp_path / "full")
    assert export(database, store, tmp_path / "none", actor=replace(CHIEF, wards=("Ba Đình",))) == []


def test_the_commands_act_in_the_name_of_an_account(tmp_path: Path) -> None:
    made = install(tmp_path / "data")
    for name, role in (("chi.huy", "commander"), ("kiem.tra", "auditor")):
        add_user(made.database.sessions, name=name, password=None, role=role, subject=name)
    made.database.close()
    data = ("--reason", WHY, "--data", str(made.root))
    out = CliRunner().invoke(app, ["plates", "corrections", str(tmp_path / "out"), "--as", "chi.huy", *data])
    assert (out.exit_code, "0 ảnh" in out.output) == (0, True)
    asked = CliRunner().invoke(app, ["plates", "searches", "29-E1 123.45", "--as", "kiem.tra", *data])
    assert (asked.exit_code, asked.output) == (0, "")
    refused = CliRunner().invoke(app, ["plates", "searches", "29-E1 123.45", "--as", "chi.huy", "--reason", "x"])
    assert refused.exit_code != 0
