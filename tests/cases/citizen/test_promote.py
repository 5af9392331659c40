"""A citizen's photo or video becomes a case of the citizens' track by an officer's eye, without saying who sent it."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Lock

import pytest
from PIL import Image
from sqlalchemy import select

import cases.citizen.promote as promote_module
from cases import service
from cases.actor import Actor
from cases.citizen import media, reports
from cases.citizen.media import Upload, preview
from cases.citizen.promote import Seen, promote
from cases.citizen.reports import SettledBy, receive, report_form
from cases.citizen.scene import analysable, ask_analysis
from cases.database import read_transaction
from cases.faults import (
    BadReasonError,
    IllegalMoveError,
    NoSceneError,
    NotFoundError,
    NotPermittedError,
    OpenedOtherwiseError,
)
from cases.inspection import inspect_all
from cases.lifecycle import Action, State
from cases.notice.issue import document_pdf, issue
from cases.records import Case, DocumentKind, LedgerEntry, ReportState
from cases.scenes import activate, save_version
from cases.verification import verify_case
from detector.types import CaseError, ObjectClass, ViolationKind
from tests.cases.builders import ADMIN, CHIEF, ELSEWHERE, LAN, MINH, NOON
from tests.cases.citizen.test_citizen import GIVEN, LARGEST, VIDEO
from tests.cases.installation import Installation, install, street_jpeg
from tests.cases.notice.issuing import FORM, HUNG, settings_of, text_of
from tests.cases.papers import establish

SEEN = Seen(
    kind=ViolationKind.ILLEGAL_PARKING,
    vehicle=ObjectClass.CAR,
    file="file-1.jpg",
    xyxy=(610.0, 402.0, 655.0, 498.0),
    place="Trước số 12 Hàng Bài",
)


def photo_with_name() -> bytes:
    """A photo whose metadata names its owner."""
    picture, data = Image.open(BytesIO(street_jpeg())), BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Nguyen Thi Lan"
    picture.save(data, "JPEG", exif=exif, comment=b"Nguyen Thi Lan")
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
    "nobody's act": (replace(SEEN, vehicle=None), LAN, BadReasonError),
    "box of nothing": (replace(SEEN, xyxy=(9.0, 9.0, 9.0, 9.0)), LAN, BadReasonError),
    "no such file": (replace(SEEN, file="../file-1.jpg"), LAN, NotFoundError),
    "photo with a picture": (replace(SEEN, still=b"x"), LAN, BadReasonError),
    "video without one": (replace(SEEN, file="file-2.mp4"), LAN, BadReasonError),
    "a page": (replace(SEEN, file="file-2.mp4", still=b"<html>"), LAN, BadReasonError),
    "no place": (replace(SEEN, place=" \n "), LAN, BadReasonError),
    "a place too long for the database": (replace(SEEN, place="x" * 201), LAN, BadReasonError),
    "a place of control characters": (replace(SEEN, place="a\x00b"), LAN, BadReasonError),
    "other ward": (SEEN, ELSEWHERE, NotFoundError),
    "administrator": (SEEN, ADMIN, NotPermittedError),
}


@pytest.mark.parametrize("label", sorted(REFUSED))
def test_what_does_not_fit_opens_nothing(made: Installation, report_id: str, label: str) -> None:
    seen, actor, error = REFUSED[label]
    sealed = len(list(made.store.bundles()))
    with pytest.raises(error):
        open_by_eye(made, report_id, seen, actor)
    assert reports.own_report(made.database.sessions, report_id=report_id, actor=LAN).cases == []
    assert len(list(made.store.bundles())) == sealed


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


def in_force(made: Installation, camera_id: str, *, ward: str = "Hoàn Kiếm", source: str = "citizen") -> None:
    """A scene drawn by one commander and put in force by another."""
    camera = {"id": camera_id, "name": "x", "ward": ward, "source": source}
    zone = {"id": "a", "kind": "no_parking", "polygon": [[0, 0], [9, 0], [9, 9]]}
    raw = {"version": 1, "camera": camera, "size": [960, 540], "zones": [zone]}
    sessions = made.database.sessions
    save_version(sessions, actor=CHIEF, camera_id=camera_id, raw=raw, note="", based_on=None, now=NOON)
    activate(sessions, actor=replace(CHIEF, name="chief2"), camera_id=camera_id, number=1, now=NOON)


def ask(made: Installation, report_id: str, scene: str) -> str:
    return ask_analysis(made.database.sessions, report_id=report_id, camera_id=scene, actor=LAN, now=NOON)


def test_a_video_is_judged_by_its_own_scene_and_who_asked_is_chained(made: Installation, report_id: str) -> None:
    with pytest.raises(NoSceneError, match="no version is in force"):
        ask(made, report_id, report_id)
    in_force(made, report_id)
    assert "citizen" in ask(made, report_id, report_id)
    with read_transaction(made.database.sessions) as session:
        entry = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(1)).one()
    told = {name: entry.details[name] for name in ("did", "id", "scene")}
    assert (entry.actor, told) == ("lan", {"did": "analysis_asked", "id": report_id, "scene": report_id})
    assert len(entry.details["scene_hash"]) == 64
    in_force(made, "PA-OTHER")
    with pytest.raises(NoSceneError, match=f"expected that of report {report_id}"):
        ask(made, report_id, "PA-OTHER")


@pytest.mark.parametrize(
    ("scene", "told"),
    [({"ward": "Ba Đình"}, r"camera\.ward is 'Ba Đình'"), ({"source": "device"}, r"camera\.source is 'device'")],
    ids=["another ward", "an approved device"],
)
def test_a_scene_that_is_not_the_reports_judges_nothing(
    made: Installation, report_id: str, scene: dict[str, str], told: str
) -> None:
    in_force(made, report_id, **scene)
    with pytest.raises(NoSceneError, match=told):
        ask(made, report_id, report_id)


def confirm(made: Installation, case_id: str, actor: Actor) -> State:
    """Take the case, verify it where it is new, and confirm; the state it then has."""
    sessions = made.database.sessions
    for action, reason in ((Action.CHECK, "on_site"), (Action.CONFIRM, "verified")):
        case = service.get_case(sessions, case_id=case_id, actor=actor)
        if action is Action.CHECK and case.state is not State.NEW:
            continue
        service.claim(sessions, case_id=case_id, actor=actor, now=NOON, lease_s=60)
        service.decide(sessions, case_id=case_id, actor=actor, action=action, reason=reason,
                       expected_version=case.version, now=NOON)  # fmt: skip
    return service.get_case(sessions, case_id=case_id, actor=actor).state


@pytest.mark.parametrize(("first", "second"), [(LAN, MINH), (MINH, LAN)], ids=["marker first", "marker second"])
def test_what_one_officer_saw_by_eye_two_must_confirm(
    made: Installation, report_id: str, first: Actor, second: Actor
) -> None:
    case_id = open_by_eye(made, report_id)
    case = service.get_case(made.database.sessions, case_id=case_id, actor=LAN)
    assert (case.cannot_tell, case.facts["marked_by"]) == (["by_eye"], "lan")
    assert confirm(made, case_id, first) is State.SECOND
    with pytest.raises(IllegalMoveError, match="nothing is left to do"):
        confirm(made, case_id, first)
    assert confirm(made, case_id, second) is State.CONFIRMED


def test_papers_name_the_officers_place_and_no_report(made: Installation, report_id: str) -> None:
    case_id = open_by_eye(made, report_id, replace(SEEN, place="  Trước số 9\nĐinh Lễ "))
    for officer in (LAN, MINH):
        confirm(made, case_id, officer)
    establish(made.database, case_id, now=NOON)
    issued = issue(made.database.sessions, made.store, settings_of(made), case_id=case_id, kind=DocumentKind.NOTICE,
                   form=FORM, actor=HUNG, now=NOON)  # fmt: skip
    assert issued.document.fields["where"] == "Trước số 9 Đinh Lễ, Hoàn Kiếm"
    words = text_of(document_pdf(made.store, issued.document, signed=False))
    assert "Trướcsố9ĐinhLễ" in words and "Saisốđồnghồ" in words
    assert report_id not in words and str(GIVEN["place"]).replace(" ", "") not in words
    assert report_id not in json.dumps(issued.document.fields)


OTHERWISE = {
    "another vehicle": {"vehicle": ObjectClass.TRUCK},
    "another place": {"place": "14 Hàng Bài"},
}


@pytest.mark.parametrize("label", sorted(OTHERWISE))
def test_a_second_marking_that_says_something_else_is_refused(made: Installation, report_id: str, label: str) -> None:
    case_id = open_by_eye(made, report_id)
    with pytest.raises(OpenedOtherwiseError, match=case_id):
        open_by_eye(made, report_id, replace(SEEN, **OTHERWISE[label]))  # type: ignore[arg-type]


def test_case_and_report_stand_or_fall_together(
    made: Installation, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = made.database.sessions

    def closed_meanwhile(row: object, name: str) -> object:
        reports.settle(sessions, report_id=report_id, actor=CHIEF, outcome="x", cases=(), now=NOON)
        return source(row, name)

    source = promote_module._source
    monkeypatch.setattr(promote_module, "_source", closed_meanwhile)
    with pytest.raises(IllegalMoveError, match="closed"):
        open_by_eye(made, report_id)
    with read_transaction(sessions) as session:
        assert session.scalars(select(Case).where(Case.camera_id == report_id)).all() == []
    assert reports.own_report(sessions, report_id=report_id, actor=LAN).cases == []
    with pytest.raises(IllegalMoveError, match="closed"):
        reports.link_cases(sessions, report_id=report_id, cases=made.case_ids[:1], now=NOON, by="lan")
    row = reports.link_cases(sessions, report_id=report_id, cases=made.case_ids[:1], now=NOON)
    assert row.cases == list(made.case_ids[:1])


def test_evidence_sealed_before_a_failure_serves_the_same_again_and_nothing_else(
    made: Installation, report_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise CaseError("the database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(promote_module, "open_case", failing)
        with pytest.raises(CaseError, match="locked"):
            open_by_eye(made, report_id)
    sealed = len(list(made.store.bundles()))
    for change in OTHERWISE.values():
        with pytest.raises(OpenedOtherwiseError, match="sealed without a case"):
            open_by_eye(made, report_id, replace(SEEN, **change))  # type: ignore[arg-type]
    case_id = open_by_eye(made, report_id)
    assert verify_case(made.database.sessions, made.store, case_id=case_id).intact
    assert len(list(made.store.bundles())) == sealed


def png(width: int, height: int, mode: str = "1") -> bytes:
    data = BytesIO()
    Image.new(mode, (width, height)).save(data, "PNG")
    return data.getvalue()


def jpeg(width: int, height: int, *, progressive: bool = False) -> bytes:
    data = BytesIO()
    Image.new("L", (width, height), 90).save(data, "JPEG", progressive=progressive)
    return data.getvalue()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: png(4001, 4000), "at most 16 megapixels"),
        (lambda: jpeg(4001, 4000, progressive=True), "at most 16 megapixels"),
        (lambda: jpeg(8001, 7500), "at most 60 megapixels"),
        (lambda: street_jpeg()[:200], "cannot be read"),
    ],
    ids=["PNG", "progressive", "JPEG", "broken"],
)
def test_a_photo_that_could_not_be_shown_is_refused_when_it_is_sent(
    made: Installation, make: Callable[[], bytes], told: str
) -> None:
    with pytest.raises(BadReasonError, match=told):
        receive(made.database.sessions, made.root / "citizen", form=report_form(**GIVEN),
                uploads=[Upload("a", [make()])], largest_bytes=1 << 26, now=NOON)  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [lambda: jpeg(8000, 7500), lambda: png(4000, 4000), lambda: png(90, 60, "I;16"), lambda: png(90, 60, "P"),
     lambda: png(90, 60, "LA")],
    ids=["large JPEG", "large PNG", "16 bit", "palette", "transparent"],
)  # fmt: skip
def test_every_photo_that_was_taken_has_a_preview(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "photo"
    path.write_bytes(make())
    with Image.open(BytesIO(preview(path))) as picture:
        assert (max(picture.size) <= 320, picture.format) == (True, "JPEG")


def test_previews_asked_at_once_are_decoded_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path in paths:
        path.write_bytes(png(400, 300, "RGB"))
    within, most, seen, decode = [0], [0], Lock(), media._upright

    def counted(source: Path | bytes, *, within_px: int | None = None) -> Image.Image:
        with seen:
            within[0] += 1
            most[0] = max(most[0], within[0])
        time.sleep(0.05)
        try:
            return decode(source, within_px=within_px)
        finally:
            with seen:
                within[0] -= 1

    monkeypatch.setattr(media, "_upright", counted)
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(preview, paths))) == 4
    assert most == [1]
