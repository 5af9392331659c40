"""A citizen's photo or video becomes a case of the citizens' track by an officer's eye, without saying who sent it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cases import service
from cases.citizen import reports
from cases.citizen.media import Upload, preview
from cases.citizen.promote import Seen, promote
from cases.citizen.reports import SettledBy, receive, report_form
from cases.citizen.scene import analysable, citizens_scene
from cases.faults import BadReasonError, IllegalMoveError, NotFoundError, NotPermittedError
from cases.inspection import inspect_all
from cases.lifecycle import Action, State
from cases.records import ReportState
from cases.scenes import activate, save_version
from cases.verification import verify_case
from detector.types import ObjectClass, ViolationKind
from tests.cases.builders import ADMIN, CHIEF, ELSEWHERE, LAN, MINH, NOON
from tests.cases.citizen.test_citizen import GIVEN, LARGEST, VIDEO
from tests.cases.installation import Installation, install, street_jpeg

SEEN = Seen(
    kind=ViolationKind.ILLEGAL_PARKING, vehicle=ObjectClass.CAR, file="file-1.jpg", xyxy=(610.0, 402.0, 655.0, 498.0)
)


def photo_with_name() -> bytes:
    """A photo whose metadata names its owner."""
    picture, data = Image.open(BytesIO(street_jpeg())), BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Nguyen Thi Lan"
    picture.save(data, "JPEG", exif=exif)
    return data.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for all tests: each brings its own report."""
    made = install(tmp_path_factory.mktemp("data"), cases=1)
    yield made
    made.database.close()


@pytest.fixture
def report_id(made: Installation) -> str:
    uploads = [Upload("a", [photo_with_name()]), Upload("b", [VIDEO])]
    done = receive(made.database.sessions, made.root / "citizen", form=report_form(**GIVEN), uploads=uploads,
                   largest_bytes=LARGEST, now=NOON)  # fmt: skip
    return done.report.id


def open_by_eye(made: Installation, report_id: str, seen: Seen = SEEN, actor: object = LAN) -> str:
    return promote(made.database.sessions, made.store, made.root / "citizen", report_id=report_id, seen=seen,
                   actor=actor, now=NOON)  # type: ignore[arg-type]  # fmt: skip


def test_a_photo_becomes_a_case_that_must_be_verified_and_names_no_sender(made: Installation, report_id: str) -> None:
    sessions = made.database.sessions
    case_id = open_by_eye(made, report_id)
    assert open_by_eye(made, report_id) == case_id
    case = service.get_case(sessions, case_id=case_id, actor=MINH)
    assert (case.state, case.source_kind, case.ward, case.occurred_at) == (State.NEW, "citizen", "Hoàn Kiếm", NOON)
    assert verify_case(sessions, made.store, case_id=case_id).intact
    row = reports.own_report(sessions, report_id=report_id, actor=LAN)
    assert (row.state, row.cases) == (ReportState.PROCESSED, [case_id])
    still = made.store.local_path(case.evidence_location, "during.jpg").read_bytes()
    assert Image.open(BytesIO(still)).size == (960, 540)
    everything = b"".join(path.read_bytes() for path in (made.root / "evidence").rglob("*") if path.is_file())
    assert b"Nguyen Thi Lan" not in everything
    service.claim(sessions, case_id=case_id, actor=LAN, now=NOON, lease_s=60)
    with pytest.raises(IllegalMoveError):
        service.decide(sessions, case_id=case_id, actor=LAN, action=Action.CONFIRM, reason="verified",
                       expected_version=1, now=NOON)  # fmt: skip
    report = inspect_all(sessions, made.store, trusted=made.keys.public_keys(), name="data")
    assert report.intact, report


def test_a_video_is_opened_with_the_picture_the_officer_took_of_it(made: Installation, report_id: str) -> None:
    seen = replace(SEEN, file="file-2.mp4", t_s=3.5, still=street_jpeg())
    case = service.get_case(made.database.sessions, case_id=open_by_eye(made, report_id, seen), actor=MINH)
    assert (case.start_s, case.facts["file"], case.rule_version) == (3.5, "file-2.mp4", "officer/1")


REFUSED = {
    "box outside": (replace(SEEN, xyxy=(0.0, 0.0, 2000.0, 10.0)), LAN, BadReasonError),
    "box of nothing": (replace(SEEN, xyxy=(9.0, 9.0, 9.0, 9.0)), LAN, BadReasonError),
    "no such file": (replace(SEEN, file="../file-1.jpg"), LAN, NotFoundError),
    "photo with a picture": (replace(SEEN, still=b"x"), LAN, BadReasonError),
    "video without one": (replace(SEEN, file="file-2.mp4"), LAN, BadReasonError),
    "a page": (replace(SEEN, file="file-2.mp4", still=b"<html>"), LAN, BadReasonError),
    "other ward": (SEEN, ELSEWHERE, NotFoundError),
    "administrator": (SEEN, ADMIN, NotPermittedError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_what_does_not_fit_opens_nothing(made: Installation, report_id: str, label: str) -> None:
    seen, actor, error = REFUSED[label]
    with pytest.raises(error):
        open_by_eye(made, report_id, seen, actor)
    assert reports.own_report(made.database.sessions, report_id=report_id, actor=LAN).cases == []


def test_closed_reports_come_latest_first(made: Installation) -> None:
    sessions, sent = made.database.sessions, []
    for minute in range(3):
        uploads, at = [Upload("a", [street_jpeg()])], NOON + timedelta(minutes=10 + minute)
        done = receive(sessions, made.root / "citizen", form=report_form(**GIVEN), uploads=uploads,
                       largest_bytes=LARGEST, now=at)  # fmt: skip
        reports.settle(sessions, report_id=done.report.id, actor=LAN, outcome="x", cases=(), now=NOON)
        sent.append(done.report.id)
    found = reports.list_reports(sessions, actor=LAN, state=ReportState.CLOSED, limit=2)
    assert [row.id for row in found] == sent[:0:-1]


def test_closed_reports_open_nothing_and_the_reason_is_chained(made: Installation, report_id: str) -> None:
    sessions = made.database.sessions
    how = {"report_id": report_id, "actor": LAN, "outcome": "Không đủ căn cứ", "cases": (), "now": NOON}
    reports.settle(sessions, reason=SettledBy.NO_GROUNDS, **how)  # type: ignore[arg-type]
    with pytest.raises(IllegalMoveError):
        open_by_eye(made, report_id)
    with pytest.raises(IllegalMoveError):
        analysable(sessions, report_id=report_id, actor=LAN)


def test_preview_shows_nobody(tmp_path: Path) -> None:
    path = tmp_path / "file-1.jpg"
    path.write_bytes(photo_with_name())
    with Image.open(BytesIO(preview(path))) as picture:
        assert max(picture.size) <= 320
        gray = picture.convert("L").resize((picture.width // 4, picture.height // 4))
        darks = [level for level, count in enumerate(gray.histogram()) if count]
        assert darks[-1] - darks[0] < 160  # the noise of the original is smoothed away
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    with pytest.raises(BadReasonError):
        preview(path)


def test_only_a_citizens_scene_in_force_judges_a_citizens_video(made: Installation) -> None:
    sessions = made.database.sessions
    for camera_id, source in (("PA-1", "citizen"), ("CAM-9", "device")):
        with pytest.raises(IllegalMoveError, match="no version is in force"):
            citizens_scene(sessions, actor=LAN, camera_id=camera_id)
        camera = {"id": camera_id, "name": "x", "ward": "Hoàn Kiếm", "source": source}
        zone = {"id": "a", "kind": "no_parking", "polygon": [[0, 0], [9, 0], [9, 9]]}
        raw = {"version": 1, "camera": camera, "size": [960, 540], "zones": [zone]}
        save_version(sessions, actor=CHIEF, camera_id=camera_id, raw=raw, note="", based_on=None, now=NOON)
        other = replace(CHIEF, name="chief2")
        activate(sessions, actor=other, camera_id=camera_id, number=1, now=NOON)
    assert "citizen" in citizens_scene(sessions, actor=LAN, camera_id="PA-1")
    with pytest.raises(IllegalMoveError, match="expected citizen"):
        citizens_scene(sessions, actor=LAN, camera_id="CAM-9")
